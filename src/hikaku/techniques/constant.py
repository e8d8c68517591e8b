"""A constant learning rate: the schedule that changes nothing.

The null technique of its slot, against which every schedule is compared. With a constant rate SGD
does not settle: it goes on wandering around a minimum at a distance that grows with the rate.
"""

from __future__ import annotations

from dataclasses import dataclass

from hikaku.study.card import Card
from hikaku.techniques.slots import History, Moment

CARD = Card(
    slot="schedule",
    family="schedule",
    claim="The reference: every update is made with the optimizer's own learning rate.",
    formula="rate = 1",
    paper="Bottou, Curtis & Nocedal 2018, Optimization Methods for Large-Scale Machine Learning, "
    "SIAM Review 60, arXiv:1606.04838 (fixed step sizes)",
    year=2018,
    helps="Short trainings, and as the reference.",
    hurts="The end of long trainings: the weights keep wandering around the minimum.",
    cost="None.",
    pitfalls="A schedule that lowers the rate is also a smaller mean rate: tune both arms' lr.",
    twin="hikaku.reference.schedules:constant",
)


@dataclass(frozen=True)
class Constant:
    """Leave the optimizer's learning rate as it is."""

    def rate(self, moment: Moment, history: History) -> float:
        """Return 1."""
        return 1.0
