"""One cycle: up to a very high rate, and down to almost none.

The rate climbs from 1/`divide` of lr along half a cosine to lr itself, after the share `climb` of
the training, and falls to 1/`divide`/`end` at its end. `lr` is then the *highest* rate, several
times what a constant one could be. The paper also moves the momentum the other way; this one
leaves it as it is.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from torch import Tensor

from hikaku.study.card import Card, StaticFraction, StaticPositive
from hikaku.techniques.slots import History, Moment

CARD = Card(
    slot="schedule",
    family="schedule",
    claim="One climb to a very high rate and one fall train in far fewer epochs.",
    formula="half a cosine from 1/divide to 1 until progress = climb, then one to 1/(divide·end)",
    paper="Smith & Topin 2018, Super-Convergence: Very Fast Training of Neural Networks Using "
    "Large Learning Rates, arXiv:1708.07120",
    year=2018,
    helps="Short trainings of convolutional networks with batch norm.",
    hurts="Networks that cannot stand the high rate in the middle.",
    cost="None.",
    pitfalls="lr is the peak; the momentum's own cycle is not made.",
)


@dataclass(frozen=True)
class OneCycle:
    """Climb from 1/`divide` to 1 and fall to 1/(`divide` · `end`), along half cosines."""

    climb: StaticFraction = 0.3
    divide: StaticPositive = 25.0
    end: StaticPositive = 1e4

    def rate(self, moment: Moment, history: History) -> float | Tensor:
        """Return the factor of this update."""
        low, last, at = 1 / self.divide, 1 / (self.divide * self.end), moment.progress
        if at < self.climb:
            return _between(low, 1.0, at / self.climb)
        return _between(1.0, last, (at - self.climb) / (1 - self.climb))


def _between(first: float, last: float, share: float) -> float:
    """Return what lies on half a cosine from one value to the other."""
    return last + (first - last) * 0.5 * (1 + math.cos(math.pi * share))
