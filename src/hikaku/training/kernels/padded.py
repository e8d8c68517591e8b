"""An image with its padding around it, in one piece, as the loops over a convolution read it.

Behind the padding may follow room, so that whole vectors can be read up to the last pixel.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hikaku.training.kernels.compiled import compiled

Floats = NDArray[Any]
VECTOR = 64
"""Bytes of a processor's longest vectors. What begins elsewhere is read twice as slowly."""


@compiled
def room(size: int, like: Floats) -> Floats:
    """Return zeros of the kind of `like`, (size,), that begin where a vector of memory does."""
    found = np.zeros(size + VECTOR // like.itemsize, like.dtype)
    begin = -found.ctypes.data % VECTOR // like.itemsize
    return found[begin : begin + size]


@compiled
def put(x: Floats, inner: int, pitch: int, image: Floats) -> None:
    """Write an image, (height, width, channels), whose first number stands at image[inner].

    A row follows every `pitch` numbers.
    """
    for row in range(len(x)):
        begin = inner + row * pitch
        image[begin : begin + x[row].size] = x[row].reshape(-1)


@compiled
def taken(image: Floats, inner: int, pitch: int, x: Floats) -> None:
    """Read an image, (height, width, channels), from where `put` writes it."""
    for row in range(len(x)):
        begin = inner + row * pitch
        x[row].reshape(-1)[:] = image[begin : begin + x[row].size]
