"""The gradients of a convolution that is pooled, compiled: three zeros in four are left out.

Behind 2 × 2 max-pooling, with ReLU or without, at most one number of a window has a gradient, g.
That number is the product of a kernel with one patch of the image: so the gradient of the kernel is
the sum of g · patch, and g · kernel is added to the patch's own. A patch is `rows` pieces of an
image with its padding, each of (kernel's width · channels) numbers that lie side by side.

An image is done in strips of rows of windows that fit into the processor's nearest cache. Each
number of a kernel's gradient is a chain of fused multiply-adds for each strip, window by window,
and the strips' sums are added up image by image: in one order, on every processor.
"""

from __future__ import annotations

from functools import lru_cache, partial
from typing import Any

import numpy as np
from numba import types
from numba.extending import intrinsic
from numpy.typing import NDArray

from hikaku.training.kernels.compiled import compiled
from hikaku.training.kernels.padded import Floats, put, room, taken
from hikaku.training.kernels.vector import (
    NUMBERS,
    WORD,
    Vector,
    arrays,
    repeat,
    vector_of,
)

Places = NDArray[np.int8]
CACHE = 1 << 15
"""Bytes that a strip takes: a constant, for the order of sums hangs on it."""
MOST = 24
"""Vectors of a kernel that are done at once, as many as a processor may keep at hand: a constant,
for the order in which an image's gradient is added up hangs on it."""


@intrinsic(prefer_literal=True)
def _add_patches(typing, x, at, values, sums, begins, steps, rows, count):  # type: ignore[no-untyped-def]  # noqa: PLR0913 - numba finds the types
    kinds = (x, at, values, sums, begins, steps, rows, count)
    return types.void(*kinds), partial(_adding, rows.literal_value, count.literal_value)


add_patches: Any = _add_patches
"""Add to sums[row, :] Σ values[n] · x[at[n] + row · pitch:], in the order of n.

All arrays are flat, and of `sums` these are `rows` rows of `count` vectors. `begins` is where in
`x`, in `at` and `values`, and in `sums`; `steps` is (pitch, how far behind there the last n ends,
its step). For use in what numba compiles: `rows` and `count` are constants.
"""


def _adding(rows: int, count: int, context: Any, builder: Any, signature: Any, given: Any) -> Any:
    """Write the loop, whose sums are rows · count vectors."""
    vector, (*patch, sums), (pitch, end, step) = _given(context, builder, signature, given)

    def add(n: Any, found: list[Any]) -> list[Any]:
        row, factor = _patch(builder, vector, patch, n)
        more = []
        for k, one in enumerate(found):
            if k and k % count == 0:
                row = builder.gep(row, [pitch])
            more.append(vector.plus_product(one, factor, vector.read(row, k % count)))
        return more

    found = repeat(builder, WORD(0), end, step, [vector.zero] * (rows * count), add)
    for k, one in enumerate(found):
        vector.write(builder.fadd(vector.read(sums, k), one), sums, k)
    return context.get_dummy_value()


@intrinsic(prefer_literal=True)
def _add_kernels(typing, x, at, values, kernel, begins, steps, rows, count):  # type: ignore[no-untyped-def]  # noqa: PLR0913 - as above
    kinds = (x, at, values, kernel, begins, steps, rows, count)
    return types.void(*kinds), partial(_giving, rows.literal_value, count.literal_value)


add_kernels: Any = _add_kernels
"""Add values[n] · kernel[row, :] to x[at[n] + row · pitch:], in the order of n.

For use as `add_patches` is, with the kernel for the sums.
"""


def _giving(rows: int, count: int, context: Any, builder: Any, signature: Any, given: Any) -> Any:
    """Write the loop, for which the kernel is rows · count vectors."""
    vector, (*patch, kernel), (pitch, end, step) = _given(context, builder, signature, given)
    weights = [vector.read(kernel, k) for k in range(rows * count)]

    def add(n: Any, _: list[Any]) -> list[Any]:
        row, factor = _patch(builder, vector, patch, n)
        for k, weight in enumerate(weights):
            if k and k % count == 0:
                row = builder.gep(row, [pitch])
            here = k % count
            vector.write(vector.plus_product(vector.read(row, here), factor, weight), row, here)
        return []

    repeat(builder, WORD(0), end, step, [], add)
    return context.get_dummy_value()


def _given(
    context: Any, builder: Any, signature: Any, given: Any
) -> tuple[Vector, list[Any], list[Any]]:
    """Return the vectors of numbers, where the four arrays begin, and the three steps."""
    begins, steps = ([builder.extract_value(given[which], n) for n in range(3)] for which in (4, 5))
    there = (begins[0], begins[1], begins[1], begins[2])
    four = zip(arrays(context, builder, signature, given), there, strict=True)
    vector = vector_of(context, builder, signature.args[0])
    return vector, [builder.gep(one.data, [begin]) for one, begin in four], steps


def _patch(builder: Any, vector: Vector, given: list[Any], n: Any) -> tuple[Any, Any]:
    """Return where the patch number `n` begins, and what it is multiplied by, as a vector."""
    x, at, values = given
    place = builder.zext(builder.load(builder.gep(at, [n])), WORD)
    factor = vector.repeated(builder.load(builder.gep(values, [n])))
    return builder.gep(x, [place]), factor


@compiled
def mark(
    g: Floats, places: Places, pitch: int, channels: int, at: NDArray[np.int32], values: Floats
) -> None:
    """Write where the patch of every window's largest number begins, and its gradient, or 0.

    `g` and `places`, (rows, columns, kernels), are of a strip of windows; a place of 4 has none.
    """
    rows, columns, kernels = g.shape
    zero, step, pixel = g.dtype.type(0), np.int32(pitch), np.int32(channels)
    for row in range(rows):
        for column in range(columns):
            corner = np.int32(2 * row) * step + np.int32(2 * column) * pixel
            place, given = places[row, column], g[row, column]
            begin, value = at[row, column], values[row, column]
            for k in range(kernels):
                where = np.int32(place[k])
                right, lower = where & np.int32(1), (where >> np.int32(1)) & np.int32(1)
                begin[k] = corner + right * pixel + lower * step
                value[k] = given[k] if where < 4 else zero


@compiled
def add_rows(x: Floats, sums: Floats) -> None:
    """Add the rows of `x`, flat, to `sums`."""
    for begin in range(0, len(x), len(sums)):
        row = x[begin : begin + len(sums)]
        for k in range(len(sums)):
            sums[k] += row[k]


@lru_cache
def gradients(rows: int, count: int) -> Any:
    """Return the function that adds up a convolution's gradients, for pieces of so many vectors."""
    piece = count * NUMBERS

    @compiled
    def add_gradients(  # noqa: PLR0913 - arrays are all it is given
        x: Floats,
        g: Floats,
        places: Places,
        weight: Floats,
        pad: tuple[int, int],
        strip: int,
        wants_x: bool,
        dweight: Floats,
        dbias: Floats,
        dx: Floats,
    ) -> None:
        """Add to `dweight` and `dbias`, and write `dx` where it is wanted.

        `x` and `dx` are (n, height, width, channels), `g` and `places` (n, rows of windows,
        windows of a row, kernels). Weights and their gradient are (kernels, pieces, rows, count ·
        NUMBERS), flat: a row of a kernel is cut into pieces, zeros at its end. `pad` is the padding
        above and on the left, and as much at the other sides; `strip` is rows of windows.
        """
        height, width, channels = x.shape[1:]
        windows, across, kernels = g.shape[1:]
        pitch, pieces = (width + 2 * pad[1]) * channels, len(weight) // (kernels * rows * piece)
        inner, size = pad[0] * pitch + pad[1] * channels, (height + 2 * pad[0]) * pitch
        image, back = room(size + pieces * piece, x), room(size + pieces * piece, x)
        values = room(strip * across * kernels, x)
        at = np.zeros(len(values), np.int32)
        for i in range(len(x)):
            put(x[i], inner, pitch, image)
            back[:] = 0
            for first in range(0, windows, strip):
                here = slice(first, min(first + strip, windows))
                shape = (here.stop - first, across, kernels)
                end = shape[0] * across * kernels
                there, given = at[:end].reshape(shape), values[:end].reshape(shape)
                mark(g[i, here], places[i, here], pitch, channels, there, given)
                add_rows(values[:end], dbias)
                for n in range(pieces * kernels):
                    p, k = n // kernels, n % kernels
                    kernel = (k * pieces + p) * rows * piece
                    begins = (2 * first * pitch + p * piece, k, kernel)
                    steps = (pitch, end - k, kernels)
                    add_patches(image, at, values, dweight, begins, steps, rows, count)
                    if wants_x:
                        add_kernels(back, at, values, weight, begins, steps, rows, count)
            if wants_x:
                taken(back, inner, pitch, dx[i])

    return add_gradients


def pieces_of(rows: int, numbers: int) -> tuple[int, int]:
    """Return into how many pieces a kernel's row of so many numbers is cut, and their vectors."""
    most, vectors = max(1, MOST // rows), -(-numbers // NUMBERS)
    pieces = -(-vectors // most)
    return pieces, -(-vectors // pieces)


def strip_of(row: int, rows: int, kernels: int, across: int, size: int) -> int:
    """Return how many rows of windows make a strip.

    `row` is the numbers of an image's row with its padding, `rows` the kernel's, `across` the
    windows of a row, and `size` the bytes of a number.
    """
    each = 2 * row * size + across * kernels * (size + 4)
    return int(max(1, (CACHE - (rows - 1) * row * size) // each))
