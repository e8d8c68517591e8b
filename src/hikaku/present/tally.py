"""Counting while a run goes on: what is done, what is on the way, how long the rest may take.

Eats what a run tells of itself. Makes numbers and the sentences that hold them, for `live`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sized
from dataclasses import dataclass, field
from typing import Protocol

from hikaku.present.report import LONGEST_NAME, short
from hikaku.study.study import Study
from hikaku.words import Message, message

STATUS = {
    "done": message("done"),
    "diverged": message("diverged"),
    "failed": message("failed"),
}


LEAST_WORK = 0.1
"""With less than this of a trial done, nobody can tell how long the rest takes."""


class Planned(Protocol):
    """What must be known of a plan: the trials to train, and how many others are reused."""

    @property
    def trials(self) -> Sized:
        """The trials to train."""
        ...

    @property
    def reused(self) -> int:
        """How many trials are there already."""
        ...


@dataclass
class Tally:
    """How far a run has come: trials in all and ended, and the share done of those in between.

    With automatic seeds (`at_most`) nobody knows how many it will be: `total` is the most that
    there can be, and so is the time that is left.
    """

    clock: Callable[[], float]
    began: float = 0.0
    total: int = 0
    reused: int = 0
    at_most: bool = False
    ends: float = math.inf
    ended: int = 0
    running: dict[tuple[str, int], float] = field(default_factory=dict)

    def begin(self, study: Study, plan: Planned) -> None:
        """Start to count; a second plan of one run comes on top of what has ended.

        The budget of `study` is what is left of it: no run trains more trials, or takes longer.
        """
        trials = len(plan.trials)
        if study.budget.trials is not None:
            trials = min(trials, study.budget.trials)
        if not self.total:
            self.began, self.at_most = self.clock(), study.auto
        minutes = study.budget.minutes
        self.ends = math.inf if minutes is None else self.clock() + 60 * minutes
        self.total = self.ended + trials
        self.reused = max(self.reused, plan.reused)

    @property
    def most(self) -> str:
        """All trials: "100", or "≤100" where it may be fewer."""
        return f"≤{self.total}" if self.at_most else str(self.total)

    @property
    def seconds(self) -> float:
        """Seconds since the plan was known."""
        return self.clock() - self.began

    @property
    def work(self) -> float:
        """Trials done, those on the way by their share."""
        return self.ended + sum(self.running.values())

    @property
    def left(self) -> float | None:
        """Seconds until the minutes of the budget end, None where there are none."""
        return None if math.isinf(self.ends) else max(0.0, self.ends - self.clock())

    def times(self) -> Message:
        """Return the time gone, and how long the rest takes at this pace once there is one."""
        gone = clock_time(self.seconds)
        if self.work < LEAST_WORK:
            return message("{gone} gone", gone=gone)
        left = self.seconds * (self.total - self.work) / self.work
        left = min(left, self.ends - self.clock())
        if self.at_most:
            return message(
                "{gone} gone, at most about {left} left", gone=gone, left=clock_time(left)
            )
        return message("{gone} gone, about {left} left", gone=gone, left=clock_time(left))

    def so_far(self) -> Message:
        """Return how far the whole is."""
        return message(
            "{ended}/{total} trials, {times}",
            ended=self.ended,
            total=self.most,
            times=self.times(),
        )

    def plan(self, workers: int) -> Message:
        """Return what there is to do, before anything is."""
        told = {"total": self.total, "reused": self.reused, "workers": workers}
        if self.at_most and self.total:
            return message(
                "at most {total} trials to train, {reused} reused, until every comparison is "
                "decided; {workers} workers",
                **told,
            )
        return message("{total} trials to train, {reused} reused; {workers} workers", **told)

    def summary(self) -> Message:
        """Return what was done, when all is over."""
        told = {
            "ended": self.ended,
            "total": self.total,
            "time": clock_time(self.seconds),
            "reused": self.reused,
        }
        if self.at_most:
            return message(
                "{ended} trials trained of at most {total}, in {time}, {reused} reused", **told
            )
        return message("{ended} of {total} trials trained in {time}, {reused} reused", **told)


def clock_time(seconds: float) -> str:
    """Return a duration as people write it.

    >>> clock_time(65), clock_time(3725)
    ('1:05', '1:02:05')
    """
    minutes, rest = divmod(max(0, round(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def name(arm: str, seed: int, longest: int = LONGEST_NAME) -> Message:
    """Return how a trial is called, its arm's name cut to this many characters."""
    return message("{arm} seed {seed}", arm=short(arm, longest), seed=seed)


def ending(status: str) -> Message:
    """Return how a trial's end is called."""
    return STATUS.get(status, STATUS["failed"])
