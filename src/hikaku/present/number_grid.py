"""How a matrix of whole numbers is drawn: a square a number, shaded by its size; padding is grey.

Eats a `Grid`. Makes a Vega-Lite specification.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import altair as alt
import numpy as np

from hikaku.present.canvas import INK, PAGE, VARIANT, finished, rows
from hikaku.present.lessons import Grid
from hikaku.present.report import spoken

CELL, LETTER = 30, 7
"""The side of a square in pixels, unless its number needs more; about the width of a digit."""

LARGEST = 800
"""A matrix of more pixels has smaller squares, and may have no room for its numbers."""

READABLE = 0.8
"""On squares of less than this shade dark numbers are read more easily than light ones."""


def grid(picture: Grid, language: str) -> dict[str, Any]:
    """Draw the matrix, its numbers where they have room."""
    height, width = picture.values.shape
    needed = LETTER * len(str(int(picture.values.max(initial=0)))) + 6
    side = min(max(CELL, needed), LARGEST / max(height, width))
    x, y = (
        alt.X("column:O", title=spoken(picture.columns, language)).axis(
            labelAngle=0,
            orient="top",
            labelOverlap=True,
            labelSeparation=4,
            domain=False,
            ticks=False,
        ),
        alt.Y("row:O", title=spoken(picture.rows, language)).axis(
            labelOverlap=True, labelSeparation=4, domain=False, ticks=False
        ),
    )
    square = alt.Chart(rows(_cells(picture))).encode(x, y)
    shade = alt.Opacity("share:Q", legend=None).scale(domain=[0, 1], range=[0.06, 1])
    inside = square.transform_filter(~alt.datum.pad)
    layers = [
        inside.mark_rect(color=VARIANT, stroke=PAGE).encode(opacity=shade),
        square.transform_filter(alt.datum.pad).mark_rect(color=INK, opacity=0.08, stroke=PAGE),
    ]
    if side >= needed:
        on_dark = alt.condition(alt.datum.share > READABLE, alt.value(PAGE), alt.value(INK))
        layers.append(inside.mark_text(fontSize=11).encode(text="value:Q", color=on_dark))
    chart = alt.layer(*layers).properties(width=side * width, height=side * height)
    return finished(chart, 860)


def _cells(grid: Grid) -> Iterator[dict[str, Any]]:
    most = max(1, int(grid.values.max(initial=0)))
    for row, column in np.ndindex(*grid.values.shape):
        value = int(grid.values[row, column])
        pad = bool(grid.is_pad[row, column])
        yield {"row": row, "column": column, "value": value, "share": value / most, "pad": pad}
