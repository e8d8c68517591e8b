"""Batch normalisation with its statistics, its floor (ReLU's 0, or −∞) and its pooling.

Statistics are float64; between them and the stored numbers, arithmetic is float32 for float32 and
bfloat16, float64 for float64. A bfloat16, which numba does not know, is its bits, an int16. Per
channel mean, scale (γ/√(var + eps)) and shift (β) make

    z = (x − mean) · scale + shift.

Images are (n, height, width, channels). Where windows do not matter they are lines, (n · height,
width · channels), and what belongs to a channel is repeated for each pixel of a line: long loops,
however few the channels. `figures` are (number of them, channels), float64.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import types
from numba.extending import overload
from numpy.typing import NDArray

from hikaku.training.kernels.compiled import compiled

Floats = NDArray[Any]
Float64 = NDArray[np.float64]
Places = NDArray[np.int8]
BLOCK = 256
"""Lines summed up in the numbers' own precision, before they go into float64."""
VECTOR = 64
"""Bytes of a processor's longest vectors. What begins elsewhere is read twice as slowly."""


def wide(value: Any) -> Any:
    """Return a stored number as a float: a bfloat16 (its bits, an int16) as float32."""
    raise NotImplementedError


@overload(wide)
def _wide(value: Any) -> Any:
    def from_bits(value: Any) -> Any:
        return np.int32(np.int32(value) << 16).view(np.float32)

    def same(value: Any) -> Any:
        return value

    return from_bits if isinstance(value, types.Integer) else same


def stored(value: Any, like: Any) -> Any:
    """Return a float as a number of the kind `like`: the nearest bfloat16 as its bits."""
    raise NotImplementedError


@overload(stored)
def _stored(value: Any, like: Any) -> Any:
    def nearest(value: Any, like: Any) -> Any:
        bits = np.float32(value).view(np.int32)
        even = np.int32(np.int32(bits + np.int32(0x7FFF) + ((bits >> 16) & 1)) >> 16)
        return np.int16(even) if value == value else np.int16(0x7FC0)

    def same(value: Any, like: Any) -> Any:
        return value

    return nearest if isinstance(like, types.Integer) else same


def line(x: Any, size: int) -> Any:
    """Return zeros, in the precision that numbers stored as those of `x` are computed in."""
    raise NotImplementedError


@overload(line)
def _line(x: Any, size: Any) -> Any:
    kind = np.float64 if x.dtype == types.float64 else np.float32
    bytes_each = np.dtype(kind).itemsize

    def zeros(x: Any, size: Any) -> Any:
        room = np.zeros(size + VECTOR // bytes_each, kind)
        start = (VECTOR - room.ctypes.data % VECTOR) // bytes_each
        return room[start : start + size]

    return zeros


@compiled
def repeated(x: Floats, values: Float64, times: int) -> Floats:
    """Return the values of the channels, `times` over, in the precision of `line`."""
    found: Floats = line(x, times * len(values))
    for i in range(times):
        for j in range(len(values)):
            found[i * len(values) + j] = values[j]
    return found


@compiled
def normalise(x: Floats, figures: Float64, floor: float, y: Floats) -> None:
    """Write max(z, `floor`) of the lines `x` into the lines `y`. NaN stay NaN.

    `figures` are mean, scale and shift.
    """
    lines, columns = x.shape
    times = columns // figures.shape[1]
    mean, scale = repeated(x, figures[0], times), repeated(x, figures[1], times)
    shift = repeated(x, figures[2], times)
    low, like = mean.dtype.type(floor), y.dtype.type(0)
    for i in range(lines):
        row, out = x[i], y[i]
        for j in range(columns):
            z = (wide(row[j]) - mean[j]) * scale[j] + shift[j]
            out[j] = stored(low if z <= low else z, like)


@compiled
def totals(x: Floats, g: Floats, figures: Float64, floor: float) -> Float64:
    """Return per channel the sums of g and of g · (x − mean), of lines, where z is above `floor`.

    `figures` are mean, scale and shift.
    """
    lines, columns = x.shape
    channels = figures.shape[1]
    times = columns // channels
    mean, scale = repeated(x, figures[0], times), repeated(x, figures[1], times)
    shift, sums, sums2 = repeated(x, figures[2], times), line(x, columns), line(x, columns)
    low, zero = mean.dtype.type(floor), mean.dtype.type(0)
    found = np.zeros((2, channels))
    for start in range(0, lines, BLOCK):
        sums[:] = 0
        sums2[:] = 0
        for i in range(start, min(start + BLOCK, lines)):
            row, given = x[i], g[i]
            for j in range(columns):
                d, own = wide(row[j]) - mean[j], wide(given[j])
                value = zero if d * scale[j] + shift[j] <= low else own
                sums[j] += value
                sums2[j] += value * d
        for j in range(columns):
            found[0, j % channels] += sums[j]
            found[1, j % channels] += sums2[j]
    return found


@compiled
def gradient(x: Floats, g: Floats, figures: Float64, floor: float, out: Floats) -> None:
    """Write scale · g where z is above `floor`, plus (x − mean) · slope + level, for lines.

    `figures` are mean, scale, shift, slope and level.
    """
    lines, columns = x.shape
    times = columns // figures.shape[1]
    mean, scale = repeated(x, figures[0], times), repeated(x, figures[1], times)
    shift, slope = repeated(x, figures[2], times), repeated(x, figures[3], times)
    level = repeated(x, figures[4], times)
    low, zero, like = mean.dtype.type(floor), mean.dtype.type(0), out.dtype.type(0)
    for i in range(lines):
        row, given, here = x[i], g[i], out[i]
        for j in range(columns):
            d, own = wide(row[j]) - mean[j], wide(given[j])
            value = zero if d * scale[j] + shift[j] <= low else own
            here[j] = stored(value * scale[j] + (d * slope[j] + level[j]), like)
