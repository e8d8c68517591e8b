"""A guest beside a run: it reads what the dashboard reads, until it dies or hangs at any moment.

The run must not notice: neither that it looks on, nor how it ends.
"""

from __future__ import annotations

import asyncio
import os
import signal

from hikaku.read.serve.library import Library
from hikaku.store.store import Store
from soak import zygote
from soak.plan import Life
from soak.world import World

PAUSE_SECONDS = 0.01


def arrives(world: World, life: Life, seconds: float) -> int:
    """Return the process of a guest that dies within a life of so many seconds, or hangs.

    Every other one hangs, with its look at the store begun and never ended.
    """
    hangs = int(life.choice * 1_000) % 2 == 0
    after = 0.001 + seconds * (life.choice * 7 % 1)

    def work() -> int:
        # Nobody handles it: the kernel ends the process at whatever instruction it is.
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, 0 if hangs else after)
        asyncio.run(_looks_on(world, after if hangs else 3_600.0))
        return 0

    return zygote.forked(work, world.folder / "log")


def leaves(pid: int) -> None:
    """End a guest that still hangs there."""
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


async def _looks_on(world: World, seconds: float) -> None:
    library = Library(str(world.store), "en")
    end = asyncio.get_running_loop().time() + seconds
    while asyncio.get_running_loop().time() < end:
        await library.look()
        for one in library.listed:
            await library.study(one.number)
        await asyncio.sleep(PAUSE_SECONDS)
    with Store.reading(world.store) as store, store._transaction():
        zygote.stop_here()
