"""Reduce on plateau: a smaller rate when the score stands still.

When the watched score has not become better for more than `patience` evaluations, the rate is
multiplied by `factor`; then `cooldown` evaluations are not counted. Better means by more than
`threshold`: of the best score so far, or as a number where `threshold_mode` is "absolute". It looks
at the evaluations so far, so it reacts to the training instead of a plan. Watching the validation
loss is a choice made by that set: a small one, like early stopping's.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from torch import Tensor

from hikaku.errors import StudyError
from hikaku.study.card import Card, Count, StaticFraction, StaticNonNegative, Word
from hikaku.study.metrics import METRICS
from hikaku.techniques.slots import History, Moment
from hikaku.words import message

CARD = Card(
    slot="schedule",
    family="schedule",
    claim="Lowering the rate when progress stops spares a plan of the rates.",
    formula="rate ← max(factor·rate, floor) at the evaluation number patience + 1 without "
    "s < best − threshold·|best|, or s < best − threshold",
    paper="PyTorch's ReduceLROnPlateau, whose rule it is; Bengio 2012, Practical "
    "Recommendations for Gradient-Based Training of Deep Architectures, arXiv:1206.5533",
    year=2012,
    helps="Trainings whose right length and rates are unknown.",
    hurts="Noisy validation sets: it cuts by chance.",
    cost="None beyond the evaluations.",
    pitfalls="Keras reduces one evaluation earlier, and its min_delta is absolute: its patience 10 "
    'is 9 here, with threshold_mode = "absolute". Its cooldown is one more than this one.',
    off={"factor": 1.0},
)


@dataclass(frozen=True)
class ReduceOnPlateau:
    """Multiply the rate by `factor` after more than `patience` looks without a better `monitor`."""

    monitor: Word = "validation loss"
    factor: StaticFraction = 0.1
    patience: Count = 10
    threshold: StaticNonNegative = 1e-4
    cooldown: Count = 0
    floor: StaticFraction = 0.0
    threshold_mode: Literal["relative", "absolute"] = "relative"

    def rate(self, moment: Moment, history: History) -> float | Tensor:
        """Return the factor after the evaluations so far.

        Raises `StudyError` where no score has the name `monitor`.
        """
        scores = history.scores
        if scores and self.monitor not in scores:
            raise StudyError.of(
                message("reduce-on-plateau: there is no score {name}", name=self.monitor),
                mend=message("choose one of: {names}", names=", ".join(scores)),
            )
        rate, best, waited, resting = 1.0, math.inf, 0, 0
        for score in (self._sign * one for one in scores.get(self.monitor, ())):
            is_better = score < best - self._least(best) if best < math.inf else True
            best, waited = (score, 0) if is_better else (best, waited + 1)
            if resting:
                resting, waited = resting - 1, 0
            if waited > self.patience:
                rate = max(rate * self.factor, self.floor)
                resting, waited = self.cooldown, 0
        return rate

    def _least(self, best: float) -> float:
        """Return by how much a score must be better than the best one."""
        return self.threshold * (abs(best) if self.threshold_mode == "relative" else 1.0)

    @property
    def _sign(self) -> float:
        """1 where a lower score is better, -1 where a higher one is."""
        metric = METRICS.get(self.monitor.partition(" ")[2])
        return -1.0 if metric and metric.better == "higher" else 1.0
