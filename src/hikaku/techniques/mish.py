"""Mish: a self-gated activation, smoother still than SiLU.

x · tanh(softplus(x)): close to SiLU, with a slightly deeper dip below zero. The differences
between the two are often smaller than those between seeds.
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
    claim="A smooth, non-monotonic gate improves accuracy over ReLU and SiLU.",
    formula="x · tanh(log(1 + eˣ))",
    paper="Misra 2020, Mish: A Self Regularized Non-Monotonic Activation Function, BMVC, "
    "arXiv:1908.08681",
    year=2020,
    helps="Deep convolutional networks, detectors.",
    hurts="Time: it is the slowest of its kind on CPU.",
    cost="An exponential, a logarithm and a tanh per unit.",
    pitfalls="Claims rest on few seeds: compare for yourself.",
)


@dataclass(frozen=True)
class Mish:
    """Put a Mish in place of every activation, or of those that `at` names."""

    at: Patterns = ()

    def edit(self, model: Surgery, sites: Sites) -> None:
        """Ask for a Mish of its own at every chosen activation."""
        swap_activations(model, sites, self.at, lambda: nn.Mish(), "mish")
