"""Reads IDX files, the format of MNIST, gzipped or not.

Layout: two zero bytes, a type (8: unsigned bytes, the only one read here), the number of
dimensions, each dimension as a big-endian 32-bit number, then the values. Source: the MNIST page
of Y. LeCun, C. Cortes and C. Burges.
"""

from __future__ import annotations

import gzip
import zlib
from math import prod
from pathlib import Path
from stat import S_ISREG
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from hikaku.data.readers.contents import unpacked_at_most
from hikaku.errors import DataError, HikakuError
from hikaku.words import Message, message

GZIP = b"\x1f\x8b"
RATIO = 1032
"""No deflate stream unpacks to more than 1,032 times its size."""
MOST = 2**31
"""Bytes unpacked at most; the largest set in this format in wide use (EMNIST) has 547 million."""
CHUNK = 2**20

Bytes = BinaryIO | gzip.GzipFile


def read_pair(
    images: Path, labels: Path, classes: int
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return (images, labels): (n, height, width) uint8 and (n,) int64, 0 to `classes` − 1.

    Raises DataError where a file is not what it should be, the counts differ, or a label is out
    of range.
    """
    x, y = read_idx(images, 3), read_idx(labels, 1)
    if len(x) != len(y):
        raise DataError.of(
            message("{labels:,} labels for {images:,} images", labels=len(y), images=len(x)),
            where=f"{images}, {labels}:",
            mend=message("fetch both files again"),
        )
    bad = np.flatnonzero(y >= classes)
    if len(bad):
        row = int(bad[0])
        raise DataError.of(
            message(
                "row {row:,}: label {label}, allowed are 0 to {most}",
                row=row,
                label=int(y[row]),
                most=classes - 1,
            ),
            where=f"{labels}:",
            mend=message("fetch the file again"),
        )
    return x, y.astype(np.int64)


def read_idx(path: Path, dimensions: int) -> NDArray[np.uint8]:
    """Return the file's array, uint8, with this many dimensions.

    Its length is held against the header before anything large is read. Raises DataError, with
    the file and the bytes expected and found, for any other file.
    """
    try:
        status = path.stat()
        if not S_ISREG(status.st_mode):
            raise _fault(path, message("not a regular file"))
        with path.open("rb") as raw:
            packed = raw.read(2) == GZIP
            raw.seek(0)
            if not packed:
                return _parse(path, raw, dimensions, status.st_size)
            with gzip.open(raw) as unpacked:
                most = min(RATIO * status.st_size, unpacked_at_most(status.st_size))
                return _parse(path, unpacked, dimensions, most)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise _fault(path, message("the packed data are damaged"), str(error)) from error
    except OSError as error:
        raise _fault(path, message("cannot be read"), error.strerror or str(error)) from error


def _parse(path: Path, file: Bytes, dimensions: int, most: int) -> NDArray[np.uint8]:
    head = 4 + 4 * dimensions
    header = file.read(head)
    magic = bytes((0, 0, 8, dimensions))
    if header[:4] != magic:
        raise _fault(
            path,
            message(
                "not an IDX file of unsigned bytes with {dimensions} dimensions: it begins with "
                "{found}, not {expected}",
                dimensions=dimensions,
                found=header[:4].hex(" ") or "nothing",
                expected=magic.hex(" "),
            ),
        )
    if len(header) < head:
        raise _length(path, str(head), str(len(header)))
    shape = tuple(int.from_bytes(header[at : at + 4]) for at in range(4, head, 4))
    expected = head + prod(shape)
    if expected > min(most, MOST):
        raise _length(path, f"{expected:,}", message("no more than {most:,}", most=min(most, MOST)))
    values, found = _fill(file, prod(shape))
    if found < len(values):
        raise _length(path, f"{expected:,}", f"{head + found:,}")
    if file.read(1):
        raise _length(path, f"{expected:,}", message("more"))
    return values.reshape(shape)


def _fill(file: Bytes, count: int) -> tuple[NDArray[np.uint8], int]:
    values = np.empty(count, dtype=np.uint8)
    found = 0
    while found < count:
        try:
            chunk = file.read(min(CHUNK, count - found))
        except EOFError:
            break
        if not chunk:
            break
        values[found : found + len(chunk)] = np.frombuffer(chunk, dtype=np.uint8)
        found += len(chunk)
    return values, found


def _length(path: Path, expected: str, found: str | Message) -> HikakuError:
    return _fault(
        path,
        message(
            "expected {expected} bytes (unpacked), found {found}", expected=expected, found=found
        ),
    )


def _fault(path: Path, what: Message, why: str = "") -> HikakuError:
    return DataError.of(
        what,
        where=f"{path}:",
        why=message("{reason}", reason=why) if why else None,
        mend=message("fetch the file again"),
    )
