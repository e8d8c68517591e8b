"""Exponential decay: every epoch a little less.

The rate is multiplied by `factor` at each epoch, or at each update by the root of it that makes
the same of an epoch. It falls fast first and never ends, so nothing has to be known of the length
of the training, and nothing fits it either.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from torch import Tensor

from hikaku.study.card import Card, StaticFraction
from hikaku.techniques.slots import History, Moment

CARD = Card(
    slot="schedule",
    family="schedule",
    claim="A rate that falls by a constant share needs no knowledge of the training's length.",
    formula="rate = factor^epoch, or factor^(step / updates per epoch)",
    paper="Bottou 2012, Stochastic Gradient Descent Tricks, Neural Networks: Tricks of the "
    "Trade, Springer",
    year=2012,
    helps="Online learning, trainings of unknown length.",
    hurts="Where the end is known: cosine or linear decay use it.",
    cost="None.",
    pitfalls="TensorFlow writes decay_rate per decay_steps updates: turn it into a factor an "
    "epoch.",
    off={"factor": 1.0},
)


@dataclass(frozen=True)
class Exponential:
    """Multiply the rate by `factor` once an epoch, or evenly over its updates."""

    factor: StaticFraction = 0.95
    every: Literal["update", "epoch"] = "epoch"

    def rate(self, moment: Moment, history: History) -> float | Tensor:
        """Return the factor of this update."""
        if self.every == "epoch":
            return self.factor**moment.epoch
        return float(self.factor ** (moment.step / moment.facts.steps_per_epoch))
