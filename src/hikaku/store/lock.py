"""`Lock`: one writer per store. The kernel frees it however the writer ends."""

from __future__ import annotations

import fcntl
import json
import os
import platform
import shlex
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from hikaku.errors import StoreBusy
from hikaku.store.address import OWN_FILE, Address, hidden
from hikaku.store.schema import now
from hikaku.words import Message, message


class Lock:
    """The right to write to one store, held from the call until `release`.

    A process forked meanwhile would go on holding it: fork workers before.
    """

    def __init__(
        self, address: Address, *, wait: bool, notify: Callable[[Message], None] | None = None
    ) -> None:
        """Take the lock. Where another run holds it: say so once and wait, or raise StoreBusy."""
        self.path = address.lock
        self._file = os.open(self.path, os.O_RDWR | os.O_CREAT, OWN_FILE)
        try:
            self._take(wait, notify)
            os.ftruncate(self._file, 0)
            os.pwrite(self._file, json.dumps(_this_process()).encode(), 0)
        except BaseException:
            os.close(self._file)
            raise

    def release(self) -> None:
        """Let the next run write. The file stays: removing it could give two runs a lock each."""
        # What stands in it is for messages; a disk that fails must not keep the lock.
        with suppress(OSError):
            os.ftruncate(self._file, 0)
        os.close(self._file)

    def _take(self, wait: bool, notify: Callable[[Message], None] | None) -> None:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if not wait:
                raise StoreBusy.of(
                    self._holder(),
                    mend=message("wait for it (without --no-wait), or name another --store"),
                ) from None
            if notify:
                notify(message("{holder}; waiting for it", holder=self._holder()))
            fcntl.flock(self._file, fcntl.LOCK_EX)

    def _holder(self) -> Message:
        try:
            first = json.loads(self.path.read_text(encoding="utf-8"))
            return message(
                "another run is writing to this store: process {pid} on {host} since {started} "
                "({command})",
                pid=int(first["pid"]),
                host=str(first["host"]),
                started=str(first["started"]),
                command=str(first["command"]),
            )
        except (OSError, ValueError, KeyError, TypeError):
            return message("another run is writing to this store")


def _this_process() -> dict[str, object]:
    command = [Path(sys.argv[0]).name, *sys.argv[1:]]
    return {
        "pid": os.getpid(),
        "host": platform.node(),
        "started": now(),
        "command": hidden(shlex.join(command)),
    }
