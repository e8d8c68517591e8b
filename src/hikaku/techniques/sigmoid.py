"""Sigmoid: squeeze everything into (0, 1).

The activation of the first networks, like a neuron's firing rate. Its slope y·(1 − y) is at most
.25, so through each layer the gradient shrinks to a quarter or less: deep networks hardly learn.
Its outputs are never negative, which makes the next layer's gradients all push one way. Here to
show what later activations mended.
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
    claim="A smooth, bounded unit; the historical reference.",
    formula="1 / (1 + e⁻ˣ)",
    paper="Rumelhart, Hinton & Williams 1986, Learning representations by back-propagating "
    "errors, Nature 323",
    year=1986,
    helps="Shallow networks; wherever an output must lie between 0 and 1.",
    hurts="Deep networks: gradients vanish.",
    cost="One exponential per unit.",
    pitfalls="Wants Xavier's first weights, not He's: large ones saturate it from the start.",
    twin="hikaku.reference.layers:Sigmoid",
)


@dataclass(frozen=True)
class Sigmoid:
    """Put the sigmoid in place of every activation, or of those that `at` names."""

    at: Patterns = ()

    def edit(self, model: Surgery, sites: Sites) -> None:
        """Ask for a sigmoid of its own at every chosen activation."""
        swap_activations(model, sites, self.at, nn.Sigmoid, "sigmoid")
