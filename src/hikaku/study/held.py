"""What is live and cannot travel: kept for this process, under a mark that stands in a file.

Such a model has no text that a key could hash, and no worker can make it. So its file asks this
process for it, and training it runs here.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import Any

from hikaku.errors import StudyError
from hikaku.words import Message, message

_HELD: dict[str, tuple[Any, Message]] = {}
# Kept until the process ends: a study that was made may be run at any time, and again.


def hold(value: Any, why: Message) -> str:
    """Keep `value` for this process and return its mark, which no other call ever gives."""
    mark = secrets.token_hex(6)
    _HELD[mark] = (value, why)
    return mark


def held(mark: str) -> Any:
    """Return what was kept under this mark. Raises `StudyError` in any other process."""
    if mark not in _HELD:
        raise StudyError.of(
            message("this lives only in the Python process that made it, and that has ended"),
            why=message("it could not be written into a file"),
            mend=message("make the study again, or put the class into a file of its own"),
        )
    return _HELD[mark][0]


def whys(references: Iterable[str]) -> tuple[Message, ...]:
    """Return why training must run in this process, for each of these that does not travel."""
    found = (
        message(
            "{name} cannot travel to worker processes: {why}; so it trains in this one, one trial "
            "after the other, and no later session uses its results again",
            name=reference.rpartition(":")[2],
            why=why,
        )
        for reference in references
        for mark, (_, why) in _HELD.items()
        if f"-{mark}.py:" in reference
    )
    return tuple(dict.fromkeys(found))
