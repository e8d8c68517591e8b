"""Single-thread worker processes, each a fork of one server that has imported torch once.

A worker takes one task at a time over its pipe and ends when the pipe does, so none outlives the
supervisor. The supervisor itself never imports torch; nor do workers for outside arms.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any

from hikaku.errors import EnvironmentFault
from hikaku.execution import machine
from hikaku.execution.logs import Printed, drop_old
from hikaku.execution.orders import (
    Event,
    Finished,
    Lost,
    Pool,
    Question,
    Raised,
    Refused,
)
from hikaku.execution.seats import HOUSE, Seat
from hikaku.execution.watchdog import Patience
from hikaku.execution.worker import Worker
from hikaku.words import message

ANSWER_SECONDS = 0.2
BROKEN_STARTS = 3
"""So many workers in a row that die before they are ready mean that none will ever start."""

MEMORY_SECONDS = 1.0
"""So often it is looked at what workers take of the memory."""

LEAST_FREE = (0.02, 512.0)
"""Less free memory than this share of all, or than so many MiB, and the system soon ends somebody:
the supervisor, maybe. The largest worker goes first."""


class Workers:
    """A number of workers, each replaced when it dies.

    With `seats`, they are for outside arms, at most one for each seat. What they print while they
    train goes into a log for each trial in the folder `logs`; without one, to standard error. A
    training that hangs, by `patience` and by a `clock` that never goes back, ends with its worker.
    So does the largest when memory is about to give out.
    """

    def __init__(
        self,
        count: int,
        seats: Sequence[Seat] = (),
        logs: Path | None = None,
        patience: Patience = Patience(),  # noqa: B008 (frozen)
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.all: list[Worker] = []
        self._seats, self._logs = seats, logs
        self._patience, self._clock = patience, clock
        self._broken = 0
        self._looked = self._weighed = clock()
        self._ended_before = machine.ended_for_memory()
        if logs:
            drop_old(logs)
        self.grow(count)

    def grow(self, count: int) -> None:
        """Start workers until there are `count`."""
        if self._seats:
            free = self._seats[len(self.all) : count]
            self.all += [self._started(seat) for seat in free]
        else:
            self.all += [self._started(HOUSE) for _ in range(count - len(self.all))]

    def free(self) -> list[Worker]:
        """Return the workers that have no task; those that are used up are replaced first."""
        for place, worker in enumerate(self.all):
            if worker.task is None and worker.used:
                worker.stop()
                self.all[place] = self._started(worker.seat)
        return [worker for worker in self.all if worker.task is None]

    def events(self, timeout: float) -> Iterator[tuple[Worker, Event]]:
        """Yield what workers have told within `timeout` seconds, at least one event or none."""
        until, has_heard = self._clock() + timeout, False
        while not has_heard:
            rest = until - self._clock()
            for worker in self._ready(max(0.0, rest)):
                event = self._receive(worker)
                if event is not None:
                    has_heard = True
                    yield worker, event
            self._look_on()
            if rest <= 0:
                return

    def close(self) -> None:
        """End every worker."""
        for worker in self.all:
            worker.stop()

    def _started(self, seat: Seat) -> Worker:
        return Worker(seat, self._logs, self._patience)

    def _ready(self, timeout: float) -> list[Worker]:
        """Return the workers that have told something or have ended; keep what others print."""
        by_handle: dict[Any, Worker] = {}
        for worker in self.all:
            by_handle[worker.pipe] = by_handle[worker.process.sentinel] = worker
            if not worker.printed.ended:
                by_handle[worker.printed] = worker
        told: dict[int, Worker] = {}
        for handle in wait(list(by_handle), timeout):
            worker = by_handle[handle]
            if isinstance(handle, Printed):
                handle.drain()
            else:
                told[id(worker)] = worker
        return list(told.values())

    def _receive(self, worker: Worker) -> Event | None:
        try:
            if worker.pipe.poll():
                event: Event = worker.pipe.recv()
                self._broken = 0
                return worker.noticed(event)
            if worker.process.is_alive():
                return None
        except (EOFError, OSError):
            pass
        return self._replaced(worker)

    def _replaced(self, worker: Worker) -> Lost:
        lost = worker.lost(self._ended_before)
        self._ended_before = machine.ended_for_memory()
        if not worker.ready:
            self._broken += 1
            if self._broken >= BROKEN_STARTS:
                raise EnvironmentFault.of(
                    message("worker processes end before they have started"),
                    why=message("the last one ended with exit code {code}", code=lost.code),
                    mend=message("try `python -c 'import torch'`; its error is the reason"),
                )
        self.all[self.all.index(worker)] = self._started(worker.seat)
        return lost

    def _look_on(self) -> None:
        """End the worker of a training that hangs, or the largest when memory gives out."""
        now = self._clock()
        for worker in self.all:
            worker.look(now - self._looked)
        self._looked = now
        if now - self._weighed >= MEMORY_SECONDS:
            self._weighed = now
            self._weigh(now)

    def _weigh(self, now: float) -> None:
        busy = [worker for worker in self.all if worker.task is not None]
        for worker in busy:
            worker.taken.look(worker.process.pid or 0, now)
        free, whole = machine.free_mib(), machine.memory_mib()
        share, most = LEAST_FREE
        if not busy or free is None or free > min(share * whole, most):
            return
        # Where another program has taken the memory, to end one of ours would not give it back.
        if sum(worker.taken.mib for worker in busy) >= (whole - free) / 2:
            largest = max(busy, key=lambda worker: worker.taken.mib)
            largest.end(signal.SIGKILL, largest.outgrown(free, whole))


def answered(pool: Pool, order: Question) -> str:
    """Return what a free hand of the pool answers to this order; raise what it raises."""
    (hand, *_) = pool.free()
    hand.give(order)
    while True:
        for _, event in pool.events(ANSWER_SECONDS):
            if isinstance(event, Finished):
                return event.answer
            if isinstance(event, Refused):
                raise event.error
            if isinstance(event, Raised):
                raise order.blame.of(
                    message("{order} failed: {why}", order=order, why=event.summary)
                )
            if isinstance(event, Lost):
                raise order.blame.of(
                    message(
                        "{order} ended its process with exit code {code}",
                        order=order,
                        code=event.code,
                    )
                )
