"""SELU: an activation that keeps mean and spread by itself.

A scaled ELU whose two constants are chosen so that outputs of mean 0 and spread 1 stay so from
layer to layer. It holds only for dense layers with LeCun's first weights (normal of variance 1/n)
and alpha dropout: a bundle, not a single change.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import nn

from hikaku.models.sites import Sites
from hikaku.models.surgery import Surgery
from hikaku.study.card import Card, Patterns
from hikaku.techniques.parts import swap_activations

CARD = Card(
    slot="layers",
    family="activation",
    claim="With the right first weights, activations normalise themselves through deep networks.",
    formula="1.0507 · (x where x > 0, 1.6733 · (eˣ − 1) elsewhere)",
    paper="Klambauer et al. 2017, Self-Normalizing Neural Networks, NeurIPS, arXiv:1706.02515",
    year=2017,
    helps="Deep dense networks without normalisation.",
    hurts="Convolutional and residual networks, other first weights, ordinary dropout.",
    cost="One exponential per unit.",
    pitfalls="Belongs with xavier-normal(fan in) and alpha dropout; alone it is another "
    "activation.",
)


@dataclass(frozen=True)
class SELU:
    """Put a SELU in place of every activation, or of those that `at` names."""

    at: Patterns = ()

    def edit(self, model: Surgery, sites: Sites) -> None:
        """Ask for a SELU of its own at every chosen activation."""
        swap_activations(model, sites, self.at, lambda: nn.SELU(), "selu")
