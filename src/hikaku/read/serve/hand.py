"""`Hand`: a thread that does one thing after the other, and that no ending waits for."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from typing import TypeVar

Result = TypeVar("Result")


class Hand:
    """Works for whoever awaits it.

    Not an executor: threads of those are waited for when the program ends, and what is done here
    may take minutes.
    """

    def __init__(self) -> None:
        """Begin when there is something to do."""
        self._orders: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._thread = threading.Thread(target=self._work, daemon=True)

    async def do(self, work: Callable[[], Result]) -> Result:
        """Return what the work returns, which may raise nothing."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[Result] = loop.create_future()

        def hand_over(result: Result) -> None:
            if not done.done():
                done.set_result(result)

        def order() -> None:
            result = work()
            # The loop is closed where all has ended meanwhile.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(hand_over, result)

        self._orders.put(order)
        if not self._thread.is_alive():
            self._thread.start()
        return await done

    def _work(self) -> None:
        while True:
            self._orders.get()()
