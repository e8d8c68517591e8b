"""`Live`: how far a run is, in a file beside the database, for whoever looks on.

One small file is written again every few seconds, and removed when the run ends. Nothing depends
on it: it is not flushed, a full disk may cut it off, and a killed run leaves it behind, which is
seen from its age. No row of the database is spent on it, so that looking on changes nothing there.
"""

from __future__ import annotations

import json
import math
import os
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hikaku.durable import PART
from hikaku.store.address import OWN_FILE
from hikaku.store.faults import NONSENSE

FRESH_SECONDS = 15.0
"""A run writes at least twice as often, but where it trains in its own process it may be busy."""
LARGEST = 4 * 2**20
"""Bytes. A run of a thousand trials at once writes a third of it."""
MOST_UPDATES, HIGHEST = 2**53, 1e300
"""What is beyond was written by no run, and is not to be reckoned with."""
Curves = dict[str, tuple[tuple[int, float], ...]]
"""By split and metric ("validation loss"), the (update, value) of each evaluation, thinned."""


@dataclass(frozen=True)
class Flight:
    """A trial on its way: so many of its updates are made, of which an epoch has `per_epoch`."""

    arm: str
    seed: int
    step: int
    steps: int
    per_epoch: int
    curves: Curves


@dataclass(frozen=True)
class Live:
    """A run on its way: whose study it is, what it has done, and what it is at.

    `folder` is the study's, seen from the store's. `total` trials are to be trained, with `at_most`
    no more than that; `ended` of them have. `seconds` since it began, `left` until the minutes of
    its budget end, None where it has no such budget.
    """

    study: str
    folder: str
    total: int
    at_most: bool
    ended: int
    seconds: float
    left: float | None = None
    running: tuple[Flight, ...] = ()


def write(file: Path, live: Live) -> None:
    """Put this in place of what is there; readers find the one or the other. OSError passes."""
    # Not `asdict` and `dump`, which take ten times as long.
    plain = {**vars(live), "running": [vars(flight) for flight in live.running]}
    text = json.dumps(plain, separators=(",", ":"))
    part = file.with_name(file.name + PART)
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, OWN_FILE)
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        out.write(text)
    part.replace(file)


def remove(file: Path) -> None:
    """Say that no run is on its way."""
    for path in (file, file.with_name(file.name + PART)):
        with suppress(OSError):
            path.unlink(missing_ok=True)


def read(file: Path) -> Live | None:
    """Return how far a run is; None where there is none, or it was last heard of long ago.

    What cannot be read is none: the file may be anybody's, and no result hangs on it.
    """
    try:
        if not 0 <= time.time() - file.stat().st_mtime + 1 < FRESH_SECONDS:
            return None
        with file.open("rb") as text:
            return _live(json.loads(text.read(LARGEST)))
    except (OSError, RecursionError, *NONSENSE):
        return None


def _live(taken: dict[str, Any]) -> Live:
    running = tuple(
        Flight(
            str(one["arm"]), int(one["seed"]), _updates(one["step"]),
            max(1, _updates(one["steps"])), max(1, _updates(one["per_epoch"])), {
                str(name): tuple((_updates(step), _height(value)) for step, value in points)
                for name, points in one["curves"].items()
            },
        )
        for one in taken["running"]
    )  # fmt: skip
    left = taken["left"]
    return Live(
        str(taken["study"]), str(taken["folder"]), int(taken["total"]), bool(taken["at_most"]),
        int(taken["ended"]), _seconds(taken["seconds"]), None if left is None else _seconds(left),
        running,
    )  # fmt: skip


def _updates(taken: Any) -> int:
    if not 0 <= (updates := int(taken)) <= MOST_UPDATES:
        raise ValueError("updates that nobody has made")
    return updates


def _height(taken: Any) -> float:
    if not abs(height := float(taken)) <= HIGHEST:
        raise ValueError("a height that nobody can draw")
    return height


def _seconds(taken: Any) -> float:
    if not math.isfinite(seconds := float(taken)):
        raise ValueError("a time without end")
    return seconds
