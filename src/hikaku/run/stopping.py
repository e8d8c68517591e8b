"""How a run is asked to end: at the first signal it saves what is on its way, at the next not."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")


@contextmanager
def stopping(asked: threading.Event) -> Iterator[None]:
    """Set `asked` when the system asks this process to end; at the end of the block, let it.

    A second signal does what it did before, at once. One that is ignored stays so. In another
    thread than the main one signals are not heard, and nothing changes.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before: dict[int, Any] = {}
    heard: list[int] = []

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    def hear(number: int, frame: FrameType | None) -> None:
        restore()
        heard.append(number)
        asked.set()

    for name in SIGNALS:
        number = getattr(signal, name)
        handler = signal.getsignal(number)
        if handler not in (signal.SIG_IGN, None):
            before[number] = handler
            signal.signal(number, hear)
    try:
        yield
    finally:
        restore()
    if heard:
        signal.raise_signal(heard[0])
