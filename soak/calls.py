"""Every system call at which a run may end or fail: killed there, or told EIO or ENOSPC, by strace.

The n-th call of a kind is struck, for n = 1, 2, … until a run gets through without being struck.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Literal

from soak import kills, zygote
from soak.oracle import GIVEN_UP, Expect, Oracle
from soak.world import World

Who = Literal["supervisor", "worker"]
KILL, FAILS = "signal=KILL", ("error=EIO", "error=ENOSPC")
CALLS: tuple[tuple[Who, str], ...] = (
    ("supervisor", "fdatasync"),
    ("supervisor", "unlink"),
    ("worker", "fsync"),
    ("worker", "rename"),
    ("worker", "mkdir"),
    ("worker", "unlink"),
    ("supervisor", "fsync"),
    ("supervisor", "rename"),
    ("supervisor", "mkdir"),
    ("supervisor", "rmdir"),
    ("supervisor", "ftruncate"),
    ("supervisor", "pwrite64"),
    ("supervisor", "write"),
)
"""The calls by which anything reaches a disk, or another process.

Not a worker's `write`: the fork server would be struck too, which writes a byte for each signal.
"""
FAILING = ("pwrite64", "fsync", "fdatasync", "ftruncate", "rename", "mkdir")
"""Those that a disk can refuse. Pipes are written to by `write`, too, and they never do."""
PAUSED = (0, 4, 75)
"""How a run ends whose disk fails: it went on, or stopped with what to do."""
ATTACH_SECONDS = 10.0


@dataclass(frozen=True)
class Point:
    """What is done to the n-th call of a kind of each process of a kind."""

    who: Who
    call: str
    what: str
    number: int

    def __str__(self) -> str:
        """Return it in a few words."""
        return f"{self.who}: {self.call} {self.number}: {self.what}"


@dataclass
class Swept:
    """How many points were struck, by what was done, and what must never be."""

    points: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    wrong: list[str] = field(default_factory=list)


def there() -> bool:
    """Return whether strace is here and may trace."""
    if not shutil.which("strace"):
        return False
    tried = ["strace", "-o", os.devnull, "-e", "trace=none", "true"]
    return subprocess.run(tried, capture_output=True, check=False).returncode == 0


def all_points() -> Iterator[tuple[Who, str, str]]:
    """Yield every kind of point."""
    for who, call in CALLS:
        yield who, call, KILL
    for who, call in CALLS:
        for what in FAILS if call in FAILING else ():
            yield who, call, what


@dataclass
class Sweep:
    """Strikes runs of small worlds, each point in a world of its own."""

    ground: kills.Ground
    expect: Expect
    worlds: Callable[[], World]
    swept: Swept = field(default_factory=Swept)

    def every(self, step: int = 1, seed: int = 0, most: int | None = None) -> Swept:
        """Strike at every point, or at one of each `step` in a row, drawn from the seed.

        Only the first so many kinds of points are, where `most` says so.
        """
        began, draws = time.monotonic(), random.Random(seed)
        for who, call, what in islice(all_points(), most):
            number = draws.randint(1, step)
            while not self.swept.wrong and self.strike(Point(who, call, what, number)):
                name = what.partition("=")[2]
                self.swept.points[name] = self.swept.points.get(name, 0) + 1
                number += step
        self.swept.seconds = time.monotonic() - began
        return self.swept

    def strike(self, point: Point) -> bool:
        """Run a new world with this point, and another time without; return whether it was met."""
        world = self.worlds()
        oracle = Oracle(world, self.expect)
        was_struck, code = self._struck(world, point)
        # A worker that always dies at the same call never gets further, and its trial is given up.
        deaths = GIVEN_UP if point.who == "worker" and point.what == KILL else 0
        allowed: tuple[int, ...] = (-signal.SIGKILL, 0) if point.what == KILL else PAUSED
        allowed += kills.GAVE_UP if deaths else ()
        wrong = [] if code in allowed else [f"the run ended with {code}"]
        wrong += self.ground.orphans()
        wrong += oracle.judge(deaths)[1]
        if not wrong:
            wrong += kills.rest(world, self.ground, oracle)
        self.swept.wrong += [f"{point}: {fault} [{world.folder}]" for fault in wrong]
        if not wrong:
            world.remove()
        return was_struck

    def _struck(self, world: World, point: Point) -> tuple[bool, int]:
        """Return whether the run came to the point, and how it ended."""
        pid = zygote.supervisor(world, before=zygote.stop_here)
        os.waitpid(pid, os.WUNTRACED)
        tracee = pid if point.who == "supervisor" else self.ground.server.pid
        inject = f"inject={point.call}:{point.what}:when={point.number}"
        with traced(tracee, "-e", f"trace={point.call}", "-e", inject) as log:
            os.kill(pid, signal.SIGCONT)
            code = kills.waited(pid, kills.RESTING_SECONDS)
        said = log.read_text()
        log.unlink()
        if point.what == KILL:
            return "killed by SIGKILL" in said, code
        return "(INJECTED)" in said, code


@contextmanager
def traced(pid: int, *options: str) -> Iterator[Path]:
    """Have strace trace this process, and what it forks, for as long as the block lasts."""
    handle, name = tempfile.mkstemp(prefix="soak-strace-")
    os.close(handle)
    strace = subprocess.Popen(["strace", "-f", "-qq", "-o", name, *options, "-p", str(pid)])
    try:
        _wait_for(lambda: _traced(pid) or strace.poll() is not None)
        yield Path(name)
    finally:
        strace.send_signal(signal.SIGINT)
        strace.wait()


def _traced(pid: int) -> bool:
    status = Path(f"/proc/{pid}/status").read_text()
    return "TracerPid:\t0\n" not in status


def _wait_for(true: Callable[[], bool]) -> None:
    end = time.monotonic() + ATTACH_SECONDS
    while not true():
        if time.monotonic() > end:
            raise TimeoutError("strace did not attach")
        time.sleep(0.001)
