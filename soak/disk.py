"""A disk that fills up, or may only be read: runs stop with what to do, and go on when they can.

It runs in a mount namespace of its own (`unshare -m`), where it may mount what it likes.
"""

from __future__ import annotations

import random
import resource
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from soak import kills, zygote
from soak.oracle import Expect, Oracle
from soak.world import World

FULL, READ_ONLY = (0, 4, 75), (4,)
"""How a run may end whose disk is full, and one that may write nothing."""
ROOM = "64m"


def there() -> bool:
    """Return whether a namespace can be had here."""
    tried = [*COMMAND, "mount", "-t", "tmpfs", "soak", "/mnt"]
    try:
        return subprocess.run(tried, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


COMMAND = ("unshare", "--mount", "--propagation", "private")
"""What begins the command of a process with a namespace of its own."""


def fill(ground: kills.Ground, expect: Expect, world: World, number: int, seed: int) -> kills.Tally:
    """Run the world so many times on disks that are too small, and on ones that are read only."""
    tally, draws, began = kills.Tally(), random.Random(seed), time.monotonic()
    for _ in range(number):
        if tally.wrong:
            break
        kibibytes, most = draws.randint(40, 600), draws.randint(16, 400)
        trouble: tuple[tuple[str, str, Callable[[], None] | None, tuple[int, ...]], ...] = (
            (f"a disk of {kibibytes} KiB", f"remount,size={kibibytes}k", None, FULL),
            (f"files of {most} KiB", f"remount,size={ROOM}", _limit(most * 1024), FULL),
            ("read only", "remount,ro", None, READ_ONLY),
        )
        what, options, before, allowed = draws.choice(trouble)
        with _mounted() as folder:
            here = replace(world, folder=folder, study=replace(world.study, folder=str(folder)))
            oracle = Oracle(here, expect)
            _mount(folder, options)
            # Its log lies elsewhere: there is no room for it.
            with tempfile.NamedTemporaryFile(prefix="soak-log-") as log:
                code = kills.waited(
                    zygote.supervisor(here, log=Path(log.name), before=before),
                    kills.RESTING_SECONDS,
                )
                said = log.read().decode()
            _mount(folder, f"remount,rw,size={ROOM}")
            wrong = [] if code in allowed else [f"the run ended with {code}: {said}"]
            wrong += ground.orphans() + oracle.judge(0)[1] + kills.rest(here, ground, oracle)
            tally.wrong += [f"{what}: {fault}" for fault in wrong]
        tally.paused += code in (4, 75)
        tally.studies += 1
        tally.trials += len(world.keys)
    tally.seconds = time.monotonic() - began
    return tally


def _limit(size: int) -> Callable[[], None]:
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


@contextmanager
def _mounted() -> Iterator[Path]:
    """Yield the folder of a new disk."""
    folder = Path(tempfile.mkdtemp(prefix="soak-"))
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={ROOM}", "soak", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)
        folder.rmdir()


def _mount(folder: Path, options: str) -> None:
    subprocess.run(["mount", "-o", options, folder], check=True)
