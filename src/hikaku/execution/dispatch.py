"""From a plan to a stream of what happened; the death of one trial ends that trial only."""

from __future__ import annotations

import signal
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

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
    Ready,
    Refused,
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
class Waiting:
    """Nothing has happened for a moment; a chance to show the time."""


Happening = Started | Progress | Ended | Retried | Waiting


def check(jobs: Sequence[AnyJob], workers: Pool) -> tuple[tuple[str, HikakuError], ...]:
    """Return what is wrong with each job's arm, (key, error), found by one update of it.

    Outside arms are not tried: only their own code knows what an update is.
    """
    waiting, errors = deque(job for job in jobs if isinstance(job, Job)), []
    left = len(waiting)
    while left:
        for worker in workers.free():
            if waiting:
                worker.give(Task(waiting.popleft(), dry=True))
        for worker, event in list(workers.events(POLL_SECONDS)):
            if isinstance(event, Refused):
                errors.append((event.key, event.error))
            elif isinstance(event, Raised):
                errors.append((event.key, _unexpected(event.summary)))
            elif isinstance(event, Lost) and isinstance(worker.task, Task):
                errors.append((worker.task.job.key, _unexpected(_reason(event.code))))
            elif not isinstance(event, Finished):
                continue
            left -= 1
    return tuple(errors)


def dispatch(next_job: Callable[[], AnyJob | None], workers: Pool) -> Iterator[Happening]:
    """Yield what happens while jobs are trained, each to its end, until there are no more.

    `next_job` is asked whenever a worker is free, and after whatever has happened has been heard;
    None means none for now, and the end when nothing is on its way either. A job whose worker is
    killed by a signal is tried again, three times in all. An exception in a trial, or an exit of
    its worker that nobody forced, would only come again: it ends that trial as failed and nothing
    else. `Paused` is raised, for it concerns the whole run.
    """
    again, attempts, running = deque[AnyJob](), Counter[str](), 0
    while True:
        for worker in workers.free():
            job = again.popleft() if again else next_job()
            if job is None:
                break
            attempts[job.key] += 1
            running += 1
            worker.give(Task(job))
            yield Started(job.key)
        if not running:
            return
        happened = list(workers.events(POLL_SECONDS))
        for worker, event in happened:
            happening = _happening(worker, event, attempts)
            if isinstance(happening, Retried):
                assert isinstance(worker.task, Task)
                again.append(worker.task.job)
            running -= isinstance(happening, (Ended, Retried))
            if happening is not None:
                yield happening
        if not happened:
            yield Waiting()


def _happening(worker: Hand, event: object, attempts: Counter[str]) -> Happening | None:
    if isinstance(event, Progress):
        return event
    if isinstance(event, Finished) and event.measured is not None:
        return Ended(_counted(event.measured, attempts[event.key]))
    if isinstance(event, Refused):
        if isinstance(event.error, Paused):
            raise event.error
        return _failed(event.key, event.error.text(), "", attempts)
    if isinstance(event, Raised):
        return _failed(event.key, event.summary, event.text, attempts)
    if isinstance(event, Lost) and isinstance(worker.task, Task):
        key = worker.task.job.key
        if (event.code < 0 or event.code == UNKNOWN) and attempts[key] < ATTEMPTS:
            return Retried(key, _reason(event.code))
        return _failed(key, _reason(event.code), "", attempts)
    assert isinstance(event, (Ready, Lost))
    return None


def _counted(measured: Measured, attempts: int) -> Measured:
    outcome = measured.outcome
    return replace(
        measured, outcome=replace(outcome, cost=outcome.cost | {"attempts": float(attempts)})
    )


def _in_a_line(text: str) -> str:
    """Return the lines of an error one behind the other: it is told in lines, tables and JSON."""
    return "; ".join(line.strip() for line in text.splitlines() if line.strip())


def _failed(key: str, error: str, detail: str, attempts: Counter[str]) -> Ended:
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
        cost={"attempts": float(attempts[key])},
    )
    return Ended(Measured(outcome), detail)


def _reason(code: int) -> str:
    if code < 0:
        name = signal.Signals(-code).name if -code in set(signal.Signals) else str(-code)
        return f"its worker process was killed by {name}"
    return f"its worker process ended with exit code {code}"


def _unexpected(summary: str) -> HikakuError:
    return StudyError.of(message("one update of it failed: {summary}", summary=summary))
