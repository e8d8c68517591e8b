"""Step decay: a tenth of the rate, now and then.

After every `every` epochs the rate is multiplied by `factor`. The oldest schedule of deep
learning, and easy to read in a curve: the loss falls at each step. Where the steps should lie
hangs on the length of the training, so a step that comes after its end changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from hikaku.study.card import Card, Fraction, PositiveCount
from hikaku.techniques.slots import History, Moment

CARD = Card(
    slot="schedule",
    family="schedule",
    claim="Large steps first and small ones later reach lower losses than one rate.",
    formula="rate = factor^⌊epoch / every⌋",
    paper="He et al. 2016, Deep Residual Learning for Image Recognition, CVPR, "
    "arXiv:1512.03385 (rate / 10 at plateaus)",
    year=2016,
    helps="Long trainings of convolutional networks under SGD.",
    hurts="Short ones, whose end comes before the first step.",
    cost="None.",
    pitfalls="`every` counts epochs: with another batch size it is another number of updates.",
    off={"factor": 1.0},
)


@dataclass(frozen=True)
class Step:
    """Multiply the rate by `factor` after every `every` epochs."""

    every: PositiveCount = 30
    factor: Fraction = 0.1

    def rate(self, moment: Moment, history: History) -> float | Tensor:
        """Return the factor of this update."""
        return _power(self.factor, moment.epoch // self.every)


def _power(factor: float | Tensor, times: int) -> float | Tensor:
    """Return factor · factor · …: a power of a lone number and of a stack would differ."""
    found: float | Tensor = 1.0
    for _ in range(times):
        found = found * factor
    return found
