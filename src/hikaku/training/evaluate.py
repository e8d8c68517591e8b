"""Reading a model in evaluation mode: outputs of a whole split, and every metric of them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.special import softmax
from torch import Tensor
from torch.nn import functional as F

from hikaku.data.prepare import Preparation
from hikaku.record import Sheet
from hikaku.techniques.slots import Tensors
from hikaku.training import metrics
from hikaku.training.memory_format import Samples, chunked
from hikaku.training.program import Program

CHUNK, CHUNK_BY_AMX, SMALL = 256, 1024, 1 << 12
"""Samples per forward pass of a reading: what they leave behind fits into a processor's cache.

By AMX they are so quick that what each pass prepares, the weights, takes longer than that: there it
is more of them, if a sample has no more than so many numbers.
"""

Judge = Callable[[NDArray[np.float64], NDArray[np.generic]], float]
"""A user's metric: probabilities (n, classes), or values, and targets (n,) to one number."""


@dataclass(frozen=True)
class Part:
    """One split as the model sees it: `x` (n, …) and `y`, class numbers (n,) or values (n, …)."""

    x: Samples
    y: Tensor


@dataclass(frozen=True)
class Reader:
    """What is read, and how often: `curve` metrics at every evaluation, all of them at the end.

    `classes` is 0 for regression. `judges` are the user's own metrics by name, read every time.
    In regression metrics are in the units of the data, to which `preparation` leads back.
    `soft_in` is the type of targets that are shares of classes. With `batch` the last batch before
    each evaluation is read too.
    """

    classes: int
    curve: tuple[str, ...]
    end: tuple[str, ...]
    judges: tuple[tuple[str, Judge], ...] = ()
    preparation: Preparation = field(default_factory=Preparation)
    soft_in: torch.dtype = torch.float32
    batch: bool = False

    def soft(self, y: Tensor) -> Tensor:
        """Return targets as the loss wants them: class numbers become shares (n, classes)."""
        return F.one_hot(y, self.classes).to(self.soft_in) if self.classes else y

    def outputs(self, program: Program, weights: Tensors, part: Part) -> NDArray[np.float64]:
        """Return the model's outputs on a split, (n, outputs), without gradients."""
        is_quick = program.kernels == "amx" and _numbers_of(part.x) <= SMALL
        size = CHUNK_BY_AMX if is_quick else CHUNK
        with torch.no_grad(), program.outside_of_reading():
            chunks = [program.predict(weights, x) for x in chunked(part.x, size)]
        found: NDArray[np.float64] = torch.cat(chunks).cpu().to(torch.float64).numpy()
        return found

    def values(self, outputs: NDArray[np.float64], part: Part) -> dict[str, float]:
        """Return the metrics of an evaluation on the way."""
        return self._metrics(outputs, part, self.curve)

    def final(self, outputs: NDArray[np.float64], part: Part) -> dict[str, float]:
        """Return the metrics of the reading at the end."""
        return self._metrics(outputs, part, self.end)

    def sheets(self, outputs: NDArray[np.float64], part: Part) -> tuple[Sheet, ...]:
        """Return the confusion matrix and the correctness of every example; none in regression."""
        if not self.classes:
            return ()
        targets = part.y.cpu().numpy()
        right = outputs.argmax(1) == targets
        return (Sheet("confusion", metrics.confusion(outputs, targets)), Sheet("correct", right))

    def _metrics(
        self, outputs: NDArray[np.float64], part: Part, names: tuple[str, ...]
    ) -> dict[str, float]:
        targets = part.y.cpu().numpy()
        if self.classes:
            found = metrics.classification(outputs, targets, names)
        else:
            outputs = self.preparation.values(outputs)
            targets = self.preparation.values(targets.astype(np.float64))
            found = metrics.regression(outputs, targets, names)
        answers = softmax(outputs, axis=1) if self.classes and self.judges else outputs
        # A metric of the user's may write into what it is given; the labels are ours to keep.
        return found | {
            name: float(judge(answers.copy(), targets.copy())) for name, judge in self.judges
        }


def _numbers_of(x: Samples) -> int:
    """Return how many numbers a sample has."""
    if isinstance(x, dict):
        return sum(_numbers_of(one) for one in x.values())
    return math.prod(x.shape[1:])
