"""An image with its padding around it, in one piece, as the loops over a convolution read it.

Behind the padding may follow room, so that whole vectors can be read up to the last pixel.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numpy.typing import NDArray

from hikaku.training.kernels.compiled import compiled
from hikaku.training.kernels.vector import arrays

Floats = NDArray[Any]
VECTOR = 64
"""Bytes of a processor's longest vectors. What begins elsewhere is read twice as slowly."""


@compiled
def room(size: int, like: Floats) -> Floats:
    """Return zeros of the kind of `like`, (size,), that begin where a vector of memory does."""
    found = np.zeros(size + VECTOR // like.itemsize, like.dtype)
    begin = -found.ctypes.data % VECTOR // like.itemsize
    return found[begin : begin + size]


@intrinsic
def _copy(typing, source, begin, target, there, count):  # type: ignore[no-untyped-def]  # numba finds the types
    def write(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        one, other = arrays(context, builder, signature, given)
        pointers = builder.gep(other.data, [given[3]]), builder.gep(one.data, [given[1]])
        size = context.get_abi_sizeof(context.get_data_type(signature.args[0].dtype))
        cgutils.raw_memcpy(builder, *pointers, given[4], size, align=size)  # type: ignore[no-untyped-call]  # numba's
        return context.get_dummy_value()

    return types.void(source, begin, target, there, count), write


copy: Any = _copy
"""Write `count` numbers of `source` from `begin` on to target[there:]; both are flat.

As the system copies memory: an assignment of slices is a loop, number by number.
"""


@compiled
def put(x: Floats, inner: int, pitch: int, image: Floats) -> None:
    """Write an image, (height, width, channels), whose first number stands at image[inner].

    A row follows every `pitch` numbers.
    """
    source, width = x.reshape(-1), x[0].size
    for row in range(len(x)):
        copy(source, row * width, image, inner + row * pitch, width)


@compiled
def taken(image: Floats, inner: int, pitch: int, x: Floats) -> None:
    """Read an image, (height, width, channels), from where `put` writes it."""
    target, width = x.reshape(-1), x[0].size
    for row in range(len(x)):
        copy(image, inner + row * pitch, target, row * width, width)
