"""What workers print, kept in a file for each trial, and never more than a little of it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path

MOST_BYTES = 512 * 1024
"""A log that grows beyond this is put aside as `NAME.log.1`, in place of the one before."""

MOST_LOGS = 500
"""When a run begins, the oldest logs beyond this number go."""

CHUNK, AT_ONCE = 64 * 1024, 1024 * 1024
"""Bytes read at once, and before somebody else is heard: who prints much holds up only itself."""


class Log:
    """A file of what is printed: its last `MOST_BYTES` to twice that, the older half beside it.

    It is made when the first word comes. A disk that takes no more is no reason to stop a run.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, text: bytes) -> None:
        """Append this, the older words put aside where there are too many."""
        with suppress(OSError):
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if self._size() + len(text) > MOST_BYTES:
                self.path.replace(self.path.with_name(f"{self.path.name}.1"))
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW
            file = os.open(self.path, flags, 0o600)
            try:
                os.write(file, text)
            finally:
                os.close(file)

    def _size(self) -> int:
        return self.path.stat().st_size if self.path.exists() else 0


class Printed:
    """The end of a worker's pipe at which what it prints comes out."""

    def __init__(self, pipe: Connection, folder: Path | None) -> None:
        self.pipe, self._folder = pipe, folder
        self._log: Log | None = None
        self.ended = False
        os.set_blocking(pipe.fileno(), False)

    def fileno(self) -> int:
        """Return what can be waited for."""
        return self.pipe.fileno()

    def goes_to(self, name: str) -> None:
        """Keep what comes from now on in the log of this name; without a folder, show it."""
        self.drain()
        self._log = Log(self._folder / f"{name}.log") if self._folder else None

    @property
    def log(self) -> str:
        """The path of the log, "" where nothing stands in it."""
        return str(self._log.path) if self._log and self._log.path.exists() else ""

    def drain(self) -> None:
        """Keep what has come, at most `AT_ONCE` bytes of it."""
        for _ in range(AT_ONCE // CHUNK):
            try:
                text = os.read(self.fileno(), CHUNK)
            except BlockingIOError:
                return
            except OSError:
                text = b""
            if not text:
                self.ended = True
                return
            self._add(text)

    def note(self, text: str) -> None:
        """Keep this too, where there is a log; it is not for the screen."""
        if self._log:
            self._log.write(text.encode(errors="backslashreplace"))

    def close(self) -> None:
        """Keep what has come, and hear no more."""
        if not self.pipe.closed:
            self.drain()
            self.pipe.close()

    def _add(self, text: bytes) -> None:
        if self._log:
            self._log.write(text)
        else:
            with suppress(OSError, ValueError, AttributeError):  # nobody need listen
                os.write(sys.stderr.fileno(), text)


def drop_old(folder: Path, keep: int = MOST_LOGS) -> None:
    """Delete the oldest logs of a folder, so that `keep` files stay."""
    logs: Iterable[Path] = folder.glob("*.log*")
    with suppress(OSError):
        for path in sorted(logs, key=lambda path: path.stat().st_mtime)[:-keep]:
            path.unlink(missing_ok=True)
