"""Supervisors and workers in milliseconds: forks of a process that has imported everything.

A supervisor is a fork of this process, which never opens a store; workers are forks of one fork
server that all supervisors share, where each of them would start its own. Both are what they are
in earnest but for that.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
import traceback
from collections.abc import Callable
from multiprocessing import forkserver
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.util import LRUCache

from hikaku.errors import HikakuError
from hikaku.execution import seats
from hikaku.execution.seats import HOUSE
from soak.world import World

# By its full name: the package shows a function in the place of the room.
RUN: Any = importlib.import_module("hikaku.run.study")
SQLITE: Any = importlib.import_module("hikaku.store.sqlite")
WORKERS = 2


class Shared(forkserver.ForkServer):
    """A fork server that forks of the process that started it use as if it were theirs."""

    def ensure_running(self) -> None:
        """Start it, in the process that it belongs to."""
        if self._forkserver_pid is None:  # type: ignore[attr-defined]
            super().ensure_running()

    @property
    def pid(self) -> int:
        """Its process."""
        found: int = self._forkserver_pid  # type: ignore[attr-defined]
        return found


def fork_server(preload: str) -> Shared:
    """Start the fork server of all workers to come, with this module loaded."""
    server = Shared()
    server.set_forkserver_preload(["soak.nursery", preload])
    seats._SERVERS[HOUSE.threads] = server
    server.ensure_running()
    return server


def share_statements() -> None:
    """Have all engines to come use one cache of compiled statements, which forks inherit."""
    cache = LRUCache[Any, Any](500)
    create = SQLITE.create_engine

    def created(*arguments: Any, **named: Any) -> Engine:
        engine: Engine = create(*arguments, **named)
        engine._compiled_cache = cache
        return engine

    SQLITE.create_engine = created


def children(pid: int) -> list[int]:
    """Return the processes that this one has started, as far as they are still there."""
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except OSError:
        return []
    return [int(word) for word in text.split()]


class Quiet:
    """Looks on and says nothing."""

    def __getattr__(self, name: str) -> Callable[..., None]:
        """Return what hears it."""
        return lambda *_: None


def supervisor(
    world: World, before: Callable[[], None] | None = None, log: Path | None = None
) -> int:
    """Return the process that runs this study to its end, as `hikaku run` would.

    It does first what is to be done `before`.
    """

    def work() -> int:
        if before:
            before()
        return run(world)

    return forked(work, log or world.folder / "log")


def stop_here() -> None:
    """Stop this process, until somebody lets it go on."""
    os.kill(os.getpid(), signal.SIGSTOP)


def run(world: World) -> int:
    """Run this study to its end, and return what `hikaku run` would end with."""
    if world.known:
        # Who looks for the data and decodes it has nothing to lose; it is done once for all.
        RUN.identify = lambda *_: world.known
    try:
        RUN.run(world.study, str(world.store), Quiet(), workers=WORKERS, engine=world.engine)
    except HikakuError as error:
        print(error.text(), file=sys.stderr)
        return error.exit_code
    return 0


def forked(work: Callable[[], int], log: Path) -> int:
    """Return the process, a fork of this one, that does this work and ends with what it returns."""
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid:
        return pid
    code = 99
    try:
        out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        os.dup2(out, 1)
        os.dup2(out, 2)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        code = work()
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)
