"""What happens while jobs are trained: the values that `dispatch` yields, one after the other."""

from __future__ import annotations

from dataclasses import dataclass

from hikaku.execution.orders import Doubted, Progress, Saved, Unsaved
from hikaku.record import Measured


@dataclass(frozen=True)
class Started:
    """A worker has begun this trial: the one with this number, counted from 1."""

    key: str
    worker: int = 1


@dataclass(frozen=True)
class Ended:
    """A trial has ended, one way or another; `detail` is the traceback of one that failed.

    `log` is the path of what it printed before it failed, "" where that is not kept.
    """

    measured: Measured
    detail: str = ""
    log: str = ""


@dataclass(frozen=True)
class Retried:
    """A worker died under this trial, which is tried again."""

    key: str
    reason: str


@dataclass(frozen=True)
class Halved:
    """A stack of trials did not get through; what is left of it is tried in two halves."""

    keys: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class Waiting:
    """Nothing has happened for a moment; a chance to show the time."""


@dataclass(frozen=True)
class Parking:
    """The run was asked to end: what is on its way is saved first."""


Happening = (
    Started | Progress | Saved | Unsaved | Doubted | Ended | Retried | Halved | Parking | Waiting
)
