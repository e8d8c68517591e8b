"""Hyperbolic tangent: squeeze everything into (−1, 1), around zero.

A sigmoid stretched to be odd: its outputs have mean near 0 and its slope at 0 is 1, four times the
sigmoid's, so it learns faster. Far from 0 it saturates all the same, and gradients vanish there.
Belongs with Xavier's first weights, which were derived for it.
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
    claim="Outputs around zero make it learn faster than the sigmoid.",
    formula="(eˣ − e⁻ˣ) / (eˣ + e⁻ˣ)",
    paper="LeCun, Bottou, Orr & Müller 1998, Efficient BackProp, Neural Networks: Tricks of the "
    "Trade, Springer",
    year=1998,
    helps="Shallow and recurrent networks; outputs that must be bounded.",
    hurts="Deep networks: units saturate.",
    cost="One exponential per unit.",
    pitfalls="Wants inputs of mean 0 and Xavier's first weights.",
    twin="hikaku.reference.layers:Tanh",
)


@dataclass(frozen=True)
class Tanh:
    """Put tanh in place of every activation, or of those that `at` names."""

    at: Patterns = ()

    def edit(self, model: Surgery, sites: Sites) -> None:
        """Ask for a tanh of its own at every chosen activation."""
        swap_activations(model, sites, self.at, nn.Tanh, "tanh")
