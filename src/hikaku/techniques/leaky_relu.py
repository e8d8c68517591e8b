"""Leaky ReLU: a ReLU that never quite closes.

For negative inputs a small `slope` remains instead of 0, so a unit that is off still gets a
gradient and can come back. With `slope` 0 it is ReLU, with 1 no activation at all.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import nn

from hikaku.models.sites import Sites
from hikaku.models.surgery import Surgery
from hikaku.study.card import Card, Patterns, StaticNonNegative
from hikaku.techniques.parts import swap_activations

CARD = Card(
    slot="layers",
    family="activation",
    claim="A small slope for negative inputs keeps units from dying.",
    formula="x where x > 0, slope · x elsewhere",
    paper="Maas, Hannun & Ng 2013, Rectifier Nonlinearities Improve Neural Network Acoustic "
    "Models, ICML",
    year=2013,
    helps="Where many ReLU units are dead: high learning rates, no normalisation.",
    hurts="Seldom; the difference is often too small to see.",
    cost="That of ReLU.",
    pitfalls="The default slope is .01 in PyTorch, .2 or .3 elsewhere.",
    twin="hikaku.reference.layers:LeakyReLU",
)


@dataclass(frozen=True)
class LeakyReLU:
    """Put a leaky ReLU in place of every activation, or of those that `at` names."""

    slope: StaticNonNegative = 0.01
    at: Patterns = ()

    def edit(self, model: Surgery, sites: Sites) -> None:
        """Ask for a leaky ReLU of its own at every chosen activation."""
        swap_activations(model, sites, self.at, lambda: nn.LeakyReLU(self.slope), "leaky-relu")
