"""ReLU and 2 × 2 max-pooling, on the bits of floats.

As whole numbers, the bits of non-negative floats have the order of the floats, and those of
negative floats are negative. So one loop serves every precision, bfloat16 too, which numba does
not know. Arrays are (n, height, width, channels); an odd last row or column is in no window.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic
from numpy.typing import NDArray

from hikaku.training.kernels.compiled import compiled
from hikaku.training.kernels.vector import NUMBERS, WORD, arrays, vector_of

Bits = NDArray[Any]
Places = NDArray[np.int8]
"""Which of the four of its window a maximum was; 4 where ReLU cut it off."""


@intrinsic
def _write_largest(typing, x, begin, pitch, infinity, y, places, here):  # type: ignore[no-untyped-def]  # noqa: PLR0913 - numba finds the types
    kinds = (x, begin, pitch, infinity, y, places, here)
    return types.void(*kinds), _writing


write_largest: Any = _write_largest
"""Write the largest of `NUMBERS` windows side by side, at least 0, and its place in the window.

They go to y[here:] and places[here:]. The four numbers of the first window stand at x[begin],
`channels` behind it, and both `pitch` behind those, where `pitch` is the pair (row, channels). For
use in what numba compiles: arrays have one dimension and are in one piece.
"""


def _writing(context: Any, builder: Any, signature: Any, given: Any) -> Any:
    """Write what is done with four vectors."""
    x, y, places = arrays(context, builder, signature, given)
    begin, most, here = given[1], given[3], given[6]
    row, channels = (builder.extract_value(given[2], n) for n in range(2))
    vector = vector_of(context, builder, signature.args[0])
    size, kind = 8 * vector.size, vector.number
    compare, also = partial(builder.icmp_signed, ">"), builder.and_
    least = (1 << (size - 1)) - (1 << size)

    def each(value: int) -> Any:
        return ir.Constant(vector.kind, [value] * NUMBERS)

    most = vector.repeated(builder.trunc(most, kind) if size < WORD.width else most)
    # The bits of −∞: between them and 0 lie the NaN with a sign, which lose it here.
    lowest, zero = each(least), each(0)
    minus = builder.add(most, lowest)
    corner = builder.gep(x.data, [begin])
    lower = builder.gep(corner, [row])
    four = [corner, builder.gep(corner, [channels]), lower, builder.gep(lower, [channels])]
    values = [vector.read(pointer, 0) for pointer in four]
    best = builder.select(builder.icmp_signed("==", values[0], lowest), lowest, zero)
    places_kind = ir.VectorType(ir.IntType(8), NUMBERS)
    at = ir.Constant(places_kind, [4] * NUMBERS)
    for place, value in enumerate(values):
        is_signed_nan = also(compare(value, minus), compare(zero, value))
        value = builder.select(is_signed_nan, builder.sub(value, lowest), value)
        above = builder.or_(compare(value, best), compare(value, most))
        takes = also(compare(value, zero), above)
        best = builder.select(takes, value, best)
        at = builder.select(takes, ir.Constant(places_kind, [place] * NUMBERS), at)
    vector.write(best, builder.gep(y.data, [here]), 0)
    there = builder.bitcast(builder.gep(places.data, [here]), places_kind.as_pointer())
    builder.store(at, there, align=1)
    return context.get_dummy_value()


@compiled
def relu_pool(x, infinity, y, places):  # type: ignore[no-untyped-def]  # as above
    """Write into `y` the largest of every window of `x`, at least 0, and its place in the window.

    As torch does it: of equal ones the first counts, a NaN is above every number, the last of
    several NaN counts, and a zero in the first place keeps its sign. `infinity` is the bits of +∞:
    above them lie the NaN.
    """
    n, height, width, channels = y.shape
    side, row, size = x.shape[1], x.shape[2] * channels, -(-channels // NUMBERS) * NUMBERS
    source, found, at = x.reshape(-1), y.reshape(-1), places.reshape(-1)
    # Whole vectors are read and written. What goes too far is written again by the next window;
    # behind the last ones there is nothing, and they are done in a place of their own.
    desk, most = np.zeros(4 * size, x.dtype), np.zeros(size, y.dtype)
    places_here = np.zeros(size, places.dtype)
    last = x.size - row - channels - size
    for i in range(n):
        for line in range(height):
            for column in range(width):
                begin = (i * side + 2 * line) * row + 2 * column * channels
                here = ((i * height + line) * width + column) * channels
                if begin <= last and here + size <= found.size:
                    for j in range(0, size, NUMBERS):
                        write_largest(
                            source, begin + j, (row, channels), infinity, found, at, here + j
                        )
                    continue
                for k in range(4):
                    pixel = source[begin + k // 2 * row + k % 2 * channels :][:channels]
                    desk[k * size : k * size + channels] = pixel
                for j in range(0, size, NUMBERS):
                    write_largest(desk, j, (2 * size, size), infinity, most, places_here, j)
                found[here : here + channels] = most[:channels]
                at[here : here + channels] = places_here[:channels]


@compiled
def rank(value: Any, infinity: Any, lowest: Any, highest: Any) -> Any:
    """Return a whole number that has the order of the floats, −0 as +0, every NaN `highest`."""
    size = value - lowest if value < 0 else value
    # Bits of negative floats are mirrored at −0: the larger the float, the smaller they are.
    number = lowest - value if value < 0 else value
    return highest if size > infinity else number


@compiled
def max_pool(x: Bits, infinity: int, y: Bits, places: Places) -> None:
    """Write into `y` the largest of every window of `x`, and its place in the window.

    Ties and NaN are settled as in `relu_pool`.
    """
    kind = y.dtype.type
    most = kind(infinity)
    lowest, highest = kind(np.iinfo(y.dtype).min), kind(np.iinfo(y.dtype).max)
    n, height, width, channels = y.shape
    for i in range(n):
        for row in range(2 * height):
            lower = row % 2 == 1
            for column in range(width):
                left, right = x[i, row, 2 * column], x[i, row, 2 * column + 1]
                found, place = y[i, row // 2, column], places[i, row // 2, column]
                for j in range(channels):
                    value, value2 = left[j], right[j]
                    best, at = found[j] if lower else value, place[j] if lower else np.int8(0)
                    top = kind(rank(best, most, lowest, highest))
                    own = kind(rank(value, most, lowest, highest))
                    if lower & ((own > top) | (own == highest)):
                        best, top, at = value, own, np.int8(2)
                    own = kind(rank(value2, most, lowest, highest))
                    if (own > top) | (own == highest):
                        best, at = value2, np.int8(3) if lower else np.int8(1)
                    found[j], place[j] = best, at


@compiled
def unpool(g: Bits, places: Places, x: Bits) -> None:
    """Write into `x` each value of `g` at its place in its window, and 0 at the other places.

    What is in no window stays as it is.
    """
    kind = g.dtype.type
    zero, minus_zero = kind(0), kind(np.iinfo(g.dtype).min)
    n, height, width, channels = g.shape
    for i in range(n):
        for row in range(2 * height):
            for column in range(width):
                given, place = g[i, row // 2, column], places[i, row // 2, column]
                for k in range(2):
                    out, at = x[i, row, 2 * column + k], np.int8(2 * (row % 2) + k)
                    for j in range(channels):
                        # torch adds to +0, which makes +0 of −0.
                        value = zero if given[j] == minus_zero else given[j]
                        out[j] = value if place[j] == at else zero
