"""Cosine decay: half a wave from the full rate to the end.

Flat at first, steep in the middle, flat again while the weights settle, down to `floor` at the end
of the planned training. `warmup-cosine` begins with a climb.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from torch import Tensor

from hikaku.study.card import Card, Fraction
from hikaku.techniques.slots import History, Moment

CARD = Card(
    slot="schedule",
    family="schedule",
    claim="A slow landing reaches better weights than a constant rate or steps.",
    formula="rate = floor + (1−floor)·½(1 + cos π·progress)",
    paper="Loshchilov & Hutter 2017, SGDR: Stochastic Gradient Descent with Warm Restarts, "
    "ICLR, arXiv:1608.03983",
    year=2017,
    helps="Trainings whose length is known.",
    hurts="Trainings that are cut short: the rate has not come down yet.",
    cost="None.",
    pitfalls="The mean rate is half of lr: tune lr in both arms.",
    off={"floor": 1.0},
)


@dataclass(frozen=True)
class Cosine:
    """Fall along half a cosine from 1 to `floor` at the end of the planned training."""

    floor: Fraction = 0.0

    def rate(self, moment: Moment, history: History) -> float | Tensor:
        """Return the factor of this update."""
        fall = 0.5 * (1 + math.cos(math.pi * moment.progress))
        return self.floor + (1 - self.floor) * fall
