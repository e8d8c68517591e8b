"""From a plan to a stream of what happened; the death of one trial ends that trial only."""

from __future__ import annotations

import signal
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from hikaku.errors import HikakuError, Paused, StudyError
from hikaku.execution.job import AnyJob, Job
from hikaku.execution.machine import environment
from hikaku.execution.orders import (
    Finished,
    Hand,
    Lost,
    Pool,
    Progress,
    Raised,
    Refused,
    Result,
    Task,
)
from hikaku.record import Measured, Outcome
from hikaku.words import message

ATTEMPTS = 3
"""A trial whose worker was killed so often is given up: it is the trial that kills them."""

UNKNOWN = 255
"""The exit code of a worker whose fork server has died: nobody knows how the worker ended."""

POLL_SECONDS = 0.2


@dataclass(frozen=True)
class Started:
    """A worker has begun this trial."""

    key: str


@dataclass(frozen=True)
class Ended:
    """A trial has ended, one way or another; `detail` is the traceback of one that failed."""

    measured: Measured
    detail: str = ""


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


Happening = Started | Progress | Ended | Retried | Halved | Waiting


def check(jobs: Sequence[AnyJob], workers: Pool) -> tuple[tuple[str, HikakuError], ...]:
    """Return what is wrong with each job's arm, (key, error), found by one update of it.

    Outside arms are not tried: only their own code knows what an update is.
    """
    waiting = deque(job for job in jobs if isinstance(job, Job))
    given: dict[int, Job] = {}
    errors: list[tuple[str, HikakuError]] = []
    while waiting or given:
        for worker in workers.free():
            if waiting:
                given[id(worker)] = waiting.popleft()
                worker.give(Task((given[id(worker)],), dry=True))
        for worker, event in list(workers.events(POLL_SECONDS)):
            job = given.pop(id(worker), None) if isinstance(event, OVER) else None
            if job is None or isinstance(event, Finished):
                continue
            errors.append((job.key, _error(event)))
    return tuple(errors)


def dispatch(next_jobs: Callable[[], Sequence[AnyJob]], workers: Pool) -> Iterator[Happening]:
    """Yield what happens while jobs are trained, each to its end, until there are no more.

    `next_jobs` is asked whenever a worker is free, and after whatever has happened has been heard,
    for jobs that train as one stack; none means none for now, and the end when nothing is on its
    way either. A stack that does not get through is halved, until the culprit stands alone. A job
    alone whose worker is killed by a signal is tried again, three times in all. An exception in a
    trial, or an exit of its worker that nobody forced, would only come again: it ends that trial
    as failed and nothing else. `Paused` is raised, for it concerns the whole run.
    """
    desk = Desk()
    while True:
        for worker in workers.free():
            jobs = desk.again.popleft() if desk.again else tuple(next_jobs())
            if not jobs:
                break
            desk.given(worker, jobs)
            worker.give(Task(jobs))
            yield from (Started(job.key) for job in jobs)
        if not desk.left:
            return
        happened = list(workers.events(POLL_SECONDS))
        for worker, event in happened:
            yield from desk.told(worker, event)
        if not happened:
            yield Waiting()


@dataclass
class Desk:
    """What is on its way: the jobs that each worker still has to end, and those to try again."""

    left: dict[int, dict[str, AnyJob]] = field(default_factory=dict)
    again: deque[tuple[AnyJob, ...]] = field(default_factory=deque)
    attempts: Counter[str] = field(default_factory=Counter)

    def given(self, worker: Hand, jobs: tuple[AnyJob, ...]) -> None:
        """Note who has these jobs now."""
        self.left[id(worker)] = {job.key: job for job in jobs}
        if len(jobs) == 1:
            self.attempts[jobs[0].key] += 1

    def told(self, worker: Hand, event: object) -> Iterator[Happening]:
        """Yield what an event of a worker means."""
        if isinstance(event, Progress):
            yield event
        elif isinstance(event, Result):
            key = event.measured.outcome.key
            self.left[id(worker)].pop(key)
            yield Ended(_counted(event.measured, self.attempts[key] or 1))
        elif isinstance(event, OVER):
            jobs = tuple(self.left.pop(id(worker), {}).values())
            if isinstance(event, Refused) and isinstance(event.error, Paused):
                raise event.error
            if len(jobs) > 1:
                middle = len(jobs) // 2
                self.again += (jobs[:middle], jobs[middle:])
                yield Halved(tuple(job.key for job in jobs), _why(event)[0])
            elif jobs:
                yield self._alone(jobs[0], event)

    def _alone(self, job: AnyJob, event: object) -> Happening:
        """Return what becomes of one job that did not get through."""
        reason, detail = _why(event)
        if isinstance(event, Lost):
            forced = event.code < 0 or event.code == UNKNOWN
            if forced and self.attempts[job.key] < ATTEMPTS:
                self.again.append((job,))
                return Retried(job.key, reason)
        return _failed(job.key, reason, detail, self.attempts[job.key])


OVER = (Finished, Refused, Raised, Lost)
"""The events after which a worker has nothing to do any more."""


def _why(event: object) -> tuple[str, str]:
    """Return why a task did not get through, and the traceback where there is one."""
    if isinstance(event, Refused):
        return event.error.text(), ""
    if isinstance(event, Raised):
        return event.summary, event.text
    if isinstance(event, Lost):
        return _reason(event.code), ""
    return "its worker has not told what it measured", ""


def _counted(measured: Measured, attempts: int) -> Measured:
    outcome = measured.outcome
    return replace(
        measured, outcome=replace(outcome, cost=outcome.cost | {"attempts": float(attempts)})
    )


def _in_a_line(text: str) -> str:
    """Return the lines of an error one behind the other: it is told in lines, tables and JSON."""
    return "; ".join(line.strip() for line in text.splitlines() if line.strip())


def _failed(key: str, error: str, detail: str, attempts: int) -> Ended:
    outcome = Outcome(
        key=key,
        status="failed",
        step=0,
        epoch=0,
        steps_per_epoch=0,
        parameters=0,
        arithmetic="",
        environment=environment(),
        error=_in_a_line(error),
        cost={"attempts": float(attempts)},
    )
    return Ended(Measured(outcome), detail)


def _reason(code: int) -> str:
    if code < 0:
        name = signal.Signals(-code).name if -code in set(signal.Signals) else str(-code)
        return f"its worker process was killed by {name}"
    return f"its worker process ended with exit code {code}"


def _error(event: object) -> HikakuError:
    if isinstance(event, Refused):
        return event.error
    return StudyError.of(message("one update of it failed: {summary}", summary=_why(event)[0]))
