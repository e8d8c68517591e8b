"""ReLU and 2 × 2 max-pooling, on the bits of floats.

As whole numbers, the bits of non-negative floats have the order of the floats, and those of
negative floats are negative. So one loop serves every precision, bfloat16 too, which numba does
not know. Arrays are (n, height, width, channels); an odd last row or column is in no window. The
loops go through an image row by row, as it lies in memory: two rows at once take twice as long.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hikaku.training.kernels.compiled import compiled

Bits = NDArray[Any]
Places = NDArray[np.int8]
"""Which of the four of its window a maximum was; 4 where ReLU cut it off."""


@compiled
def relu_pool(x: Bits, infinity: int, y: Bits, places: Places) -> None:
    """Write into `y` the largest of every window of `x`, at least 0, and its place in the window.

    As torch does it: of equal ones the first counts, a NaN is above every number, the last of
    several NaN counts, and a zero in the first place keeps its sign. `infinity` is the bits of
    +∞: above them lie the NaN.
    """
    kind = y.dtype.type
    zero, most, lowest = kind(0), kind(infinity), kind(np.iinfo(y.dtype).min)
    # The bits of −∞: between them and 0 lie the NaN with a sign, which lose it here.
    least = kind(infinity + np.iinfo(y.dtype).min)
    n, height, width, channels = y.shape
    for i in range(n):
        for row in range(2 * height):
            lower = row % 2 == 1
            for column in range(width):
                left, right = x[i, row, 2 * column], x[i, row, 2 * column + 1]
                found, place = y[i, row // 2, column], places[i, row // 2, column]
                for j in range(channels):
                    value, value2 = left[j], right[j]
                    start = lowest if value == lowest else zero
                    best, at = found[j] if lower else start, place[j] if lower else np.int8(4)
                    value = kind(value - lowest) if (value > least) & (value < zero) else value
                    if (value > zero) & ((value > best) | (value > most)):
                        best, at = value, np.int8(2) if lower else np.int8(0)
                    value = kind(value2 - lowest) if (value2 > least) & (value2 < zero) else value2
                    if (value > zero) & ((value > best) | (value > most)):
                        best, at = value, np.int8(3) if lower else np.int8(1)
                    found[j], place[j] = best, at


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
