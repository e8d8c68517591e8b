"""How a worker's process is set up before it does anything, and what is known of it from outside.

It prints into a pipe, which the supervisor reads until the last word: the trace of a crash too.
"""

from __future__ import annotations

import ctypes
import faulthandler
import os
import signal
import sys
import threading
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from types import FrameType

DUMP = signal.SIGUSR1
"""Has a worker print where each of its threads stands."""

PR_SET_PDEATHSIG = 1
"""What Linux's `prctl` can be told; the number stands in its `prctl.h`."""


def settle(printed: Connection) -> None:
    """Have this process print into `printed`, line by line, and its last trace if it crashes.

    Whatever the user's code prints, in whatever letters, is neither lost when the process is
    killed nor a reason to fail.
    """
    for number in (1, 2):
        os.dup2(printed.fileno(), number)
    printed.close()
    sys.stdout, sys.stderr = (
        os.fdopen(n, "w", 1, encoding="utf-8", errors="backslashreplace", closefd=False)
        for n in (1, 2)
    )
    faulthandler.enable()
    faulthandler.register(DUMP)


def end_with_parent() -> None:
    """Have the kernel end this process when the one that forked it ends, where it can (Linux).

    The end of the pipe says so too, but no thread of Python's hears it while another computes in
    C and does not let go.
    """
    with suppress(OSError, TypeError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def leave_to_the_supervisor(
    numbers: Sequence[signal.Signals], ignored: Collection[signal.Signals] = ()
) -> None:
    """Have these signals pass by this process, and by nothing that it starts.

    A program has them back by itself, unlike where they are ignored. A fork is given them back: a
    pool of the user's ends its helpers by SIGTERM, and waits until they have ended. From before the
    fork until then they wait, so that one that is sent at once is heard. A fork ignores those that
    are `ignored` by the supervisor, as `nohup` has it.
    """
    blocked = threading.local()

    def hold() -> None:
        blocked.before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
        signal.pthread_sigmask(signal.SIG_BLOCK, numbers)

    def release() -> None:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked.before)

    def release_fork() -> None:
        for number in numbers:
            if signal.getsignal(number) is _unheard:  # else the user's code has set its own
                signal.signal(number, signal.SIG_IGN if number in ignored else signal.SIG_DFL)
        release()

    for number in numbers:
        signal.signal(number, _unheard)
    os.register_at_fork(before=hold, after_in_parent=release, after_in_child=release_fork)


def _unheard(number: int, frame: FrameType | None) -> None:
    """Do nothing."""


def descendants(pid: int) -> Iterator[int]:
    """Yield the processes that a process has started, and what those have; Linux tells."""
    try:
        lists = [path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/children")]
    except OSError:  # it ends just now
        return
    for child in " ".join(lists).split():
        yield int(child)
        yield from descendants(int(child))


def send(number: signal.Signals, *pids: int) -> None:
    """Send a signal to processes, some of which may have ended meanwhile."""
    for pid in pids:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)
