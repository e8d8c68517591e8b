"""`show im2col`, `show col2im`: what a filter sees at each place, and how often a pixel is seen."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from hikaku.errors import StudyError
from hikaku.present.lessons import Grid
from hikaku.present.report import Chart, Heading, Lines, Report, Text, Words
from hikaku.read.lessons.lesson import LARGEST, counts
from hikaku.read.lessons.sizes import Side, side
from hikaku.reference.arrays import Index
from hikaku.reference.patches import im2col, overlaps
from hikaku.words import Message, message

ROWS = 12
"""So many rows are explained, unless all are asked for."""
NUMBERS = 400
"""A matrix of more numbers is cut, as NumPy does it, unless all is asked for."""
PIXELS = 16
"""So many pixels of a row are named, unless all are asked for."""
DRAWN = 32
"""So many rows and columns of a matrix are drawn."""

PAD = "pad"
"""Stands for a number that no pixel gave, as the option is called."""

Shape = tuple[int, int, int, int]
Pixel = tuple[int, int, int]
"""Channel, row and column."""


@dataclass(frozen=True)
class Windows:
    """An input (N, C, H, W) and a filter that goes over it, with the places it has."""

    shape: Shape
    height: Side
    width: Side

    @property
    def patch(self) -> int:
        """How many numbers a patch holds."""
        return self.shape[1] * self.height.filter * self.width.filter

    @property
    def places(self) -> int:
        """How many places the filter has on one image."""
        return self.height.places * self.width.places

    def said(self) -> Message:
        """Return input and filter in words."""
        return message(
            "input {shape}, filter {filter}, stride {stride}, padding {pad}",
            shape=str(self.shape),
            filter=f"{self.height.filter} × {self.width.filter}",
            stride=self.height.stride,
            pad=self.height.pad,
        )

    def lines(self) -> tuple[Words, ...]:
        """Return how many places there are down and across, by the formula."""
        return (self.height.said(message("down")), self.width.said(message("across")))

    def as_json(self) -> dict[str, Any]:
        """Return its numbers as plain values."""
        return {
            "input": list(self.shape),
            "filter": [self.height.filter, self.width.filter],
            "stride": self.height.stride,
            "pad": self.height.pad,
            "output": [self.height.places, self.width.places],
        }


@dataclass(frozen=True, eq=False)
class Row:
    """One row of the matrix: its image, the places of its patches, and the pixels that it holds.

    With the transpose a row is the patch of one place; without it, it holds numbers of many. A
    pixel is None in the padding.
    """

    image: int
    places: tuple[tuple[int, int], ...]
    pixels: tuple[Pixel | None, ...]


@dataclass(frozen=True, eq=False)
class Matrix:
    """What `im2col` makes of the numbers 0, 1, 2, … in the input's shape."""

    windows: Windows
    transpose: bool
    is_whole: bool
    values: Index
    source: Index
    """Like `values`, but counted from 1; 0 is padding."""

    def rows(self) -> Iterator[Row]:
        """Yield what each row holds."""
        shape = self.windows.shape[1:]
        across, places = self.windows.width.places, self.windows.places
        for number, sources in enumerate(self.source.tolist()):
            image, place = divmod(number, places)
            # The untransposed rows run through places fastest, and then through the patch.
            run = range(place * self.windows.patch, (place + 1) * self.windows.patch)
            mixed = tuple(dict.fromkeys(divmod(at % places, across) for at in run))
            pixels = tuple(_pixel(at, shape) if at else None for at in sources)
            yield Row(image, (divmod(place, across),) if self.transpose else mixed, pixels)

    def report(self) -> Report:
        """Return shapes, the matrix, what each row holds, and the matrix as a picture."""
        title = message("im2col") if self.transpose else message("im2col without the transpose")
        parts = (
            Heading(title, level=1),
            Text(self.windows.said()),
            Lines(message("places of the filter"), self.windows.lines()),
            Lines(self._shape(), tuple(self._printed())),
            Lines(message("what each row holds"), tuple(self._told())),
        )
        pad = self.source == 0
        across = message("number of the patch") if self.transpose else message("column")
        grid = Grid(self.values, message("row"), across, pad)
        alt = message("the matrix of all patches, a square for each number")
        return Report((*parts, _chart(title, grid, alt)))

    def as_json(self) -> dict[str, Any]:
        """Return shapes, the matrix, and the pixels of each row, null in the padding."""
        return {
            "format": 1,
            **self.windows.as_json(),
            "transpose": self.transpose,
            "shape": list(self.values.shape),
            "matrix": self.values.tolist(),
            "rows": [
                {
                    "image": row.image,
                    "places": [list(place) for place in row.places],
                    "pixels": [list(pixel) if pixel else None for pixel in row.pixels],
                }
                for row in self.rows()
            ],
        }

    def _shape(self) -> Message:
        return message(
            "matrix {shape}: {images} · {places} places, {channels} · {numbers} numbers of a patch",
            shape=str(self.values.shape),
            images=self.windows.shape[0],
            places=self.windows.places,
            channels=self.windows.shape[1],
            numbers=self.windows.patch // self.windows.shape[1],
        )

    def _printed(self) -> list[str]:
        threshold = self.values.size if self.is_whole else NUMBERS
        return np.array2string(self.values, threshold=threshold, max_line_width=80).split("\n")

    def _told(self) -> Iterator[Words]:
        total = len(self.values)
        shown = total if self.is_whole else min(ROWS, total)
        for number, row in zip(range(shown), self.rows(), strict=False):
            yield self._row(number, row)
        if shown < total:
            yield message("… and {n:,} rows more; --all shows them", n=total - shown)

    def _row(self, number: int, row: Row) -> Message:
        pixels = self._listed(tuple(self._pixels(row)))
        places = self._listed(tuple(map(_place, row.places)))
        if self.transpose:
            return message(
                "row {row}: image {image}, place {places}: pixels {pixels}",
                row=number, image=row.image, places=places, pixels=pixels,
            )  # fmt: skip  # the parts of one line
        return message(
            "row {row}: image {image}, mixed from places {places}: pixels {pixels}",
            row=number, image=row.image, places=places, pixels=pixels,
        )  # fmt: skip  # the parts of one line

    def _pixels(self, row: Row) -> Iterator[str]:
        first = 1 if self.windows.shape[1] == 1 else 0  # the only channel needs no name
        return (PAD if pixel is None else _place(pixel[first:]) for pixel in row.pixels)

    def _listed(self, names: tuple[str, ...]) -> str:
        shown = len(names) if self.is_whole else PIXELS
        return " ".join(names[:shown]) + (" …" if len(names) > shown else "")


@dataclass(frozen=True, eq=False)
class Overlaps:
    """Under how many patches each pixel lies: what `col2im` makes of the patches of ones."""

    windows: Windows
    is_whole: bool
    counts: Index

    def report(self) -> Report:
        """Return the counts, and the same as a picture."""
        title = message("col2im: how many patches hold each pixel")
        threshold = self.counts.size if self.is_whole else NUMBERS
        printed = np.array2string(self.counts, threshold=threshold, max_line_width=80)
        no_pad = np.zeros(self.counts.shape, dtype=np.bool_)
        grid = Grid(
            self.counts, message("row of the image"), message("column of the image"), no_pad
        )
        return Report(
            (
                Heading(title, level=1),
                Text(self.windows.said()),
                Lines(message("places of the filter"), self.windows.lines()),
                Lines(message("counts"), tuple(printed.split("\n"))),
                Text(self._why()),
                _chart(title, grid, message("the counts, a square for each pixel")),
            )
        )

    def as_json(self) -> dict[str, Any]:
        """Return the counts, rows of the image first."""
        return {"format": 1, **self.windows.as_json(), "counts": self.counts.tolist()}

    def _why(self) -> Message:
        return message(
            "col2im adds up what im2col copied: col2im(im2col(x)) is x times these counts, from "
            "{least} to {most}.",
            least=int(self.counts.min()),
            most=int(self.counts.max()),
        )


def matrix(
    shape: str, filter_size: str, stride: int, pad: int, transpose: bool, is_whole: bool
) -> Matrix:
    """Return the matrix of all patches of an input "N,C,H,W" under a filter "H,W".

    Raises `StudyError` for numbers that make no sense together.
    """
    windows = _windows(shape, filter_size, stride, pad)
    count = math.prod(windows.shape)
    ordered = np.arange(1, count + 1, dtype=np.float64).reshape(windows.shape)
    filters = (windows.height.filter, windows.width.filter)
    source = im2col(ordered, *filters, stride, pad, transpose).astype(np.int64)
    return Matrix(windows, transpose, is_whole, np.maximum(source - 1, 0), source)


def overlap_counts(shape: str, filter_size: str, stride: int, pad: int, is_whole: bool) -> Overlaps:
    """Return how many patches hold each pixel of an input "N,C,H,W" under a filter "H,W".

    Raises `StudyError` for numbers that make no sense together.
    """
    windows = _windows(shape, filter_size, stride, pad)
    filters = (windows.height.filter, windows.width.filter)
    return Overlaps(windows, is_whole, overlaps(windows.shape[2:], *filters, stride, pad))


def _windows(shape: str, filter_size: str, stride: int, pad: int) -> Windows:
    n, c, h, w = counts("--input", shape, "N,C,H,W")
    down, across = counts("--filter", filter_size, "H,W")
    found = Windows((n, c, h, w), side(h, down, stride, pad), side(w, across, stride, pad))
    padded = n * c * (h + 2 * pad) * (w + 2 * pad)
    numbers = max(padded, n * found.places * found.patch)
    if numbers > LARGEST:
        raise StudyError.of(
            message("these are {n:,} numbers, and at most {most:,} are shown", n=numbers,
                    most=LARGEST),
            where="--input:",
            mend=message("take a smaller input: what it shows is the same"),
        )  # fmt: skip  # the number and its limit stand together
    return found


def _chart(title: Message, whole: Grid, alt: Message) -> Chart:
    """Return the chart of a matrix, of a large one that of its first rows and columns."""
    part = replace(whole, values=whole.values[:DRAWN, :DRAWN], is_pad=whole.is_pad[:DRAWN, :DRAWN])
    shape, seen = (" × ".join(f"{n:,}" for n in one.values.shape) for one in (whole, part))
    said = message("{title}: {shape}", title=title, shape=shape)
    cut = message("{title}: the first {part} of {shape}", title=title, part=seen, shape=shape)
    return Chart(part, said if shape == seen else cut, alt)


def _pixel(source: int, shape: tuple[int, int, int]) -> Pixel:
    channel, row, column = np.unravel_index((source - 1) % math.prod(shape), shape)
    return int(channel), int(row), int(column)


def _place(numbers: tuple[int, ...]) -> str:
    return f"({', '.join(map(str, numbers))})"
