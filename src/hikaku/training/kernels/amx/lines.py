"""Images as lines of pixels, and convolutions as products over them, compiled.

An image is one row of pixels, with its padding between its lines: pixel (row, column) is the number
`pitch` · row + column. So the patches of neighbouring windows lie one pixel apart, those of the
next line `pitch`, and a row of a kernel meets one run of numbers. There is padding once behind each
line, where the next has it in front. Tiles take pixels line by line or, where that makes fewer of
them, across the padding: the sums there mean nothing.
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


class Lines(NamedTuple):
    """How an image and its convolution lie: sides, and numbers of pixels.

    A pixel has `channels` numbers. The first pixel of the image is the number `start`, and that of
    the convolution's gradient `start_back`, so that the sums for pixel 0 are those of the first
    window.
    """

    height: int
    width: int
    channels: int
    deep: int
    across: int
    kernels: int
    pitch: int
    start: int
    start_back: int


class Sums(NamedTuple):
    """Which sums are made: of each of `runs` so many `tiles` of 16 pixels, by a `group` of kernels.

    Kernels have `rows` of `columns` pixels of `channels` numbers, in images whose lines have
    `pitch` pixels: a run begins so many pixels behind the last one. Sums have `span` pixels a line.
    """

    rows: int
    columns: int
    channels: int
    pitch: int
    runs: int
    tiles: int
    span: int
    group: int


class Layout(NamedTuple):
    """All of it: the image, the sums of the convolutions, and of those back to the image."""

    lines: Lines
    made: Sums
    back: Sums


def layout_of(
    image: tuple[int, int, int], kernels: int, sides: tuple[int, int], pads: tuple[int, int]
) -> Layout:
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
    lines = Lines(height, width, channels, deep, across, kernels, pitch, start, start_back)
    made = _sums(sides, channels, pitch, (deep, across), kernels)
    return Layout(lines, made, _sums(sides, kernels, pitch, (height, width), channels))


def _sums(
    sides: tuple[int, int], channels: int, pitch: int, size: tuple[int, int], kernels: int
) -> Sums:
    deep, across = size
    by_line, at_once = -(-across // ROWS), -(-((deep - 1) * pitch + across) // ROWS)
    runs, tiles, span = deep, by_line, by_line * ROWS
    if at_once < deep * by_line:
        runs, tiles, span = 1, at_once, pitch
    group = ROWS if kernels % (2 * ROWS) else 2 * ROWS
    return Sums(*sides, channels, pitch, runs, tiles, span, group)


@compiled
def up(count: int, step: int) -> int:
    """Return the first multiple of `step` that is not less."""
    return (count + step - 1) // step * step


@compiled
def row_of(lines: Lines, made: Sums, like: Numbers) -> Numbers:
    """Return zeros for an image, and for whatever is read behind it for these sums."""
    pixels = (lines.height + lines.deep + made.rows + 1) * made.pitch
    return room((pixels + made.tiles * ROWS) * made.channels + 4 * DEPTH, like)


@compiled
def sums_of(made: Sums, like: Floats) -> Floats:
    """Return room for these sums of a group of kernels: (runs, pixels of a run, group)."""
    return room(made.runs * made.tiles * ROWS * made.group, like)


@compiled
def sum_up(image: Numbers, weight: Numbers, first: int, made: Sums, sums: Floats) -> None:
    """Write the sums of a group of kernels, from the number `first` on.

    All arrays are flat, and `weight` as `tiles_of` makes it. For use between two `begin_tiles`.
    """
    channels, group, tiles = made.channels, made.group, made.tiles
    steps = up(made.columns * channels, DEPTH) // DEPTH
    far = made.rows * steps * TILE
    sizes = (made.rows, steps, channels, made.pitch * channels, steps * TILE)
    for tile in range(0, made.runs * tiles, 2):
        here = (tile // tiles * made.pitch + tile % tiles * ROWS) * channels
        below = ((tile + 1) // tiles * made.pitch + (tile + 1) % tiles * ROWS) * channels
        begins = (here, first // ROWS * far, tile * ROWS * group)
        nexts = (below - here, far, group, ROWS * group)
        is_pair = tile + 2 <= made.runs * tiles
        if is_pair and group == 2 * ROWS:
            multiply_tiles(image, weight, sums, begins, sizes, nexts, 2, 2, 0)
        elif is_pair:
            multiply_tiles(image, weight, sums, begins, sizes, nexts, 2, 1, 0)
        elif group == 2 * ROWS:
            multiply_tiles(image, weight, sums, begins, sizes, nexts, 1, 2, 0)
        else:
            multiply_tiles(image, weight, sums, begins, sizes, nexts, 1, 1, 0)
