"""PReLU: the slope of the negative side is learnt.

Where ReLU gives 0, this gives a share of the input, and the share is a parameter: one for each
activation, never shared between two, though the model may use one module twice. It starts at
`start`: .25 in the paper; .01 would be leaky ReLU's. No weight decay touches it by default, which
would pull it towards ReLU.
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
    claim="A learnt slope of the negative side fits better at no cost to speak of.",
    formula="max(0, x) + a·min(0, x), one a for each activation",
    paper="He et al. 2015, Delving Deep into Rectifiers, ICCV, arXiv:1502.01852",
    year=2015,
    helps="Deep networks, whose units may die under ReLU.",
    hurts="Few samples: one more thing to over-fit with, if a small one.",
    cost="One parameter per activation.",
    pitfalls="The paper has one slope for each channel too; here it is the shared one. He's first "
    "weights are made for a slope of 0.",
)


@dataclass(frozen=True)
class PReLU:
    """Put a PReLU of its own, whose slope begins at `start`, in place of every activation."""

    start: StaticNonNegative = 0.25
    at: Patterns = ()

    def edit(self, model: Surgery, sites: Sites) -> None:
        """Ask for a swap at every chosen activation."""
        swap_activations(model, sites, self.at, lambda: nn.PReLU(init=self.start), "prelu")
