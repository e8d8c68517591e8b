"""Single-thread worker processes, each a fork of one server that has imported torch once.

A worker takes one task at a time over its pipe and ends when the pipe does, so none outlives the
supervisor. The supervisor itself never imports torch; nor do workers for outside arms.
"""

from __future__ import annotations

import multiprocessing
import os
import queue
import signal
import sys
import threading
import traceback
import types
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from hikaku.errors import EnvironmentFault, HikakuError
from hikaku.execution.job import Job, OutsideJob
from hikaku.execution.orders import (
    Event,
    Find,
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
    Task,
)
from hikaku.execution.seats import HOUSE, Seat, fork_server
from hikaku.words import message

HERE = str(Path(__file__).parents[1])
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
        theirs = isinstance(task, (Task, Gauge)) and (self.seat.threads or task.job.files)
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

    def answer(self, order: Question) -> str:
        """Return the answer of a free worker to this order; raise what it raises."""
        return answered(self, order)

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
        if not isinstance(event, (Progress, Ready)):
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


def serve(pipe: Connection, seat: Seat) -> None:
    """Do the tasks that come through `pipe` until it ends. The worker's main function."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the supervisor's to handle.
    os.dup2(2, 1)  # What a model prints must not mix with the supervisor's output.
    if seat.threads:
        os.setpgid(0, 0)  # So that what the user's code starts can be ended with this process.
        os.environ.update(seat.variables)
        # A data loader may have processes of its own; those of a daemon may not.
        multiprocessing.current_process().daemon = False
    else:
        from hikaku.execution import plain

        plain.prepare_process()
    tasks: queue.SimpleQueue[Order] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(pipe, tasks, seat), daemon=True).start()

    def send(event: Event) -> None:
        try:
            pipe.send(event)
        except OSError:
            _leave(seat)

    send(Ready())
    while True:
        send(_done(tasks.get(), send))


def _listen(pipe: Connection, tasks: queue.SimpleQueue[Order], seat: Seat) -> None:
    try:
        while True:
            tasks.put(pipe.recv())
    except (EOFError, OSError):
        _leave(seat)


def _leave(seat: Seat) -> None:
    """End this process, and what it started: the supervisor is gone, and nobody would hear."""
    if seat.threads:
        os.killpg(0, signal.SIGKILL)
    os._exit(0)


def _done(task: Order, tell: Callable[[Progress], None]) -> Event:
    key = task.job.key if isinstance(task, Task) else ""
    try:
        return carried_out(task, tell)
    except HikakuError as error:
        return Refused(key, error)
    except BaseException as error:  # sys.exit in a user's code ends the trial, not the worker
        return Raised(key, summary_of(error), traceback.format_exc())


def carried_out(task: Order, tell: Callable[[Progress], None]) -> Finished:
    """Return what came of the task, done in this process; `tell` hears how training goes on.

    Code of the user's may fork this process. A fork never comes back from here nor tells anything:
    there is one process that answers.
    """
    own = os.getpid()

    def told(progress: Progress) -> None:
        _end_fork(own)
        tell(progress)

    try:
        finished = _carried_out(task, told)
    except HikakuError:
        _end_fork(own)  # What hikaku misses in a fork, its reports first, it need not have.
        raise
    except BaseException as error:
        _end_fork(own, error)
        raise
    _end_fork(own)
    return finished


def _end_fork(own: int, error: BaseException | None = None) -> None:
    """End this process, with the exit code that Python would give it, unless it is `own`."""
    if os.getpid() != own:
        code = error.code if isinstance(error, SystemExit) else None if error is None else 1
        os._exit(code if isinstance(code, int) else int(code is not None))


def _carried_out(task: Order, tell: Callable[[Progress], None]) -> Finished:
    if isinstance(task, Task) and isinstance(task.job, OutsideJob):
        from hikaku.execution.outside import run_outside

        return Finished(task.job.key, run_outside(task.job))
    from hikaku.execution import device, gauge, own_data, plain

    if isinstance(task, Load):
        return Finished(answer=str(own_data.load_data(task.use, task.folder)))
    if isinstance(task, Find):
        return Finished(answer=device.name_of(task.device))
    if isinstance(task, Gauge):
        return Finished(answer=repr(gauge.gauge(task.job, task.what)))
    job = task.job
    assert isinstance(job, Job)
    if task.dry:
        plain.dry_run(job)
        return Finished(job.key)
    return Finished(
        job.key, plain.run_trial(job, lambda step, steps: tell(Progress(job.key, step, steps)))
    )


def summary_of(error: BaseException) -> str:
    """Return an exception in one line, with file and line of where it came from.

    That is the last frame outside hikaku and the installed packages, where there is one: the
    user's own code.
    """
    said = "".join(traceback.format_exception_only(error)).strip().splitlines()[-1]
    frames = traceback.extract_tb(error.__traceback__)
    own = [f for f in frames if "site-packages" not in f.filename and HERE not in f.filename]
    place = (own or frames)[-1]
    return f"{said} ({Path(place.filename).name}:{place.lineno})"


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
