"""The gradients of convolutions in bfloat16 as products of tiles, compiled; see `lines`.

The gradient of the result is laid out as the images are. Its convolution by the kernels turned
round is the gradient of the images. That of the weight is for each row of the kernels one product
of the gradient and the images, so many lines further, over all pixels: on its left numbers stand
pixel by pixel, on its right those of two pixels in turn, and on both there is no padding.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hikaku.training.kernels.amx.convolve import write_whole
from hikaku.training.kernels.amx.layouts import pair, spread, turn
from hikaku.training.kernels.amx.lines import (
    Floats,
    Layout,
    Lines,
    Numbers,
    Places,
    Sums,
    row_of,
    sum_up,
    sums_of,
)
from hikaku.training.kernels.amx.units import (
    DEPTH,
    ROWS,
    begin_tiles,
    multiply_tiles,
    tiles_now,
)
from hikaku.training.kernels.compiled import compiled
from hikaku.training.kernels.norm_pool import slope_window
from hikaku.training.kernels.padded import copy, put, room
from hikaku.training.kernels.vector import NUMBERS

AnyNumbers = NDArray[Any]
WHOLE, POOLED, NORMED, NORMED_ANEW = range(4)
"""Of what the gradient is given: of the convolution, of what pooling left of it, or of the pooled
batch norm, whose own gradient is made of the convolution, kept or made anew."""

TOGETHER = 256
"""Pixels, of one image at least, that a product for the weight runs over: a constant, for the order
of sums hangs on it."""


class Given(NamedTuple):
    """The gradient, (n, rows, columns, kernels), its places in windows, and what was kept."""

    g: Numbers
    places: Places
    z: Numbers


class Weights(NamedTuple):
    """The kernels, where sums are made anew, and turned round, as `tiles_of` makes them.

    The rest, (kernels,), belongs to a norm.
    """

    weight: Numbers
    back: Numbers
    mean: Floats
    scale: Floats
    slope: Floats
    level: Floats


class Sides(NamedTuple):
    """How both sides of a product for the weight are laid out, in pixels of an image.

    Of `pairs` of pixels a line, `pixels` of an image, and of the images, so many rows further, as
    many pairs as are `behind`. `many` images are done together; `tiles` are those of a row of a
    kernel, and `far` numbers lie between two rows on the left.
    """

    pairs: int
    pixels: int
    behind: int
    many: int
    tiles: int
    far: int


class Slopes(NamedTuple):
    """The gradients that are made: of images, of the weight, and behind pooling of the bias.

    That of the weight, flat, is (kernels, rows, tiles · 16): a row of a kernel takes so many tiles.
    """

    x: Numbers
    weight: Floats
    bias: Floats
    sides: Sides
    wants_x: bool
    wants_weight: bool


@compiled
def spread_image(g: Numbers, places: Places, slope: Numbers, lines: Lines, totals: Floats) -> None:
    """Write the gradient of a pooled image, (rows, columns, kernels), into its lines."""
    rows, columns, kernels = g.shape
    given, at = g.reshape(-1), places.reshape(-1)
    for row in range(rows):
        for column in range(columns):
            here = (row * columns + column) * kernels
            there = (lines.start_back + 2 * (row * lines.pitch + column)) * kernels
            for first in range(0, kernels, NUMBERS):
                begins = (here + first, there + first, first)
                spread(given, at, slope, totals, begins, (lines.pitch * kernels, kernels))


@compiled
def spread_normed(  # noqa: PLR0913 - arrays are most of what it is given
    g: Numbers,
    places: Places,
    values: AnyNumbers,
    steps: tuple[int, int],
    weights: Weights,
    first: int,
    group: int,
    lines: Lines,
    slope: Numbers,
) -> None:
    """Write that of a normalised and pooled image, of a group of kernels from the `first` on.

    `values` are their convolution's, `steps` how far the next row and pixel are behind.
    """
    rows, columns, kernels = g.shape
    given, at = g.reshape(-1), places.reshape(-1)
    size = (steps[0], steps[1], NUMBERS, lines.pitch * kernels, kernels)
    for row in range(rows):
        for column in range(columns):
            pixel = 2 * (row * steps[0] + column * steps[1])
            here = (row * columns + column) * kernels + first
            there = (lines.start_back + 2 * (row * lines.pitch + column)) * kernels + first
            for j in range(0, group, NUMBERS):
                slope_window(
                    values, weights.mean, weights.scale, weights.slope, weights.level, given, at,
                    slope, (pixel + j, first + j, here + j, there + j), size, True,
                )  # fmt: skip


def sides_of(layout: Layout) -> Sides:
    """Return how they are laid out."""
    lines, made = layout.lines, layout.made
    pairs = (lines.across + 1) // 2
    pixels = -(-lines.deep * 2 * pairs // DEPTH) * DEPTH
    behind = pixels // 2 + (made.rows - 1) * pairs
    many = max(1, TOGETHER // pixels)
    tiles = -(-made.columns * lines.channels // ROWS)
    return Sides(pairs, pixels, behind, many, tiles, many * pixels + DEPTH)


@compiled
def lay_left(
    slope: Numbers, slot: int, lines: Lines, sides: Sides, dense: Numbers, out: Numbers
) -> None:
    """Write the gradient of an image, pixel by pixel, as rows of its kernels; `dense` is a desk."""
    kernels = lines.kernels
    for row in range(lines.deep):
        here = (lines.start_back + row * lines.pitch) * kernels
        copy(slope, here, dense, row * 2 * sides.pairs * kernels, lines.across * kernels)
    for begin in range(0, sides.pixels, DEPTH):
        for first in range(0, kernels, NUMBERS):
            there = first * sides.far + slot * sides.pixels + begin
            turn(dense, out, (begin * kernels + first, there), (kernels, sides.far))


@compiled
def lay_right(
    image: Numbers, slot: int, lines: Lines, made: Sums, sides: Sides, out: Numbers
) -> None:
    """Write what a row of a kernel meets at each pixel, those of two pixels in turn, by tiles."""
    for tile in range(sides.tiles):
        for row in range(lines.deep + made.rows - 1):
            here = row * lines.pitch * lines.channels + tile * NUMBERS
            there = (tile * sides.many + slot) * sides.behind + row * sides.pairs
            for n in range(sides.pairs):
                begins = (here + 2 * n * lines.channels, (there + n) * DEPTH)
                pair(image, out, begins, lines.channels)


@compiled
def add_weight(
    left: Numbers, right: Numbers, images: int, layout: Layout, sides: Sides, dweight: Floats
) -> None:
    """Add the gradient of the weight from so many images. For use between two `begin_tiles`."""
    made, tiles = layout.made, sides.tiles
    wide, row_of_c = 1 if tiles % 2 else 2, made.rows * tiles * ROWS
    sizes = (images, sides.pixels // DEPTH, sides.far, sides.pixels, sides.behind * DEPTH)
    next_right = sides.many * sides.behind * DEPTH
    nexts = (ROWS * sides.far, next_right, row_of_c, ROWS * row_of_c)
    for first in range(0, layout.lines.kernels, made.group):
        for row in range(made.rows):
            for tile in range(0, tiles, wide):
                begins = (
                    first * sides.far, tile * next_right + row * sides.pairs * DEPTH,
                    first * row_of_c + (row * tiles + tile) * ROWS,
                )  # fmt: skip
                if made.group == ROWS and wide == 1:
                    multiply_tiles(left, right, dweight, begins, sizes, nexts, 1, 1, 1)
                elif made.group == ROWS:
                    multiply_tiles(left, right, dweight, begins, sizes, nexts, 1, 2, 1)
                elif wide == 1:
                    multiply_tiles(left, right, dweight, begins, sizes, nexts, 2, 1, 1)
                else:
                    multiply_tiles(left, right, dweight, begins, sizes, nexts, 2, 2, 1)


@compiled
def spread_kept(given: Given, i: int, weights: Weights, lines: Lines, slope: Numbers) -> None:
    """Write that of image number i, normalised and pooled, whose convolution was kept."""
    steps = (lines.across * lines.kernels, lines.kernels)
    spread_normed(
        given.g[i], given.places[i], given.z[i].reshape(-1), steps, weights, 0, lines.kernels,
        lines, slope,
    )  # fmt: skip


@compiled
def spread_anew(
    given: Given,
    i: int,
    image: Numbers,
    weights: Weights,
    layout: Layout,
    sums: Floats,
    slope: Numbers,
) -> None:
    """Write that of image number i, normalised and pooled, whose convolution is made anew."""
    lines, made = layout.lines, layout.made
    steps = (made.span * made.group, made.group)
    for first in range(0, lines.kernels, made.group):
        sum_up(image, weights.weight, first, made, sums)
        spread_normed(
            given.g[i], given.places[i], sums, steps, weights, first, made.group, lines, slope
        )


@compiled
def write_back(
    slope: Numbers, back: Numbers, layout: Layout, sums: Floats, none: Floats, out: Numbers
) -> None:
    """Write the gradient of an image."""
    lines, made = layout.lines, layout.back
    size = (lines.height, lines.width, lines.channels)
    for first in range(0, lines.channels, made.group):
        sum_up(slope, back, first, made, sums)
        write_whole(sums, none, first, made, size, out)


@lru_cache
def differentiating(kind: int) -> Any:
    """Return the function for gradients of this kind.

    It closes over a number alone, for numba to find its machine code again by that.
    """

    @compiled
    def differentiate(
        x: Numbers,
        given: Given,
        weights: Weights,
        layout: Layout,
        shapes: Places,
        out: Slopes,
    ) -> None:
        """Write the gradient of `x`, (n, height, width, channels), add those of weight and bias."""
        lines, made, back, sides = layout.lines, layout.made, layout.back, out.sides
        image, slope = row_of(lines, made, x), row_of(lines, back, x)
        dense, left = room(sides.pixels * lines.kernels, x), room(lines.kernels * sides.far, x)
        right = room(sides.tiles * sides.many * sides.behind * DEPTH, x)
        sums, sums_back = sums_of(made, out.bias), sums_of(back, out.bias)
        none, before = room(lines.channels, out.bias), np.zeros(64, np.int8)
        tiles_now(before)
        begin_tiles(shapes)
        for i in range(len(x)):
            slot = i % sides.many
            put(x[i], lines.start * lines.channels, lines.pitch * lines.channels, image)
            if kind == WHOLE:
                begin, pitch = lines.start_back * lines.kernels, lines.pitch * lines.kernels
                put(given.g[i], begin, pitch, slope)
            elif kind == POOLED:
                spread_image(given.g[i], given.places[i], slope, lines, out.bias)
            elif kind == NORMED:
                spread_kept(given, i, weights, lines, slope)
            else:
                spread_anew(given, i, image, weights, layout, sums, slope)
            if out.wants_x:
                dx = out.x[i * x[0].size :]
                write_back(slope, weights.back, layout, sums_back, none, dx)
            if out.wants_weight:
                lay_left(slope, slot, lines, sides, dense, left)
                lay_right(image, slot, lines, made, sides, right)
                if slot == sides.many - 1 or i == len(x) - 1:
                    add_weight(left, right, slot + 1, layout, sides, out.weight)
        begin_tiles(before)

    return differentiate
