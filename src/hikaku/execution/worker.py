"""`Worker`: one worker process, as the supervisor holds it."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import types
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path

from hikaku.errors import EnvironmentFault
from hikaku.execution import machine
from hikaku.execution.job import Job
from hikaku.execution.logs import Printed
from hikaku.execution.memory import Taken
from hikaku.execution.orders import (
    Event,
    Gauge,
    Load,
    Lost,
    Order,
    Park,
    Raised,
    Ready,
    Refused,
    Survey,
    Task,
    Verify,
    Word,
)
from hikaku.execution.process import descendants, send
from hikaku.execution.seats import ENDING, HOUSE, Seat, fork_server
from hikaku.execution.serve import serve, summary_of
from hikaku.execution.watchdog import Patience, Watchdog
from hikaku.words import Message, message

STARTS = 3
"""So often a process is started that dies at once."""


class Worker:
    """One worker process and the supervisor's ends of its pipes.

    It is `used` up when it has run code of the user's: what that left behind, a module under a
    name that another trial's file imports too, must not reach the next trial. And when a task
    failed: it may hold memory still, or a device in a state that no kernel recovers from. What
    code of an outside arm has started ends with the worker.
    """

    def __init__(
        self,
        seat: Seat = HOUSE,
        logs: Path | None = None,
        patience: Patience = Patience(),  # noqa: B008 (frozen)
    ) -> None:
        context = multiprocessing.get_context("forkserver")
        self.pipe, theirs = context.Pipe()
        printed, their_output = context.Pipe(duplex=False)
        self.printed = Printed(printed, logs)
        self.seat = seat
        ignored = [one for one in ENDING if signal.getsignal(one) == signal.SIG_IGN]
        with _no_main_module(), fork_server(seat):
            self.process = _started(context, theirs, seat, their_output, ignored)
        theirs.close()
        their_output.close()
        self.task: Order | None = None
        self.ready = False
        self.used = False
        self.taken = Taken()
        self._patience = patience
        self._watchdog: Watchdog | None = None
        self._ended_for: Message | None = None

    def give(self, task: Order) -> None:
        """Send a task; the worker must be free."""
        self.task, self.taken = task, Taken()
        self._watchdog = Watchdog(self._patience) if _trains(task) else None
        self.printed.goes_to(_name(task))
        theirs = isinstance(task, (Task, Gauge, Survey)) and (self.seat.threads or task.job.files)
        self.used = isinstance(task, Load | Verify) or bool(theirs)
        self._send(task)

    def park(self) -> None:
        """Have its task saved and ended."""
        self._send(Park())

    def noticed(self, event: Event) -> Event:
        """Return what it has told, with the path of the log where its task has failed."""
        self.ready = True
        if self._watchdog:
            if self._watchdog.is_late:
                self._ended_for = None
            self._watchdog.heard(event)
        if isinstance(event, (Raised, Refused)):
            self.used = True
        if not isinstance(event, Ready | Word):
            self.printed.drain()
            self.task = self._watchdog = None
        if isinstance(event, Raised):
            self.printed.note(event.text)
            event = replace(event, log=self.printed.log)
        return event

    def lost(self, ended_before: int) -> Lost:
        """Return how it has died, `ended_before` processes being ended for memory until then."""
        self.process.join()
        self.end_children()
        code = self.process.exitcode or 0
        self.printed.close()
        self.pipe.close()
        why = self._ended_for
        if why is None and code == -signal.SIGKILL:
            why = self._killed(machine.ended_for_memory() > ended_before)
        return Lost(code, why, self.printed.log)

    def look(self, passed: float) -> None:
        """End it by and by where its training has told nothing for too long."""
        if self._watchdog is None:
            return
        if number := self._watchdog.look(passed, computes=self.taken.computes):
            why = message("no update for {seconds:.0f} seconds", seconds=self._watchdog.silence)
            self.end(number, why)

    def end(self, number: signal.Signals, why: Message) -> None:
        """Send it a signal that is to end it, for this reason, and with SIGKILL what it started."""
        self._ended_for = why
        pid = self.process.pid or 0
        send(number, pid, *(descendants(pid) if number == signal.SIGKILL else ()))

    def outgrown(self, free: float, whole: float) -> Message:
        """Say that it has taken too much of the memory."""
        return message(
            "memory gives out: it has taken {taken:.0f} MiB, {growth:+.0f} MiB in a minute, and "
            "{free:.0f} of {whole:.0f} MiB are free; lower batch_size or --workers",
            taken=self.taken.mib,
            growth=self.taken.mib_a_minute,
            free=free,
            whole=whole,
        )

    def stop(self) -> None:
        """End the worker at once."""
        self.pipe.close()
        started = list(descendants(self.process.pid or 0))
        self.end_children()
        self.process.kill()
        send(signal.SIGKILL, *started)
        self.process.join()
        self.printed.close()

    def end_children(self) -> None:
        """End what code of an outside arm has started, the worker itself included."""
        if self.seat.threads and self.process.pid:
            with suppress(ProcessLookupError, PermissionError):  # it has ended already
                os.killpg(self.process.pid, signal.SIGKILL)

    def _send(self, order: Order | Park) -> None:
        with suppress(OSError):  # It has just died; `Workers.events` will tell.
            self.pipe.send(order)

    def _killed(self, for_memory: bool) -> Message | None:
        figures = {"peak": self.taken.peak, "whole": machine.memory_mib()}
        if for_memory:
            return message(
                "the system ended it for want of memory: it had taken {peak:.0f} of {whole:.0f} "
                "MiB; lower batch_size or --workers",
                **figures,
            )
        if not self.taken.peak:
            return None  # it ended before anybody had looked
        return message(
            "it had taken {peak:.0f} of {whole:.0f} MiB of memory; if that was too much, lower "
            "batch_size or --workers",
            **figures,
        )


def _started(context: ForkServerContext, *given: object) -> ForkServerProcess:
    """Return a process that serves.

    One that is killed before it has read what it is to do, or whose fork server is, is replaced.
    """
    for left in reversed(range(STARTS)):
        process = context.Process(target=serve, args=given, daemon=True)
        try:
            process.start()
        except (EOFError, OSError) as error:
            if not left:
                raise EnvironmentFault.of(
                    message("no worker process can be started"),
                    why=message("{error}", error=summary_of(error)),
                ) from error
        else:
            break
    return process


def _trains(task: Order) -> bool:
    """Return whether a task is told of at each update: by our own loop, not by outside code."""
    return isinstance(task, Task) and isinstance(task.job, Job) and not task.dry


def _name(task: Order) -> str:
    """Return the name of the log of what is printed during a task."""
    if isinstance(task, (Task, Gauge, Survey, Verify)):
        return task.job.key
    return type(task).__name__.lower()


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
