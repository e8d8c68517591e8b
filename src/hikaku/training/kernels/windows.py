"""A convolution and the 2 × 2 max-pooling that follows it, compiled: one pass, nothing between.

The four numbers of a window are made side by side and compared where they are made, in the
processor's registers. Each is a chain of fused multiply-adds that begins with the bias and goes
through the kernel row by row, pixel by pixel, channel by channel: in one order, on every processor,
whatever else is in the batch.
"""

from __future__ import annotations

from functools import lru_cache, partial
from typing import Any

import numpy as np
from llvmlite import binding, ir
from numba import types
from numba.extending import intrinsic
from numpy.typing import NDArray

from hikaku.training.kernels.compiled import compiled
from hikaku.training.kernels.padded import Floats, put, room
from hikaku.training.kernels.vector import (
    NUMBERS,
    WORD,
    Vector,
    arrays,
    repeat,
    vector_of,
)

Places = NDArray[np.int8]
MANY = bool(binding.get_host_cpu_features().get("avx512f"))
"""Whether a processor has registers for 16 sums; if not, those of a single window are made."""

BYTES = ir.VectorType(ir.IntType(8), NUMBERS)


@intrinsic(prefer_literal=True)
def _make_windows(typing, x, weight, bias, y, places, begins, size, floor, none, windows, vectors):  # type: ignore[no-untyped-def]  # noqa: PLR0913 - numba finds the types
    kinds = (x, weight, bias, y, places, begins, size, floor, none, windows, vectors)
    return types.void(*kinds), partial(_making, windows.literal_value, vectors.literal_value)


make_windows: Any = _make_windows
"""Write what pooling leaves of `windows` windows side by side, and its place in each.

`begins` says where in the flat arrays, in this order: the first number of the first window's patch
in `x`, the weight, (rows, numbers, channels), the bias, (channels,), and the first window in `y`
and `places`; channels are `vectors` vectors. `size` is (rows of the kernel, numbers of such a row,
numbers of a row of `x`, channels of `x`, channels of a window of `y`). What is not above `floor` is
left out; where that is all of a window, its place is `none`. For use in what numba compiles.
"""


def _making(
    windows: int, vectors: int, context: Any, builder: Any, signature: Any, given: Any
) -> Any:
    """Write the loops over the kernel, and then the comparisons."""
    x, weight, bias, y, places = (one.data for one in arrays(context, builder, signature, given))
    floor, none = given[7:9]
    rows, numbers, pitch, channels, step = (builder.extract_value(given[6], n) for n in range(5))
    begins = [builder.extract_value(given[5], n) for n in range(4)]
    corner, weight, bias, y = (
        builder.gep(one, [begin]) for one, begin in zip((x, weight, bias, y), begins, strict=True)
    )
    places = builder.gep(places, [begins[3]])
    vector = vector_of(context, builder, signature.args[0])
    doubled = builder.mul(channels, WORD(2))

    def through_row(row: Any, made: list[Any]) -> list[Any]:
        upper = builder.gep(corner, [builder.mul(row, pitch)])
        pixels = []
        for _ in range(windows):
            lower = builder.gep(upper, [pitch])
            pixels += [upper, builder.gep(upper, [channels])]
            pixels += [lower, builder.gep(lower, [channels])]
            upper = builder.gep(upper, [doubled])
        weights = builder.gep(
            weight, [builder.mul(builder.mul(row, numbers), WORD(vectors * NUMBERS))]
        )

        def through_numbers(n: Any, made: list[Any]) -> list[Any]:
            here = builder.gep(weights, [builder.mul(n, WORD(vectors * NUMBERS))])
            columns = [vector.read(here, k) for k in range(vectors)]
            more = []
            for p, pixel in enumerate(pixels):
                value = vector.repeated(builder.load(builder.gep(pixel, [n])))
                more += [
                    vector.plus_product(made[p * vectors + k], value, column)
                    for k, column in enumerate(columns)
                ]
            return more

        return repeat(builder, WORD(0), numbers, WORD(1), made, through_numbers)

    starts = [vector.read(bias, k) for k in range(vectors)] * (4 * windows)
    made = repeat(builder, WORD(0), rows, WORD(1), starts, through_row)
    for w in range(windows):
        for k in range(vectors):
            four = [made[(4 * w + place) * vectors + k] for place in range(4)]
            best, at = largest(builder, vector, four, floor, none)
            vector.write(best, y, k)
            there = builder.gep(places, [WORD(k * NUMBERS)])
            builder.store(at, builder.bitcast(there, BYTES.as_pointer()), align=1)
        y, places = builder.gep(y, [step]), builder.gep(places, [step])
    return context.get_dummy_value()


def largest(
    builder: Any, vector: Vector, values: list[Any], floor: Any, none: Any
) -> tuple[Any, Any]:
    """Return the largest of the values and its place: the first of equal ones, or the last NaN."""
    best, at = vector.repeated(floor), _bytes(builder, none)
    for place, value in enumerate(values):
        is_above = builder.fcmp_ordered(">", value, best)
        takes = builder.or_(is_above, builder.fcmp_unordered("uno", value, value))
        best = builder.select(takes, value, best)
        at = builder.select(takes, ir.Constant(BYTES, [place] * NUMBERS), at)
    return best, at


def _bytes(builder: Any, value: Any) -> Any:
    """Return a number as a vector of bytes."""
    one = builder.insert_element(
        ir.Constant(BYTES, ir.Undefined), builder.trunc(value, BYTES.element), WORD(0)
    )
    first = ir.Constant(ir.VectorType(ir.IntType(32), NUMBERS), [0] * NUMBERS)
    return builder.shuffle_vector(one, one, first)


def together(kernels: int) -> tuple[int, int]:
    """Return how many windows, and vectors of kernels, are made at once: no bit hangs on it."""
    vectors = 1 if kernels <= NUMBERS or not MANY else 2
    return (4 // vectors if MANY else 1), vectors


@lru_cache
def convolving(windows: int, vectors: int) -> Any:
    """Return the function that convolves and pools, for so many windows and vectors at once."""
    group = vectors * NUMBERS

    @compiled
    def convolve(  # noqa: PLR0913 - arrays are most of what it is given
        x: Floats,
        weight: Floats,
        bias: Floats,
        pad: tuple[int, int],
        kernel: tuple[int, int, int],
        floor: float,
        none: int,
        y: Floats,
        places: Places,
    ) -> None:
        """Write into `y` what pooling leaves of x's convolution, and its place in each window.

        `x` is (n, height, width, channels), all else is flat: `y` and `places` (n, rows of windows,
        windows of a row, kernels) with room for a group behind, weights (groups, rows · columns ·
        channels · group) and biases (groups, group), where a group is `vectors` vectors of kernels,
        zeros behind the last. `kernel` is their number, rows and columns, `pad` the padding above
        and on the left, and as much at the other sides. `floor` and `none` are those of
        `make_windows`.
        """
        height, width, channels = x.shape[1:]
        kernels, rows, columns = kernel
        pitch, numbers = (width + 2 * pad[1]) * channels, columns * channels
        size = (rows, numbers, pitch, channels, kernels)
        deep = (height + 2 * pad[0] - rows + 1) // 2
        across = (width + 2 * pad[1] - columns + 1) // 2
        image = room((height + 2 * pad[0]) * pitch, x)
        for i in range(len(x)):
            put(x[i], pad[0] * pitch + pad[1] * channels, pitch, image)
            # What is written behind the last kernel is written again: by the next window, or by the
            # groups before.
            for first in range((kernels - 1) // group * group, -1, -group):
                for row in range(deep):
                    here = (i * deep + row) * across * kernels + first
                    column = 0
                    while column < across:
                        begins = (
                            2 * row * pitch + 2 * column * channels,
                            first * rows * numbers, first, here + column * kernels,
                        )  # fmt: skip
                        if column + windows <= across:
                            make_windows(
                                image, weight, bias, y, places, begins, size, floor, none, windows,
                                vectors,
                            )  # fmt: skip
                            column += windows
                        else:
                            make_windows(
                                image, weight, bias, y, places, begins, size, floor, none, 1,
                                vectors,
                            )  # fmt: skip
                            column += 1

    return convolve
