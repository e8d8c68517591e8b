"""ReLU: let what is positive pass, and nothing else.

Its slope is 1 wherever it is on, so gradients reach deep layers undiminished; the sigmoid's is at
most a quarter. Half of the units are off for a given input, which makes the network sparse. A unit
that is off for every input gets no gradient and stays dead: large rates and large negative biases
do that. Belongs with `he-normal`.
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
    claim="A slope of 1 lets deep networks learn where saturating activations stall.",
    formula="max(0, x)",
    paper="Nair & Hinton 2010, Rectified Linear Units Improve Restricted Boltzmann Machines, ICML",
    year=2010,
    helps="Nearly everywhere; the usual choice.",
    hurts="High learning rates without normalisation: units die.",
    cost="The cheapest of all.",
    pitfalls="The right first weights change with the activation.",
    twin="hikaku.reference.layers:ReLU",
)


@dataclass(frozen=True)
class ReLU:
    """Put ReLU in place of every activation, or of those that `at` names."""

    at: Patterns = ()

    def edit(self, model: Surgery, sites: Sites) -> None:
        """Ask for a ReLU of its own at every chosen activation."""
        swap_activations(model, sites, self.at, nn.ReLU, "relu")
