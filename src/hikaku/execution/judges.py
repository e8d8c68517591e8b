"""A user's own metric, `my_metric.py:name`: one function of NumPy arrays to one number."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hikaku.errors import StudyError
from hikaku.training.evaluate import Judge
from hikaku.user_code import line_of, module_at, said
from hikaku.words import message


def load(name: str, folder: str) -> Judge:
    """Return the function behind `file.py:name`, the file found from `folder`.

    It is called as `name(answers, targets)`: probabilities (n, classes) or values (n, outputs),
    and targets (n,), both NumPy; it returns one number. What it does wrong is a `StudyError`.
    """
    file, _, function = name.rpartition(":")
    path = Path(folder) / file
    found = getattr(module_at(path), function, None)
    if not callable(found):
        raise StudyError.of(
            message("metric: {file} has no function {function}", file=file, function=function),
            where=str(path),
        )
    return Own(name, found)


@dataclass(frozen=True)
class Own:
    """A metric of the user's; whatever goes wrong in it is told under its name."""

    name: str
    function: Callable[[Any, Any], Any]

    def __call__(self, answers: NDArray[np.float64], targets: NDArray[np.generic]) -> float:
        """Return the metric's number."""
        try:
            found = self.function(answers, targets)
        except Exception as error:  # whatever somebody's function raises
            raise StudyError.of(
                message("metric: {name} failed: {error}", name=self.name, error=said(error)),
                where=line_of(error),
                why=message(
                    "it was given answers {answers} and targets {targets}",
                    answers=answers.shape,
                    targets=targets.shape,
                ),
            ) from error
        number = np.asarray(found)
        if number.ndim or number.dtype.kind not in "biuf":
            raise StudyError.of(
                message(
                    "metric: {name} must return one number, not {kind} of shape {shape}",
                    name=self.name,
                    kind=type(found).__name__,
                    shape=number.shape,
                )
            )
        return float(number)
