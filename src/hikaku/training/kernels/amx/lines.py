"""Images as lines of pixels, and convolutions as products over all of them, compiled.

An image is one row of pixels, with its padding between its lines: pixel (row, column) is the number
`pitch` · row + column. So the patches of neighbouring windows lie one pixel apart, those of the
next line `pitch`, and a row of a kernel meets one run of numbers. Sums come out for whole lines,
some of them at the padding: those mean nothing. There is padding once behind each line and behind
each image, where the next has it in front.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hikaku.training.kernels.amx.units import DEPTH, ROWS, TILE, multiply_tiles
from hikaku.training.kernels.compiled import compiled
from hikaku.training.kernels.padded import room

Numbers = NDArray[np.int16]
Floats = NDArray[np.float32]
Places = NDArray[np.int8]
Begins = tuple[int, int, int]
Sizes = tuple[int, int, int, int, int, int, int]

SPAN = 2 * ROWS
"""Pixels whose sums are made at once."""


class Lines(NamedTuple):
    """How images of `channels` numbers and their convolutions lie: sides, and numbers of pixels.

    Between two images lie `size` pixels. The first pixel of an image is the number `start`, and
    that of a gradient of the convolutions `start_back`, so that the sums for pixel 0 are those of
    the first window.
    """

    height: int
    width: int
    channels: int
    deep: int
    across: int
    kernels: int
    pitch: int
    size: int
    start: int
    start_back: int


class Sums(NamedTuple):
    """Which sums are made: for each of `pixels`, a multiple of 16, those of `group` kernels.

    Kernels have `rows` of `columns` pixels of `channels` numbers, in images whose lines have
    `pitch` pixels.
    """

    rows: int
    columns: int
    channels: int
    pitch: int
    pixels: int
    group: int


def lines_of(
    image: tuple[int, int, int], kernels: int, sides: tuple[int, int], pads: tuple[int, int]
) -> Lines:
    """Return how images of (height, width, channels) and so many kernels with these sides lie."""
    height, width, channels = image
    deep, across = (
        side + 2 * pad - kernel + 1
        for side, pad, kernel in zip((height, width), pads, sides, strict=True)
    )
    # Even, for pixels are taken in pairs.
    pitch = (width + pads[1] + 1) // 2 * 2
    start, start_back = (
        row * pitch + column
        for row, column in (pads, (sides[0] - 1 - pads[0], sides[1] - 1 - pads[1]))
    )
    size = (height + pads[0]) * pitch
    return Lines(height, width, channels, deep, across, kernels, pitch, size, start, start_back)


def sums_of(lines: Lines, sides: tuple[int, int]) -> Sums:
    """Return the sums of the convolutions."""
    pixels = up((lines.deep - 1) * lines.pitch + lines.across, ROWS)
    return Sums(*sides, lines.channels, lines.pitch, pixels, group_of(lines.kernels))


def sums_back(lines: Lines, sides: tuple[int, int]) -> Sums:
    """Return the sums of the convolution that is the gradient of the images."""
    pixels = up((lines.height - 1) * lines.pitch + lines.width, ROWS)
    return Sums(*sides, lines.kernels, lines.pitch, pixels, group_of(lines.channels))


def group_of(kernels: int) -> int:
    """Return how many kernels have their sums made at once."""
    return ROWS if kernels % (2 * ROWS) else 2 * ROWS


@compiled
def up(count: int, step: int) -> int:
    """Return the first multiple of `step` that is not less."""
    return (count + step - 1) // step * step


@compiled
def row_of(pixels: int, made: Sums, like: Numbers) -> Numbers:
    """Return zeros for so many pixels, and for whatever is read behind them for these sums."""
    behind = (2 * made.rows + 1) * made.pitch
    return room((up(pixels, SPAN) + behind) * made.channels + 4 * DEPTH, like)


@compiled
def sum_up(
    image: Numbers, start: int, weight: Numbers, first: int, made: Sums, sums: Floats
) -> None:
    """Write the sums of a group of kernels, from the number `first` on: (pixels, group).

    Of the pixels of `image` those from the number `start` on count. All arrays are flat, and
    `weight` as `tiles_of` makes it. For use between two `begin_tiles`.
    """
    channels, group = made.channels, made.group
    steps = up(made.columns * channels, DEPTH) // DEPTH
    far = made.rows * steps * TILE
    sizes = (made.rows, steps, channels, made.pitch * channels, ROWS * channels, far, group)
    for begin in range(0, made.pixels, SPAN):
        begins = ((start + begin) * channels, first // ROWS * far, begin * group)
        high = 2 if begin + SPAN <= made.pixels else 1
        if high == 2 and group == SPAN:
            multiply_tiles(image, weight, sums, begins, sizes, 2, 2, 0)
        elif group == SPAN:
            multiply_tiles(image, weight, sums, begins, sizes, 1, 2, 0)
        elif high == 2:
            multiply_tiles(image, weight, sums, begins, sizes, 2, 1, 0)
        else:
            multiply_tiles(image, weight, sums, begins, sizes, 1, 1, 0)


@compiled
def add_product(
    a: Numbers, b: Numbers, c: Floats, begins: Begins, sizes: Sizes, high: int, wide: int
) -> None:
    """Add a product of tiles to `c`, as `multiply_tiles` does; `high` and `wide` may vary."""
    if high == 2 and wide == 2:
        multiply_tiles(a, b, c, begins, sizes, 2, 2, 1)
    elif high == 2:
        multiply_tiles(a, b, c, begins, sizes, 2, 1, 1)
    elif wide == 2:
        multiply_tiles(a, b, c, begins, sizes, 1, 2, 1)
    else:
        multiply_tiles(a, b, c, begins, sizes, 1, 1, 1)
