"""Exponential moving average: evaluate a mean of the latest weights.

Training goes on as before; beside it a mean of the weights is kept, in which older ones fade, and
that mean is what is evaluated. It takes the noise of the last steps off, so it looks as if the
rate had come down already. Over the first updates the mean forgets faster ((1 + t)/(10 + t)), or
it would be made of first weights for long.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from torch import Tensor

from hikaku.study.card import Card, Share
from hikaku.techniques.parts import Number, like
from hikaku.techniques.slots import Moment, Tensors, Tree

CARD = Card(
    slot="averaging",
    family="averaging",
    claim="A mean of the latest weights is better than the last ones.",
    formula="a ← d·a + (1 − d)·w, d = min(decay, (1 + t)/(10 + t)); a is evaluated",
    paper="Polyak & Juditsky 1992, Acceleration of Stochastic Approximation by Averaging, SIAM "
    "J. Control 30; Tarvainen & Valpola 2017, arXiv:1703.01780",
    year=1992,
    helps="Noisy trainings at a rate that stays high.",
    hurts="Trainings of few updates: the mean lags behind.",
    cost="One number per weight.",
    pitfalls="`decay` belongs to a number of updates: .999 remembers about a thousand. The "
    "running figures of batch norms are not averaged: they are those of the weights in training.",
)


@dataclass(frozen=True)
class EMA:
    """Evaluate the running mean of the weights, whose older part fades by `decay` each update."""

    decay: Share = 0.999

    def init(self, params: Tensors) -> Tree:
        """Return the average before the first update: the first weights."""
        return {name: value.clone() for name, value in params.items()}

    def fold(self, average: Tree, params: Tensors, moment: Moment) -> tuple[Tree, Tensors]:
        """Return the average with these weights in it; the weights go on as they are."""
        young = (2 + moment.step) / (11 + moment.step)
        keep = _least(self.decay, young)
        return {
            name: cast(Tensor, average[name]) * like(keep, value) + value * like(1 - keep, value)
            for name, value in params.items()
        }, params

    def finish(self, average: Tree, params: Tensors) -> Tensors:
        """Return the average."""
        return {name: cast(Tensor, average[name]) for name in params}


def _least(value: Number, most: float) -> Number:
    return value.clamp(max=most) if isinstance(value, Tensor) else min(value, most)
