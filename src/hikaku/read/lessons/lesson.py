"""What every lesson is, and how the numbers on its command line are read."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, Protocol

from hikaku.errors import StudyError
from hikaku.present.lessons import figure
from hikaku.present.report import Report
from hikaku.words import message

LARGEST = 1_000_000
"""No size, count or seed of a lesson is larger: it is to be looked at."""


class Lesson(Protocol):
    """Something to learn by, told in a terminal, drawn, or written as JSON."""

    def report(self) -> Report:
        """Return it in words, tables and a chart."""
        ...

    def as_json(self) -> dict[str, Any]:
        """Return its numbers as plain values."""
        ...


def counted(option: str, value: int, least: int = 1, most: int = LARGEST) -> int:
    """Return a whole number from `least` to `most`. Raises `StudyError` for any other."""
    if not least <= value <= most:
        raise StudyError.of(
            message("must be from {least} to {most:,}, not {value}", least=least, most=most,
                    value=value),
            where=f"{option}:",
            mend=message("write a number in this range"),
        )  # fmt: skip  # the range and what is out of it stand together
    return value


def counts(option: str, text: str, names: str) -> tuple[int, ...]:
    """Return "1,1,4,4" as so many whole numbers as `names`, "N,C,H,W", has; each at least 1.

    Raises `StudyError` for another text.
    """
    parts = [part.strip() for part in text.split(",")]
    wanted = names.split(",")
    if len(parts) != len(wanted) or not all(part.isdecimal() for part in parts):
        raise StudyError.of(
            message("'{text}' are not {n} whole numbers", text=text[:60], n=len(wanted)),
            where=f"{option}:",
            why=message("it stands for {names}", names=names),
            mend=message("write {option} {names}, with numbers", option=option, names=names),
        )
    return tuple(counted(option, int(part[:20])) for part in parts)


def point(option: str, text: str) -> tuple[float, float]:
    """Return "-7,2" as two numbers. Raises `StudyError` for another text."""
    try:
        x, y = (float(part) for part in text.split(","))
    except ValueError:
        x = y = math.nan
    if not (math.isfinite(x) and math.isfinite(y)):
        raise StudyError.of(
            message("'{text}' are not two numbers", text=text[:60]),
            where=f"{option}:",
            mend=message("write them with a comma between, as in {option} -7,2", option=option),
        )
    return x, y


def figures(values: Iterable[float]) -> tuple[str, ...]:
    """Return numbers as a table shows them."""
    return tuple(figure(value) for value in values)


def finite(value: float) -> float | None:
    """Return the number as JSON can hold it: None where it is not finite."""
    return value if math.isfinite(value) else None
