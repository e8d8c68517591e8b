"""What all readers of users' files share: the bytes of a file, and many faults said as one error.

Nothing blocks (a pipe is refused unopened), and nothing unpacks without bound.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from stat import S_ISREG
from typing import BinaryIO

from hikaku.errors import DataError, Fault
from hikaku.words import Message, message

GZIP = b"\x1f\x8b"
MOST_BYTES = 2**33
"""Bytes that one data set may take in memory."""
CHUNK = 2**20
RATIO = 200
"""Times its own size that a packed file may take; images, tables and text pack 2 to 30 to 1."""
ALWAYS = 2**27
"""Bytes that even a small packed file may take."""
LISTED = 10
"""So many faults are listed; the rest is counted."""


def stamp(path: Path) -> tuple[str, int, int]:
    """Return (path, bytes, time of change in nanoseconds) of a file.

    Raises DataError where it is missing or no regular file.
    """
    try:
        status = path.stat()
    except OSError as error:
        raise unreadable(path, error) from error
    if not S_ISREG(status.st_mode):
        mend = message("name a file or a folder of files; a pipe or device is not read")
        raise DataError.of(message("not a regular file"), where=f"{shown(path)}:", mend=mend)
    return str(path), status.st_size, status.st_mtime_ns


def content(path: Path, most: int = MOST_BYTES) -> bytes:
    """Return the bytes of a file, unpacked where it is gzipped, whatever its name.

    Raises DataError where it cannot be read, is damaged, or holds more than `most` bytes.
    """
    size = stamp(path)[1]
    try:
        with path.open("rb") as raw:
            packed = raw.read(2) == GZIP
            raw.seek(0)
            most = min(most, unpacked_at_most(size)) if packed else most
            found = _bounded(gzip.GzipFile(fileobj=raw) if packed else raw, most)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataError.of(
            message("the packed data are damaged"),
            where=f"{shown(path)}:",
            why=message("{reason}", reason=error),
            mend=message("fetch or pack the file again"),
        ) from error
    except OSError as error:
        raise unreadable(path, error) from error
    if len(found) > most:
        raise bomb(path, size) if packed else too_large(path, len(found))
    return found


def unpacked_at_most(size: int) -> int:
    """Return how many bytes may come out of a packed file of `size` bytes."""
    return min(MOST_BYTES, max(ALWAYS, RATIO * size))


def bomb(path: Path | str, size: int) -> DataError:
    """Return the error that says a file of `size` bytes unpacks to far more than data do."""
    return DataError.of(
        message("it unpacks to more than {ratio} times its size", ratio=RATIO),
        where=f"{shown(path)}:",
        why=message(
            "{size:,} bytes may become {most:,} here", size=size, most=unpacked_at_most(size)
        ),
        mend=message("where these data are meant, keep them unpacked"),
    )


def _bounded(stream: BinaryIO | gzip.GzipFile, most: int) -> bytes:
    """Return what is left of a stream, or somewhat more than `most` bytes of it."""
    chunks: list[bytes] = []
    size = 0
    while size <= most and (chunk := stream.read(CHUNK)):
        chunks.append(chunk)
        size += len(chunk)
    return b"".join(chunks)


def unreadable(path: Path | str, error: OSError) -> DataError:
    """Return the error that says a file or folder cannot be read, and the system's reason."""
    return DataError.of(
        message("cannot be read"),
        where=f"{shown(path)}:",
        why=message("{reason}", reason=error.strerror or str(error)),
        mend=message("check that it is there and may be read"),
    )


def too_large(path: Path | str, size: int, mend: Message | None = None) -> DataError:
    """Return the error that says a data set would take `size` bytes of memory, or more."""
    return DataError.of(
        message(
            "this takes {gib:.1f} GiB of memory or more; {most:.0f} are allowed",
            gib=size / 2**30,
            most=MOST_BYTES / 2**30,
        ),
        where=f"{shown(path)}:",
        mend=mend or message("hand over a smaller part"),
    )


def gather(faults: Sequence[Fault]) -> None:
    """Raise one DataError with the first of these faults and a count of the rest, if any."""
    more = len(faults) - LISTED
    what, mend = message("and {count:,} more like these", count=more), message("mend these first")
    rest = [Fault(what, mend=mend)] if more > 0 else []
    DataError.gather([*faults[:LISTED], *rest])


@contextmanager
def collected(faults: list[Fault]) -> Iterator[None]:
    """Take the faults of a DataError raised inside, and go on behind it."""
    try:
        yield
    except DataError as error:
        faults.extend(error.faults)


def listed(items: Sequence[object], most: int = LISTED) -> str:
    """Return the first items, separated by commas, and an ellipsis for the rest."""
    return ", ".join(str(item)[:60] for item in items[:most]) + (" …" if len(items) > most else "")


def shown(path: Path | str) -> str:
    """Return a path, or what was said of one, as text that can be printed."""
    return str(path).encode("utf-8", "replace").decode("utf-8")
