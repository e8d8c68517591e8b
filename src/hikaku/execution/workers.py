"""Single-thread worker processes, each a fork of one server that has imported torch once.

A worker takes one task at a time over its pipe and ends when the pipe does, so none outlives the
supervisor. The supervisor itself never imports torch; nor do workers for outside arms.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import types
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing.connection import wait
from typing import Any

from hikaku.errors import EnvironmentFault
from hikaku.execution.orders import (
    Event,
    Finished,
    Gauge,
    Load,
    Lost,
    Order,
    Pool,
    Progress,
    Question,
    Raised,
    Ready,
    Refused,
    Result,
    Survey,
    Task,
)
from hikaku.execution.seats import HOUSE, Seat, fork_server
from hikaku.execution.serve import serve
from hikaku.words import message

ANSWER_SECONDS = 0.2
BROKEN_STARTS = 3
"""So many workers in a row that die before they are ready mean that none will ever start."""


class Worker:
    """One worker process and the supervisor's end of its pipe.

    It is `used` up when it has run code of the user's: what that left behind, a module under a
    name that another trial's file imports too, must not reach the next trial. What code of an
    outside arm has started ends with the worker.
    """

    def __init__(self, seat: Seat = HOUSE) -> None:
        context = multiprocessing.get_context("forkserver")
        self.pipe, theirs = context.Pipe()
        self.seat = seat
        self.process = context.Process(target=serve, args=(theirs, seat), daemon=True)
        with _no_main_module(), fork_server(seat):
            self.process.start()
        theirs.close()
        self.task: Order | None = None
        self.ready = False
        self.used = False

    def give(self, task: Order) -> None:
        """Send a task; the worker must be free."""
        self.task = task
        theirs = isinstance(task, (Task, Gauge, Survey)) and (self.seat.threads or task.job.files)
        self.used = isinstance(task, Load) or bool(theirs)
        try:
            self.pipe.send(task)
        except OSError:
            return  # It has just died; `Workers.events` will tell.

    def stop(self) -> None:
        """End the worker at once."""
        self.pipe.close()
        self.end_children()
        self.process.kill()
        self.process.join()

    def end_children(self) -> None:
        """End what code of an outside arm has started, the worker itself included."""
        if self.seat.threads and self.process.pid:
            with suppress(ProcessLookupError, PermissionError):  # it has ended already
                os.killpg(self.process.pid, signal.SIGKILL)


class Workers:
    """A number of workers, each replaced when it dies.

    With `seats`, they are for outside arms, at most one for each seat.
    """

    def __init__(self, count: int, seats: Sequence[Seat] = ()) -> None:
        self.all: list[Worker] = []
        self._seats = seats
        self._broken = 0
        self.grow(count)

    def grow(self, count: int) -> None:
        """Start workers until there are `count`."""
        if self._seats:
            free = self._seats[len(self.all) : count]
            self.all += [Worker(seat) for seat in free]
        else:
            self.all += [Worker() for _ in range(count - len(self.all))]

    def free(self) -> list[Worker]:
        """Return the workers that have no task; those that are used up are replaced first."""
        for place, worker in enumerate(self.all):
            if worker.task is None and worker.used:
                worker.stop()
                self.all[place] = Worker(worker.seat)
        return [worker for worker in self.all if worker.task is None]

    def events(self, timeout: float) -> Iterator[tuple[Worker, Event]]:
        """Yield what workers have told within `timeout` seconds, at least one event or none."""
        by_handle: dict[Any, Worker] = {}
        for worker in self.all:
            by_handle[worker.pipe] = by_handle[worker.process.sentinel] = worker
        for worker in {
            id(by_handle[h]): by_handle[h] for h in wait(list(by_handle), timeout)
        }.values():
            event = self._receive(worker)
            if event is not None:
                yield worker, event

    def close(self) -> None:
        """End every worker."""
        for worker in self.all:
            worker.stop()

    def _receive(self, worker: Worker) -> Event | None:
        try:
            if worker.pipe.poll():
                event: Event = worker.pipe.recv()
                self._noticed(worker, event)
                return event
            if worker.process.is_alive():
                return None
        except (EOFError, OSError):
            pass
        return self._replaced(worker)

    def _noticed(self, worker: Worker, event: Event) -> None:
        worker.ready, self._broken = True, 0
        if not isinstance(event, (Progress, Ready, Result)):
            worker.task = None

    def _replaced(self, worker: Worker) -> Lost:
        worker.process.join()
        worker.end_children()
        lost = Lost(worker.process.exitcode or 0)
        worker.pipe.close()
        if not worker.ready:
            self._broken += 1
            if self._broken >= BROKEN_STARTS:
                raise EnvironmentFault.of(
                    message("worker processes end before they have started"),
                    why=message("the last one ended with exit code {code}", code=lost.code),
                    mend=message("try `python -c 'import torch'`; its error is the reason"),
                )
        self.all[self.all.index(worker)] = Worker(worker.seat)
        return lost


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


@contextmanager
def _no_main_module() -> Iterator[None]:
    # A worker would import the caller's script again, and a script without the usual guard would
    # then start a study inside each worker. Workers need nothing from it.
    main = sys.modules["__main__"]
    sys.modules["__main__"] = types.ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main
