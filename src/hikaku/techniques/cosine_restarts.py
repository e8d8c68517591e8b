"""Cosine with warm restarts: settle, start again, settle for longer.

The rate falls along half a cosine over `first` epochs, jumps back to 1, and falls again over a
period `growth` times as long. Each low point is a usable model, so the length of the training need
not be known; right after a jump the network is worse for a while.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from torch import Tensor

from hikaku.study.card import Card, Fraction, PositiveCount
from hikaku.techniques.slots import History, Moment

CARD = Card(
    slot="schedule",
    family="schedule",
    claim="Restarts leave bad minima and give good models on the way.",
    formula="floor + (1−floor)·½(1 + cos π·t/P), P = first·growthⁿ epochs in the n-th period",
    paper="Loshchilov & Hutter 2017, SGDR: Stochastic Gradient Descent with Warm Restarts, "
    "ICLR, arXiv:1608.03983",
    year=2017,
    helps="Trainings of unknown length; ensembles of snapshots.",
    hurts="A training that ends right after a restart.",
    cost="None.",
    pitfalls="Choose the length so that the end is the end of a period.",
    off={"floor": 1.0},
)


@dataclass(frozen=True)
class CosineRestarts:
    """Fall along half a cosine again and again, each time `growth` times as slowly."""

    first: PositiveCount = 10
    growth: PositiveCount = 1
    floor: Fraction = 0.0

    def rate(self, moment: Moment, history: History) -> float | Tensor:
        """Return the factor of this update."""
        fall = 0.5 * (1 + math.cos(math.pi * self._done(moment)))
        return self.floor + (1 - self.floor) * fall

    def _done(self, moment: Moment) -> float:
        """Return the share of the present period that is done."""
        at, period = moment.step / moment.facts.steps_per_epoch, self.first
        while at >= period:
            at, period = at - period, period * self.growth
        return at / period
