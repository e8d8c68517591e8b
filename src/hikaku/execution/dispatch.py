"""From a plan to a stream of what happened; the death of one trial ends that trial only."""

from __future__ import annotations

import signal
import time
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from threading import Event

from hikaku.errors import DeviceFault, HikakuError, Paused, StoreError, StudyError
from hikaku.execution.happenings import Ended, Halved, Happening, Parking, Retried, Started, Waiting
from hikaku.execution.job import AnyJob, Job
from hikaku.execution.machine import environment
from hikaku.execution.orders import (
    Doubted,
    Finished,
    Hand,
    Lost,
    Parked,
    Pool,
    Progress,
    Raised,
    Refused,
    Result,
    Saved,
    Task,
    Unsaved,
)
from hikaku.record import Checkpoint, Measured, Outcome
from hikaku.words import message

ATTEMPTS = 3
"""A trial whose worker was killed so often, and that has not come further meanwhile, is given up:
it is the trial that kills them."""

GRACE_SECONDS = 10.0
"""So long a run that was asked to end waits for its workers to save what they train."""

POLL_SECONDS = 0.2


def check(jobs: Sequence[AnyJob], workers: Pool) -> tuple[tuple[str, HikakuError], ...]:
    """Return what is wrong with each job's arm, (key, error), found by one update of it.

    Outside arms are not tried: only their own code knows what an update is.
    """
    waiting = deque(job for job in jobs if isinstance(job, Job))
    given: dict[int, Job] = {}
    errors: list[tuple[str, HikakuError]] = []
    deaths = Counter[str]()
    while waiting or given:
        for worker in workers.free():
            if waiting:
                given[id(worker)] = waiting.popleft()
                worker.give(Task((given[id(worker)],), dry=True))
        for worker, event in list(workers.events(POLL_SECONDS)):
            job = given.pop(id(worker), None) if isinstance(event, OVER) else None
            if job is None or isinstance(event, Finished):
                continue
            if isinstance(event, Lost) and event.is_forced:
                # As in `dispatch`: who killed it need not have been the trial.
                deaths[job.key] += 1
                if deaths[job.key] < ATTEMPTS:
                    waiting.append(job)
                    continue
            errors.append((job.key, _error(event)))
    return tuple(errors)


Saves = Mapping[str, tuple[Checkpoint, ...]]
"""By key, the states from which trials can go on, the newest first; none for a new one."""
SavesOf = Callable[[Collection[str]], Saves]


def none_saved(keys: Collection[str]) -> Saves:
    """Return nothing: every trial starts at the beginning."""
    return {}


def dispatch(
    next_jobs: Callable[[], Sequence[AnyJob]],
    workers: Pool,
    saved: SavesOf = none_saved,
    stop: Event | None = None,
) -> Iterator[Happening]:
    """Yield what happens while jobs are trained, each to its end, until there are no more.

    `next_jobs` is asked whenever a worker is free, and after whatever has happened has been heard,
    for jobs that train as one stack; none means none for now, and the end when nothing is on its
    way either. Each goes on from its newest state, as `saved` says, with those that have come as
    far. A stack that does not get through is halved, until the culprit stands alone. A job alone
    whose worker is killed by a signal is tried again, three times in all without a new state. An
    exception in a trial, or an exit of its worker that nobody forced, would only come again: it
    ends that trial as failed and nothing else. `Paused` and `StoreError` are raised, for a disk
    concerns the whole run. Once `stop` is set nothing is begun, and what is on its way gets
    `GRACE_SECONDS` to be saved; what breaks then is given up, and not a failure: the signal that
    ends a run often goes to all that its trials have started.
    """
    desk, until = Desk(saved), None
    while True:
        if stop is None or not stop.is_set():
            yield from desk.hand_out(next_jobs, workers)
        elif until is None:
            until = time.monotonic() + GRACE_SECONDS
            desk.park(workers)
            yield Parking()
        if not desk.left or (until is not None and time.monotonic() > until):
            return
        happened = list(workers.events(POLL_SECONDS))
        for worker, event in happened:
            yield from desk.told(worker, event, ending=stop is not None and stop.is_set())
        if not happened:
            yield Waiting()


@dataclass
class Desk:
    """What is on its way: the jobs that each worker still has to end, and those to try again.

    `deaths` counts how often a job's worker was killed since its last state.
    """

    saved: SavesOf = none_saved
    left: dict[int, dict[str, AnyJob]] = field(default_factory=dict)
    again: deque[tuple[AnyJob, ...]] = field(default_factory=deque)
    attempts: Counter[str] = field(default_factory=Counter)
    deaths: Counter[str] = field(default_factory=Counter)

    def hand_out(
        self, next_jobs: Callable[[], Sequence[AnyJob]], workers: Pool
    ) -> Iterator[Happening]:
        """Give every free worker its next jobs, and yield which have begun."""
        for worker in workers.free():
            jobs = self._alike(self.again.popleft() if self.again else tuple(next_jobs()))
            if not jobs:
                return
            self.given(worker, jobs)
            worker.give(Task(jobs))
            number = list(workers.all).index(worker) + 1
            yield from (Started(job.key, number) for job in jobs)

    def _alike(self, jobs: tuple[AnyJob, ...]) -> tuple[AnyJob, ...]:
        """Return those of the jobs that have come as far as the first; the others come again."""
        groups: dict[int, list[AnyJob]] = {}
        saves = self.saved([job.key for job in jobs if isinstance(job, Job)])
        for job in jobs:
            if isinstance(job, Job):
                job = replace(job, saved=saves.get(job.key, ())[:1])
            groups.setdefault(job.update if isinstance(job, Job) else 0, []).append(job)
        first, *others = groups.values() if groups else ((),)
        self.again += map(tuple, others)
        return tuple(first)

    def park(self, workers: Pool) -> None:
        """Have everything saved that can be; the rest, outside trials, is given up."""
        for worker in workers.all:
            jobs = self.left.get(id(worker), {})
            if any(isinstance(job, Job) for job in jobs.values()):
                worker.park()
            else:
                self.left.pop(id(worker), None)

    def given(self, worker: Hand, jobs: tuple[AnyJob, ...]) -> None:
        """Note who has these jobs now."""
        self.left[id(worker)] = {job.key: job for job in jobs}
        if len(jobs) == 1:
            self.attempts[jobs[0].key] += 1

    def told(self, worker: Hand, event: object, *, ending: bool = False) -> Iterator[Happening]:
        """Yield what an event of a worker means, where the run is `ending` or goes on."""
        if isinstance(event, (Progress, Unsaved)):
            yield event
        elif isinstance(event, Saved):
            del self.deaths[event.checkpoint.key]
            yield event
        elif isinstance(event, Result):
            key = event.measured.outcome.key
            self.left[id(worker)].pop(key)
            yield Ended(_counted(event.measured, self.attempts[key] or 1))
        elif isinstance(event, OVER):
            jobs = tuple(self.left.pop(id(worker), {}).values())
            if isinstance(event, Refused) and isinstance(event.error, (Paused, StoreError)):
                raise event.error
            if isinstance(event, Parked) or (ending and not isinstance(event, Finished)):
                return
            if isinstance(event, Doubted):
                self.again.append(jobs)
                yield event
            elif len(jobs) > 1:
                middle = len(jobs) // 2
                self.again += (jobs[:middle], jobs[middle:])
                yield Halved(tuple(job.key for job in jobs), _why(event)[0])
            elif jobs:
                yield self._alone(jobs[0], event)

    def _alone(self, job: AnyJob, event: object) -> Happening:
        """Return what becomes of one job that did not get through."""
        reason, detail = _why(event)
        if isinstance(event, Lost):
            self.deaths[job.key] += 1
            if event.is_forced and self.deaths[job.key] < ATTEMPTS:
                self.again.append((job,))
                return Retried(job.key, reason)
        if isinstance(event, Refused) and isinstance(event.error, DeviceFault):
            if self.attempts[job.key] > 1:
                raise event.error
            self.again.append((job,))
            return Retried(job.key, _in_a_line(reason))
        log = event.log if isinstance(event, (Raised, Lost)) else ""
        return replace(_failed(job.key, reason, detail, self.attempts[job.key]), log=log)


OVER = (Finished, Parked, Doubted, Refused, Raised, Lost)
"""The events after which a worker has nothing to do any more."""


def _why(event: object) -> tuple[str, str]:
    """Return why a task did not get through, and the traceback where there is one."""
    if isinstance(event, Refused):
        return event.error.text(), ""
    if isinstance(event, Raised):
        return event.summary, event.text
    if isinstance(event, Lost):
        reason = _reason(event.code)
        return (f"{reason}: {event.why}" if event.why else reason), ""
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
