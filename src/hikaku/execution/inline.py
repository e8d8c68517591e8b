"""Training in this process: for a model that cannot travel to a worker.

Eats tasks as workers do, makes the same events, one task at a time. What training sets in a
process (threads, defaults of torch, the global generators) is as before once a task has ended.
"""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

from hikaku.errors import HikakuError
from hikaku.execution.job import OutsideJob
from hikaku.execution.orders import Event, Order, Raised, Refused, Result, Task, Word
from hikaku.execution.serve import carried_out, summary_of


class Here:
    """One worker that is this process; it does its task when its events are asked for.

    `tell` hears how a trial goes on, and the states in which it is saved: until it has ended, no
    event can come. Once `stop` is set, a task ends as soon as it is saved. Ctrl-C, where nobody
    else handles it, ends it at once and reaches whoever asked for the events.
    """

    def __init__(self, tell: Callable[[Word], None], stop: threading.Event | None = None) -> None:
        self.all = [self]
        self.task: Order | None = None
        self._tell = tell
        self._stop = stop or threading.Event()

    def grow(self, count: int) -> None:
        """Do nothing: there is one process."""

    def free(self) -> list[Here]:
        """Return this worker where it has no task."""
        return [] if self.task else [self]

    def give(self, task: Order) -> None:
        """Take a task; it is done later."""
        self.task = task

    def park(self) -> None:
        """Have the task saved and ended, as soon as it can be."""
        self._stop.set()

    def events(self, timeout: float) -> Iterator[tuple[Here, Event]]:
        """Do the task and yield what came of it, however long that takes; nothing without one."""
        if self.task is not None:
            task, self.task = self.task, None
            results: list[Result] = []
            end = self._done(task, results)
            yield from ((self, event) for event in (*results, end))

    def close(self) -> None:
        """Do nothing: this process goes on."""

    def _done(self, task: Order, results: list[Result]) -> Event:
        def tell(event: Word) -> None:
            if isinstance(event, Result):
                results.append(event)
            else:
                self._tell(event)

        try:
            with _surroundings(task):
                return carried_out(task, tell, self._stop)
        except HikakuError as error:
            return Refused(error)
        except (Exception, SystemExit) as error:  # whatever a user's code raises ends its trial
            return Raised(summary_of(error), traceback.format_exc())


def _surroundings(task: Order) -> AbstractContextManager[None]:
    """Return what a task is done in: code of an outside arm, in this process as it is."""
    outside = isinstance(task, Task) and isinstance(task.job, OutsideJob)
    return nullcontext() if outside else _as_in_a_worker()


@contextmanager
def _as_in_a_worker() -> Iterator[None]:
    """Give torch the defaults that it has in a worker, and at the end those that it had here."""
    import torch

    from hikaku.execution import plain
    from hikaku.training.outside_random import outside_random

    threads, dtype, device = (
        torch.get_num_threads(),
        torch.get_default_dtype(),
        torch.get_default_device(),
    )
    fast = torch.backends.mha.get_fastpath_enabled()
    with torch.inference_mode(False), torch.enable_grad(), outside_random(0):
        try:
            plain.prepare_process()
            torch.set_default_dtype(torch.float32)
            torch.set_default_device(None)
            yield
        finally:
            torch.set_num_threads(threads)
            torch.set_default_dtype(dtype)
            if device.type != "cpu":
                torch.set_default_device(device)
            torch.backends.mha.set_fastpath_enabled(fast)
