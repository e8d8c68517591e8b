"""Linear decay: the same amount less at every update, down to zero at the end.

As good as the cosine in most comparisons, with nothing to set. Every update still counts: the last
one is made with the share of one step.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from hikaku.study.card import Card
from hikaku.techniques.slots import History, Moment

CARD = Card(
    slot="schedule",
    family="schedule",
    claim="A straight line to zero does as well as any shaped schedule.",
    formula="rate = 1 − progress",
    paper="Defazio et al. 2023, Optimal Linear Decay Learning Rate Schedules and Further "
    "Refinements, arXiv:2310.07831",
    year=2023,
    helps="Trainings whose length is known.",
    hurts="Trainings that are cut short.",
    cost="None.",
    pitfalls="The mean rate is half of lr: tune lr in both arms.",
)


@dataclass(frozen=True)
class LinearToZero:
    """Fall in a line from 1 to 0 at the end of the planned training."""

    def rate(self, moment: Moment, history: History) -> float | Tensor:
        """Return the factor of this update."""
        return 1 - moment.progress
