"""Reads the cropped digits of SVHN from MATLAB's files, version 5.

Layout: `X`, uint8 (32, 32, 3, n), row, column, colour, image; `y`, (n, 1), the digits 1 to 9, and
10 for 0. A file is a head of 128 bytes, then elements: kind and size, 4 bytes each, then contents;
one of up to 4 bytes stands in its own tag. An array is an element of elements (flags, dimensions,
name, numbers, first index fastest), and is packed by zlib as a rule. Every size is held against
what is there: scipy's reader, given a damaged file, can end the process. Sources: MathWorks,
MAT-File Format; the page of the data set, Y. Netzer et al., 2011.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hikaku.data.readers.contents import bomb, content, unpacked_at_most
from hikaku.errors import DataError
from hikaku.words import message

HEAD = 128
LITTLE_ENDIAN = b"IM"
SIZES, NAME, ARRAY, PACKED = 5, 1, 14, 15
NUMBERS = {1: "i1", 2: "u1", 3: "<i2", 4: "<u2", 5: "<i4", 6: "<u4", 9: "<f8"}
"""Kinds of elements: what they hold."""


def read(path: Path) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return (images, digits): (n, 3, 32, 32) uint8 and (n,) int64, 0 to 9.

    Raises DataError where the file holds something else, or is damaged.
    """
    try:
        held = dict(_arrays(content(path), path))
        images, digits = held["X"], held["y"]
        count = images.shape[-1]
        shapes = images.shape == (32, 32, 3, count) and digits.shape == (count, 1)
        if not shapes or images.dtype != np.uint8:
            raise ValueError(f"X {images.dtype} {images.shape}, y {digits.shape}")
        if not np.isin(digits, range(1, 11)).all():
            raise ValueError(f"y from {digits.min()} to {digits.max()}")
    except (ValueError, KeyError, struct.error, zlib.error) as error:
        raise DataError.of(
            message("no file of SVHN's cropped digits: {error}", error=error),
            where=f"{path}:",
            mend=message("fetch the file again"),
        ) from error
    return images.transpose(3, 2, 0, 1), digits[:, 0].astype(np.int64) % 10


def _arrays(raw: bytes, path: Path) -> Iterator[tuple[str, NDArray[Any]]]:
    """Yield name and array of each array of numbers; the other kinds of variables are errors."""
    if raw[HEAD - len(LITTLE_ENDIAN) : HEAD] != LITTLE_ENDIAN:
        raise ValueError("no MATLAB file of version 5")
    for kind, inside in _elements(memoryview(raw)[HEAD:]):
        if kind == PACKED:
            ((kind, inside),) = _elements(memoryview(_unpacked(inside, path)))
        if kind != ARRAY:
            raise ValueError(f"an element of kind {kind}")
        _, (sizes, dimensions), (named, name), (numbers, values) = _elements(inside)
        if (sizes, named) != (SIZES, NAME):
            raise ValueError(f"elements of kinds {sizes} and {named}")
        shape = np.frombuffer(dimensions, NUMBERS[SIZES])
        flat: NDArray[Any] = np.frombuffer(values, NUMBERS[numbers])
        yield bytes(name).decode("ascii"), flat.reshape(shape, order="F")


def _elements(data: memoryview) -> Iterator[tuple[int, memoryview]]:
    """Yield kind and contents of each element."""
    at = 0
    while at < len(data):
        kind, size = struct.unpack_from("<II", data, at)
        at += 8
        if small := kind >> 16:
            yield kind & 0xFFFF, data[at - 4 : at - 4 + small][:4]
            continue
        if at + size > len(data):
            raise ValueError(f"{len(data) - at:,} bytes where {size:,} are announced")
        yield kind, data[at : at + size]
        # Elements begin at multiples of 8 bytes, but for those behind a packed one.
        at += size if kind == PACKED else -(-size // 8) * 8


def _unpacked(data: memoryview, path: Path) -> bytes:
    packing = zlib.decompressobj()
    most = unpacked_at_most(len(data))
    found = packing.decompress(data, most)
    if packing.unconsumed_tail:
        raise bomb(path, len(data))
    if not packing.eof:
        raise ValueError("the packed data are cut")
    return found
