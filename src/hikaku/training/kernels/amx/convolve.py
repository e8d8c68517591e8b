"""Convolutions in bfloat16 and what may follow them, by products of tiles, compiled; see `lines`.

Images are (n, height, width, channels), all else is flat. Sums stay in the processor's cache until
they are done with: a group of kernels of one image at a time.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from hikaku.training.kernels.amx.layouts import finish_pixel, finish_row, finish_windows
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
from hikaku.training.kernels.amx.units import begin_tiles, tiles_now
from hikaku.training.kernels.compiled import compiled
from hikaku.training.kernels.norm import Float64
from hikaku.training.kernels.norm_pool import normalise_window
from hikaku.training.kernels.padded import put
from hikaku.training.kernels.vector import NUMBERS

WHOLE, KEPT, SEEN, POOLED, NORMED = range(5)
"""What is made of the sums: all of them rounded, that and its moments, the moments of the sums as
they are, what 2 × 2 max-pooling leaves of them, or of their batch norm."""


class Figures(NamedTuple):
    """What belongs to the kernels, (kernels,): of a norm all three, else the shift is the bias.

    What is not above `floor` is left out by pooling; where that is all, the place is `none`.
    """

    mean: Floats
    scale: Floats
    shift: Floats
    floor: np.float32
    none: int


class Made(NamedTuple):
    """What is written: the images, for pooling the places, for a norm the sums less the mean.

    `seen`, (3, kernels), has what the mean is about, then what is added up: the deviations from
    that, and their squares.
    """

    y: Numbers
    kept: Numbers
    places: Places
    seen: Float64


@compiled
def write_whole(
    sums: Floats, bias: Floats, first: int, made: Sums, size: tuple[int, int, int], y: Numbers
) -> None:
    """Write the sums of kernels from the `first` on into an image of this size, rounded."""
    deep, across, kernels = size
    for row in range(deep):
        for column in range(across):
            pixel, here = row * made.span + column, (row * across + column) * kernels + first
            for j in range(0, made.group, NUMBERS):
                finish_pixel(sums, bias, y, (pixel * made.group + j, first + j, here + j))


def _pooling(norms: bool) -> Any:
    """Return the function that pools; if it `norms`, the norm of the sums."""

    @compiled
    def write(
        sums: Floats,
        figures: Figures,
        first: int,
        made: Sums,
        size: tuple[int, int, int],
        out: Made,
    ) -> None:
        """Write what pooling leaves of an image of this size, of kernels from the `first` on."""
        deep, across, kernels = size
        row_step = made.span * made.group
        for row in range(deep // 2):
            for column in range(across // 2):
                pixel = 2 * (row * made.span + column)
                here = (row * (across // 2) + column) * kernels + first
                for j in range(0, made.group, NUMBERS):
                    begins = (pixel * made.group + j, first + j, here + j)
                    if norms:
                        normalise_window(
                            sums, figures.mean, figures.scale, figures.shift, out.y, out.kept,
                            out.places, begins, (row_step, made.group, NUMBERS), figures.floor,
                            True,
                        )  # fmt: skip
                    else:
                        finish_windows(
                            sums, figures.shift, out.y, out.places, begins,
                            (row_step, made.group), figures.floor, figures.none,
                        )  # fmt: skip

    return write


write_pooled, write_normed = _pooling(False), _pooling(True)


def _observing(keeps: bool) -> Any:
    """Return the function that adds up moments; if it `keeps` them, of what it writes."""

    @compiled
    def observe(
        sums: Floats, bias: Floats, guess: Floats, first: int, made: Sums, lines: Lines, out: Made
    ) -> None:
        """Add up the moments of kernels from the `first` on, maybe write them."""
        counts = (lines.across, made.group, lines.kernels)
        for row in range(lines.deep):
            here = row * lines.across * lines.kernels + first
            for j in range(0, made.group, NUMBERS):
                begins = (row * made.span * made.group + j, here + j, first + j)
                finish_row(sums, bias, guess, out.y, out.seen, begins, counts, keeps)

    return observe


observe_kept, observe_sums = _observing(True), _observing(False)


@lru_cache
def convolving(kind: int) -> Any:
    """Return the function that convolves, and makes this of it.

    It closes over a number alone, for numba to find its machine code again by that.
    """

    @compiled
    def convolve(
        x: Numbers,
        weight: Numbers,
        figures: Figures,
        layout: Layout,
        shapes: Places,
        out: Made,
    ) -> None:
        """Write what is made of x's convolution by a weight that `tiles_of` made."""
        lines, made = layout.lines, layout.made
        size, pixels = (lines.deep, lines.across, lines.kernels), lines.deep * lines.across
        pooled = lines.deep // 2 * (lines.across // 2) * lines.kernels
        image, sums = row_of(lines, made, x), sums_of(made, figures.shift)
        guess, before = out.seen[0].astype(np.float32), np.zeros(64, np.int8)
        tiles_now(before)
        begin_tiles(shapes)
        for i in range(len(x)):
            put(x[i], lines.start * lines.channels, lines.pitch * lines.channels, image)
            here = Made(
                out.y[i * (pooled if kind >= POOLED else pixels * lines.kernels) :],
                out.kept[i * pooled :], out.places[i * pooled :], out.seen,
            )  # fmt: skip
            for first in range(0, lines.kernels, made.group):
                sum_up(image, weight, first, made, sums)
                if kind == KEPT:
                    observe_kept(sums, figures.shift, guess, first, made, lines, here)
                elif kind == SEEN:
                    observe_sums(sums, figures.shift, guess, first, made, lines, here)
                elif kind == POOLED:
                    write_pooled(sums, figures, first, made, size, here)
                elif kind == NORMED:
                    write_normed(sums, figures, first, made, size, here)
                else:
                    write_whole(sums, figures.shift, first, made, size, here.y)
        begin_tiles(before)

    return convolve
