"""Files that are there whole or not at all, and that a power cut does not undo.

What a program writes lies in memory for a while; only `fsync` waits for the disk. So a file is
written beside its place, flushed, and renamed; then the folder is flushed, which holds the name.
An error of `fsync` is final: the system may forget what it failed to write, and say yes when asked
a second time (PostgreSQL, "fsyncgate", 2018). Nothing here is ever tried twice.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PART = ".part"
"""Ends the name of a file that is not yet whole; one that is old was left by a killed process."""


def write(path: Path, content: bytes) -> None:
    """Put this file in place of what is there: readers find the old or the new one, never a half.

    It has reached the disk when this returns. A link stays one, and a device or a pipe is written
    to. Raises OSError; then what was there stays, except that where only the flush of the folder
    failed, the new file may be there already.
    """
    if path.exists() and not path.is_file():
        path.write_bytes(content)
        return
    with _beside(path) as new, new.open("xb") as file:
        file.write(content)
        file.flush()
        # By this handle: one that was opened later might not be told of an error.
        os.fsync(file.fileno())


@contextmanager
def replacing(path: Path, ending: str = "") -> Iterator[Path]:
    """Yield a new path in the same folder; what is written there replaces `path` at the end.

    For writers that take a path, and a name with a certain `ending`. Where the block raises,
    nothing stays of it. Otherwise as `write`.
    """
    with _beside(path, ending) as new:
        yield new
        flush(new)


def make_folder(path: Path, mode: int = 0o777) -> None:
    """Make a folder, and those above it that are missing, whose names outlive a power cut, too.

    Who may enter it says `mode`, as far as the process' own mask lets it; one that is there
    already stays as it is.
    """
    if not path.is_dir():
        make_folder(path.parent)
        path.mkdir(mode, exist_ok=True)
        flush(path.parent)


def flush(path: Path) -> None:
    """Wait until a file, or the names in a folder, would outlive a power cut; OSError passes."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _beside(path: Path, ending: str = "") -> Iterator[Path]:
    """Yield a name that nothing has yet; then rename it to `path` and flush the folder."""
    target = path.resolve()
    # Short, whatever the length of the file's own name.
    new = target.with_name(f".hikaku-{secrets.token_hex(8)}{PART}{ending}")
    try:
        yield new
        new.replace(target)
    except BaseException:
        with suppress(OSError):
            new.unlink(missing_ok=True)
        raise
    flush(target.parent)
