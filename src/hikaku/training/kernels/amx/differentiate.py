"""The gradients of convolutions in bfloat16 as products of tiles, compiled; see `lines`.

The gradient of the result is laid out as the images are. Its convolution by the kernels turned
round is the gradient of the images. That of the weight is for each row of the kernels one product
of the gradient and the images, so many lines further, over all pixels: on its left numbers stand
pixel by pixel, on its right those of two pixels in turn.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from hikaku.training.kernels.amx.convolve import write_whole
from hikaku.training.kernels.amx.layouts import pair, spread, turn
from hikaku.training.kernels.amx.lines import (
    Floats,
    Lines,
    Numbers,
    Places,
    Sums,
    add_product,
    row_of,
    sum_up,
    up,
)
from hikaku.training.kernels.amx.units import DEPTH, ROWS, begin_tiles, tiles_now
from hikaku.training.kernels.compiled import compiled
from hikaku.training.kernels.norm_pool import slope_window
from hikaku.training.kernels.padded import put, room
from hikaku.training.kernels.vector import NUMBERS

WHOLE, POOLED, NORMED = range(3)
"""Of what the gradient is given: of the convolution, of what pooling left of it, or of the pooled
batch norm, whose own gradient is made of sums that are made anew."""

TOGETHER = 256
"""Pixels, of one image at least, that a product for the weight runs over: a constant, for the order
of sums hangs on it."""


class Weights(NamedTuple):
    """The kernels, for a norm alone, and turned round, as `tiles_of` makes them.

    The rest, (kernels,), belongs to a norm.
    """

    weight: Numbers
    back: Numbers
    mean: Floats
    scale: Floats
    slope: Floats
    level: Floats


class Slopes(NamedTuple):
    """The gradients that are made: of images, of the weight, and behind pooling of the bias.

    That of the weight, flat, is (kernels, rows, tiles · 16): a row of a kernel takes so many tiles.
    """

    x: Numbers
    weight: Floats
    bias: Floats
    wants_x: bool
    wants_weight: bool


@compiled
def spread_image(
    g: Numbers, places: Places, slope: Numbers, start: int, lines: Lines, totals: Floats
) -> None:
    """Write the gradient of a pooled image, (rows, columns, kernels), into its lines."""
    rows, columns, kernels = g.shape
    given, at = g.reshape(-1), places.reshape(-1)
    for row in range(rows):
        for column in range(columns):
            here = (row * columns + column) * kernels
            there = (start + 2 * (row * lines.pitch + column)) * kernels
            for first in range(0, kernels, NUMBERS):
                begins = (here + first, there + first, first)
                spread(given, at, slope, totals, begins, (lines.pitch * kernels, kernels))


@compiled
def spread_normed(  # noqa: PLR0913 - arrays are most of what it is given
    g: Numbers,
    places: Places,
    sums: Floats,
    weights: Weights,
    first: int,
    made: Sums,
    slope: Numbers,
    start: int,
) -> None:
    """Write that of a normalised and pooled image, of the group of kernels whose sums these are."""
    rows, columns, kernels = g.shape
    given, at = g.reshape(-1), places.reshape(-1)
    size = (made.pitch * made.group, made.group, NUMBERS, made.pitch * kernels, kernels)
    for row in range(rows):
        for column in range(columns):
            pixel = 2 * (row * made.pitch + column)
            here, there = (row * columns + column) * kernels, (start + pixel) * kernels
            for j in range(0, made.group, NUMBERS):
                begins = (
                    pixel * made.group + j, first + j, here + first + j, there + first + j
                )  # fmt: skip
                slope_window(
                    sums, weights.mean, weights.scale, weights.slope, weights.level, given, at,
                    slope, begins, size, True,
                )  # fmt: skip


@compiled
def turned(x: Numbers, start: int, wide: int, pixels: int, out: Numbers, pitch: int) -> None:
    """Write pixels of `wide` numbers, from the number `start` on, as `wide` rows of them."""
    for begin in range(0, pixels, DEPTH):
        for first in range(0, wide, NUMBERS):
            begins = ((start + begin) * wide + first, first * pitch + begin)
            turn(x, out, begins, (wide, pitch))


@compiled
def paired(x: Numbers, wide: int, pairs: int, tiles: int, out: Numbers) -> None:
    """Write `tiles` · 16 numbers from each pixel on, those of two pixels in turn, tile by tile."""
    for tile in range(tiles):
        for n in range(pairs):
            begins = (2 * n * wide + tile * NUMBERS, (tile * pairs + n) * DEPTH)
            pair(x, out, begins, wide)


@compiled
def add_weight(  # noqa: PLR0913 - as above
    slope: Numbers,
    images: Numbers,
    pixels: int,
    lines: Lines,
    made: Sums,
    on_left: Numbers,
    on_right: Numbers,
    dweight: Floats,
) -> None:
    """Add the gradient of the weight, from so many pixels, laid out for each side of a product."""
    tiles = up(made.columns * lines.channels, NUMBERS) // NUMBERS
    pairs, far = (pixels + (made.rows - 1) * lines.pitch) // 2, pixels + DEPTH
    high, wide = made.group // ROWS, 1 if tiles % 2 else 2
    sizes = (1, pixels // DEPTH, far, 0, ROWS * far, pairs * DEPTH, made.rows * tiles * ROWS)
    turned(slope, lines.start_back, lines.kernels, pixels, on_left, far)
    paired(images, lines.channels, pairs, tiles, on_right)
    for first in range(0, lines.kernels, made.group):
        for row in range(made.rows):
            for tile in range(0, tiles, wide):
                begins = (
                    first * far, (tile * pairs + row * lines.pitch // 2) * DEPTH,
                    ((first * made.rows + row) * tiles + tile) * ROWS,
                )  # fmt: skip
                add_product(on_left, on_right, dweight, begins, sizes, high, wide)


@compiled
def sides_of(pixels: int, lines: Lines, made: Sums) -> tuple[int, int]:
    """Return how many numbers `add_weight` lays out on the left, and on the right."""
    tiles = up(made.columns * lines.channels, NUMBERS) // NUMBERS
    right = tiles * (pixels + (made.rows - 1) * lines.pitch) // 2 * DEPTH
    return lines.kernels * (pixels + DEPTH), right


@lru_cache
def differentiating(kind: int) -> Any:
    """Return the function for gradients of this kind."""

    @compiled
    def differentiate(  # noqa: PLR0913 - as above
        x: Numbers,
        g: Numbers,
        places: Places,
        weights: Weights,
        lines: Lines,
        made: Sums,
        back: Sums,
        shapes: Places,
        out: Slopes,
    ) -> None:
        """Write the gradient of `x`, and add those of weight and bias.

        `x` is (n, height, width, channels), `g` and `places` are (n, rows, columns, kernels).
        """
        many = max(1, TOGETHER // lines.size)
        pixels = up(many * lines.size, DEPTH)
        images, slope = row_of(pixels, made, x), row_of(pixels, back, x)
        left, right = sides_of(pixels, lines, made)
        on_left, on_right = room(left, x), room(right, x)
        sums = room(max(made.pixels * made.group, back.pixels * back.group), out.bias)
        none, before = room(lines.channels, out.bias), np.zeros(64, np.int8)
        size, numbers = (lines.height, lines.width, lines.channels), x[0].size
        tiles_now(before)
        begin_tiles(shapes)
        for i in range(len(x)):
            at = i % many * lines.size
            if at == 0 and i + many > len(x):
                slope[:] = 0  # for what is of the images before
            put(x[i], (lines.start + at) * lines.channels, lines.pitch * lines.channels, images)
            if kind == WHOLE:
                here = (lines.start_back + at) * lines.kernels
                put(g[i], here, lines.pitch * lines.kernels, slope)
            elif kind == POOLED:
                spread_image(g[i], places[i], slope, lines.start_back + at, lines, out.bias)
            else:
                for first in range(0, lines.kernels, made.group):
                    sum_up(images, at, weights.weight, first, made, sums)
                    start = lines.start_back + at
                    spread_normed(g[i], places[i], sums, weights, first, made, slope, start)
            if out.wants_x:
                for first in range(0, lines.channels, back.group):
                    sum_up(slope, at, weights.back, first, back, sums)
                    write_whole(sums, none, first, back, size, out.x[i * numbers :])
            if out.wants_weight and (i % many == many - 1 or i == len(x) - 1):
                add_weight(slope, images, pixels, lines, made, on_left, on_right, out.weight)
        begin_tiles(before)

    return differentiate
