"""What a training function or command reports: checked, gathered, and turned into `Record`s."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from hikaku.errors import StudyError
from hikaku.record import Status
from hikaku.records import Record
from hikaku.study.nearest import suggest
from hikaku.study.study import SPLITS, Metric
from hikaku.words import Message, message

LONGEST = 80
LAST_STEP = 2**63 - 1


@dataclass
class Reports:
    """Every report of one trial: the last of each figure, and the curves of those with a step.

    Handed to a training function as `report`.
    """

    last: dict[tuple[str, str], float] = field(default_factory=dict)
    curves: dict[tuple[str, str], dict[int, float]] = field(default_factory=dict)

    def __call__(
        self, split: str = "test", *, metric: str, value: float, step: int | None = None
    ) -> None:
        """Report a figure: `metric` on `split`, after `step` updates, epochs or whatever counts.

        The last value of each is judged. `value` may be any single number, also a NumPy or torch
        one. Raises `StudyError`, at the caller's line, for what is none.
        """
        caller = sys._getframe(1)
        where = f"{Path(caller.f_code.co_filename).name}:{caller.f_lineno}:"
        self.add(split, metric, value, step, where)

    def add(self, split: object, metric: object, value: object, step: object, where: str) -> None:
        """Keep one report that was made at `where`. Raises `StudyError` for what is none."""
        figure = _split(split, where), _metric(metric, where)
        number = _number(value, where)
        self.last[figure] = number
        if step is not None:
            self.curves.setdefault(figure, {})[_step(step, where)] = number

    @property
    def step(self) -> int:
        """The last step of any report, 0 where none had one."""
        return max((max(curve) for curve in self.curves.values()), default=0)

    def records(self) -> Iterator[Record]:
        """Yield every curve in the order of its steps, then the last value of each figure."""
        for (split, metric), curve in self.curves.items():
            for step, value in sorted(curve.items()):
                yield Record("curve", step, split, metric, value)
        for (split, metric), value in self.last.items():
            step = max(self.curves.get((split, metric), (0,)))
            yield Record("last", step, split, metric, value)

    def status(self, judged: Metric) -> Status:
        """Return how the trial ended by its judged figure. Raises `StudyError` if there is none."""
        figure = (judged.split, judged.name)
        if figure not in self.last:
            known = ", ".join(f"{split} {metric}" for split, metric in self.last)
            raise StudyError.of(
                message("{split} {metric} was never reported", split=figure[0], metric=figure[1]),
                why=message("reported: {names}", names=known or "-"),
                mend=message(
                    'report(split="{split}", metric="{metric}", value=…)',
                    split=figure[0],
                    metric=figure[1],
                ),
            )
        if judged.of != "last" and figure not in self.curves:
            raise StudyError.of(
                message("{metric} needs a curve, and no report had a step", metric=str(judged)),
                mend=message("report(…, step=epoch)"),
            )
        return "done" if math.isfinite(self.last[figure]) else "diverged"


def _split(given: object, where: str) -> str:
    if given in SPLITS:
        return cast(str, given)
    what = message("there is no split '{name}'.", name=str(given)[:LONGEST])
    raise StudyError.of(
        suggest(what, str(given), SPLITS),
        where=where,
        mend=message("one of: {names}", names=", ".join(SPLITS)),
    )


def _metric(given: object, where: str) -> str:
    if isinstance(given, str) and 0 < len(given) <= LONGEST and given.isprintable():
        return given
    raise _wrong("metric", message("a name of 1 to {most} letters", most=LONGEST), given, where)


def _number(given: object, where: str) -> float:
    value = _plain(given)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        try:
            return float(value)
        except OverflowError:
            pass
    raise _wrong("value", message("one number"), given, where)


def _step(given: object, where: str) -> int:
    value = _plain(given)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LAST_STEP:
        return value
    raise _wrong("step", message("a whole number >= 0"), given, where)


def _plain(given: object) -> object:
    """Return the number in a NumPy or torch value of one element; anything else as it is."""
    item: Any = getattr(given, "item", None)
    if not callable(item) or isinstance(given, (int, float)):
        return given
    try:
        return cast(object, item())
    except Exception:  # whatever a library raises for an array of many
        return given


def _wrong(name: str, wanted: Message, given: object, where: str) -> StudyError:
    what = message(
        "the {name} of a report must be {wanted}, not {given}.",
        name=name,
        wanted=wanted,
        given=f"{type(given).__name__} {str(given)[:LONGEST]}",
    )
    return StudyError.of(what, where=where)
