"""A user's own metric, `my_metric.py:name`: one function of NumPy arrays to one number."""

from __future__ import annotations

from pathlib import Path

from hikaku.errors import StudyError
from hikaku.training.evaluate import Judge
from hikaku.user_code import module_at
from hikaku.words import message


def load(name: str, folder: str) -> Judge:
    """Return the function behind `file.py:name`, the file found from `folder`.

    It is called as `name(answers, targets)`: probabilities (n, classes) or values (n, outputs),
    and targets (n,), both NumPy; it returns one number.
    """
    file, _, function = name.rpartition(":")
    path = Path(folder) / file
    found = getattr(module_at(path), function, None)
    if not callable(found):
        raise StudyError.of(
            message("metric: {file} has no function {function}", file=file, function=function),
            where=str(path),
        )
    judge: Judge = found
    return judge
