"""Early stopping: end when the validation score no longer improves.

A network first learns what is common to all data and later the accidents of the train split; the
validation score turns where the second begins. An evaluation improves where the score beats the
best so far by more than `min_delta`. Training ends at the `patience`-th evaluation in a row that
does not, never at the first of all. With `restore` the trial ends with the weights of the best
evaluation, whether it was stopped or ran to its end; without, with those of the last one, which
are by construction worse. With a `baseline`, only improvements that beat the baseline too start
the count anew. These are the rules of Keras' callback of the same name (there, patience 0 is 1),
but that a score of NaN is never an improvement, and is never the best.

The best of many noisy scores is too good to be true, the more so the noisier they are: judge on
the test split. Arms that stop early also train less: the cost column tells.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, cast

import torch
from torch import Tensor

from hikaku.errors import StudyError
from hikaku.study.card import Card, Flag, MaybeReal, NonNegative, PositiveCount, Word
from hikaku.study.metrics import METRICS
from hikaku.techniques.parts import number
from hikaku.techniques.slots import Tensors, Tree
from hikaku.words import message

CARD = Card(
    slot="stopping",
    family="stopping",
    claim="Stopping at the best validation score prevents over-fitting and saves time.",
    formula="stop when `patience` evaluations in a row bring no score better by min_delta",
    paper="Prechelt 1998, Early Stopping — But When?, Neural Networks: Tricks of the Trade, "
    "Springer",
    year=1998,
    helps="Networks that over-fit in the course of a long training.",
    hurts="Noisy or plateauing scores with little patience; schedules that lower the rate late.",
    cost="One copy of the weights; saves the epochs that are not trained.",
    pitfalls="Patience counts evaluations, not epochs. Needs a validation split of some size.",
    twin="hikaku.reference.stopping:EarlyStopping",
)


@dataclass(frozen=True)
class EarlyStopping:
    """Stop after `patience` evaluations without a better score; `restore` the best weights.

    `monitor` names a split and a metric of the evaluations: "validation accuracy". `mode` "auto"
    knows which way of a standing metric is better; a metric of your own needs "min" or "max".
    """

    monitor: Word = "validation loss"
    min_delta: NonNegative = 0.0
    patience: PositiveCount = 10
    mode: Literal["auto", "min", "max"] = "auto"
    baseline: MaybeReal = None
    restore: Flag = True

    def init(self, weights: Tensors) -> Tree:
        """Return the state before the first evaluation: no score yet is the best."""
        return {
            "best": number(float("inf"), weights),
            "waited": number(0.0, weights),
            "seen": number(0.0, weights),
            "kept": {name: value.clone() for name, value in weights.items()}
            if self.restore
            else {},
        }

    def fold(
        self, state: Tree, scores: Mapping[str, Tensor], weights: Tensors
    ) -> tuple[Tree, Tensor]:
        """Return the state after this evaluation, and a 0-d bool: stop now.

        Raises `StudyError` where no score has the name `monitor`, or where "auto" does not know
        which way of it is better.
        """
        best, waited, seen = (cast(Tensor, state[name]) for name in ("best", "waited", "seen"))
        kept = cast(Tensors, state["kept"])
        score = self._cost(scores).to(best.dtype)
        better = score + self.min_delta < best
        restart = better
        if self.baseline is not None:
            restart = better & (score + self.min_delta < self._sign * self.baseline)
        waited = torch.where(restart, 0.0, waited + 1)
        keep = better | (seen == 0)
        new: Tree = {
            "best": torch.where(better, score, best),
            "waited": waited,
            "seen": seen + 1,
            "kept": {name: torch.where(keep, weights[name], value) for name, value in kept.items()},
        }
        return new, ~better & (waited >= self.patience) & (seen > 0)

    def finish(self, state: Tree, weights: Tensors) -> Tensors:
        """Return the best weights where `restore` is true, else `weights`, the last ones."""
        return cast(Tensors, state["kept"]) if self.restore else weights

    def _cost(self, scores: Mapping[str, Tensor]) -> Tensor:
        if self.monitor not in scores:
            raise StudyError.of(
                message("early-stopping: there is no score {name}", name=self.monitor),
                mend=message("choose one of: {names}", names=", ".join(scores)),
            )
        return self._sign * scores[self.monitor]

    @property
    def _sign(self) -> float:
        """1 where a lower score is better, -1 where a higher one is."""
        if self.mode != "auto":
            return -1.0 if self.mode == "max" else 1.0
        metric = self.monitor.partition(" ")[2]
        if metric in METRICS:
            return -1.0 if METRICS[metric].better == "higher" else 1.0
        raise StudyError.of(
            message(
                "early-stopping: which way of {name} is better is not known", name=self.monitor
            ),
            mend=message('write mode = "min" or mode = "max"'),
        )
