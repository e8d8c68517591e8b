"""Single-thread worker processes, each a fork of one server that has imported torch once.

A worker takes one task at a time over its pipe and ends when the pipe does, so none outlives the
supervisor. The supervisor itself never imports torch.
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
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import forkserver
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from hikaku.errors import EnvironmentFault, HikakuError
from hikaku.execution.orders import (
    Event,
    Find,
    Finished,
    Load,
    Lost,
    Order,
    Progress,
    Raised,
    Ready,
    Refused,
    Task,
)
from hikaku.words import message

HERE = str(Path(__file__).parents[1])
ANSWER_SECONDS = 0.2
BROKEN_STARTS = 3
"""So many workers in a row that die before they are ready mean that none will ever start."""


class Worker:
    """One worker process and the supervisor's end of its pipe.

    It is `used` up when it has run code of the user's: what that left behind, a module under a
    name that another trial's file imports too, must not reach the next trial.
    """

    def __init__(self) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["hikaku.execution.plain"])
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=serve, args=(theirs,), daemon=True)
        with _no_main_module():
            _start_server()
            self.process.start()
        theirs.close()
        self.task: Order | None = None
        self.ready = False
        self.used = False

    def give(self, task: Order) -> None:
        """Send a task; the worker must be free."""
        self.task = task
        self.used = isinstance(task, Load) or (isinstance(task, Task) and bool(task.job.files))
        try:
            self.pipe.send(task)
        except OSError:
            return  # It has just died; `Workers.events` will tell.

    def stop(self) -> None:
        """End the worker at once."""
        self.pipe.close()
        self.process.kill()
        self.process.join()


class Workers:
    """A number of workers, each replaced when it dies."""

    def __init__(self, count: int) -> None:
        self.all = [Worker() for _ in range(count)]
        self._broken = 0

    def grow(self, count: int) -> None:
        """Start workers until there are `count`."""
        self.all += [Worker() for _ in range(count - len(self.all))]

    def free(self) -> list[Worker]:
        """Return the workers that have no task; those that are used up are replaced first."""
        for place, worker in enumerate(self.all):
            if worker.task is None and worker.used:
                worker.stop()
                self.all[place] = Worker()
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

    def answer(self, order: Load | Find) -> str:
        """Return the answer of a free worker to this order; raise what it raises."""
        (worker, *_) = self.free()
        worker.give(order)
        while True:
            for _, event in self.events(ANSWER_SECONDS):
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
        self.all[self.all.index(worker)] = Worker()
        return lost


def serve(pipe: Connection) -> None:
    """Do the tasks that come through `pipe` until it ends. The worker's main function."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the supervisor's to handle.
    os.dup2(2, 1)  # What a model prints must not mix with the supervisor's output.
    from hikaku.execution import plain

    plain.prepare_process()
    tasks: queue.SimpleQueue[Order] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(pipe, tasks), daemon=True).start()
    pipe.send(Ready())
    while True:
        pipe.send(_done(tasks.get(), pipe.send))


def _listen(pipe: Connection, tasks: queue.SimpleQueue[Order]) -> None:
    try:
        while True:
            tasks.put(pipe.recv())
    except (EOFError, OSError):
        os._exit(0)  # The supervisor is gone; nobody would hear the result.


def _done(task: Order, tell: Callable[[Progress], None]) -> Event:
    key = task.job.key if isinstance(task, Task) else ""
    try:
        return carried_out(task, tell)
    except HikakuError as error:
        return Refused(key, error)
    except BaseException as error:  # sys.exit in a user's code ends the trial, not the worker
        return Raised(key, summary_of(error), traceback.format_exc())


def carried_out(task: Order, tell: Callable[[Progress], None]) -> Finished:
    """Return what came of the task, done in this process; `tell` hears how training goes on."""
    from hikaku.execution import device, own_data, plain

    if isinstance(task, Load):
        return Finished(answer=str(own_data.load_data(task.use, task.folder)))
    if isinstance(task, Find):
        return Finished(answer=device.name_of(task.device))
    key = task.job.key
    if task.dry:
        plain.dry_run(task.job)
        return Finished(key)
    return Finished(
        key, plain.run_trial(task.job, lambda step, steps: tell(Progress(key, step, steps)))
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


def _start_server() -> None:
    # The fork server heeds Ctrl-C until it has imported torch, and would end with a traceback.
    # What is ignored when it is started stays ignored in it.
    if threading.current_thread() is not threading.main_thread():
        forkserver.ensure_running()
        return
    heeded = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        forkserver.ensure_running()
    finally:
        signal.signal(signal.SIGINT, heeded)


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
