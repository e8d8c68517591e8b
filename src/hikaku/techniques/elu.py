"""ELU: a ReLU whose negative side is a saturating exponential.

Negative inputs give values down to −`alpha`, so the mean output of a layer is nearer to zero than
with ReLU, which works a little like a norm. The curve is smooth at 0 when `alpha` is 1.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import nn

from hikaku.models.sites import Sites
from hikaku.models.surgery import Surgery
from hikaku.study.card import Card, Patterns, StaticPositive
from hikaku.techniques.parts import swap_activations

CARD = Card(
    slot="layers",
    family="activation",
    claim="Smooth negative outputs bring the mean activation near zero and speed learning.",
    formula="x where x > 0, alpha · (eˣ − 1) elsewhere",
    paper="Clevert, Unterthiner & Hochreiter 2016, Fast and Accurate Deep Network Learning by "
    "Exponential Linear Units, ICLR, arXiv:1511.07289",
    year=2016,
    helps="Deep networks without normalisation.",
    hurts="Time on CPU; beside batch norm there is little left to gain.",
    cost="One exponential per unit.",
    pitfalls="He's init belongs to ReLU: check the gain anew.",
)


@dataclass(frozen=True)
class ELU:
    """Put an ELU in place of every activation, or of those that `at` names."""

    alpha: StaticPositive = 1.0
    at: Patterns = ()

    def edit(self, model: Surgery, sites: Sites) -> None:
        """Ask for an ELU of its own at every chosen activation."""
        swap_activations(model, sites, self.at, lambda: nn.ELU(self.alpha), "elu")
