"""How samples and functions are drawn: a square of views, and curves over one axis.

Eats `Mosaic`, `Traces` and `Functions`. Makes Vega-Lite specifications, the images inside them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import altair as alt
import numpy as np
from numpy.typing import NDArray

from hikaku.present.canvas import INK, finished, font_of, rounded, rows
from hikaku.present.functions import Functions
from hikaku.present.report import short, spoken
from hikaku.present.samples import Mosaic, Traces
from hikaku.present.thumbnail import address

COLUMNS = 5
SIDE = 96
"""About so many pixels for the longer side of an image."""

FINE = 2
"""Images hold so many pixels for one of the page, so that they stay sharp on good screens."""

LONGEST_LABEL = 16
TRACE = (110, 64)
"""Width and height of a sequence, in pixels."""

BELOW = 11
"""From the lower edge of a picture to the middle of its label, in pixels."""

HUES = ("#0072b2", "#d55e00", "#008a64", "#b8558c", "#8a5a00")
DASHES = ([1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [4, 2])


def mosaic(picture: Mosaic, language: str) -> dict[str, Any]:
    """Draw the images in rows of five, the label of each below it."""
    width, height = _size(picture.images)
    data = [
        {"tile": number, "label": text, "url": _png(image, (width, height))}
        for number, (image, text) in enumerate(
            zip(picture.images, _short(picture.labels, language), strict=True)
        )
    ]
    image = alt.Chart(rows(data)).mark_image(
        width=width, height=height, aspect=False, x=width / 2, y=height / 2
    )
    return _square(image.encode(url="url:N"), (width, height))


def traces(picture: Traces, language: str) -> dict[str, Any]:
    """Draw the sequences in rows of five on one scale, a line per channel, each label below."""
    data = list(_points(picture, language))
    line = alt.Chart(rows(data)).mark_line(strokeWidth=1.3)
    curve = line.encode(
        x=alt.X("at:Q", title=None).scale(nice=False).axis(None),
        y=alt.Y("value:Q", title=None)
        .scale(zero=False, nice=False, range=[TRACE[1], 0])
        .axis(tickCount=3, format="~g", domain=False, ticks=False),
        color=alt.Color("channel:N", legend=None).scale(range=list(HUES)),
    )
    return _square(curve, TRACE)


def functions(picture: Functions, language: str) -> dict[str, Any]:
    """Draw every function in one view, told apart by hue and dash."""
    names = [spoken(name, language) for name in picture.names]
    data = [
        {"x": rounded(float(x)), "y": rounded(float(y)), "function": name}
        for name, values in zip(names, picture.values, strict=True)
        for x, y in zip(picture.at, values, strict=True)
    ]
    legend = alt.Legend(title=None, symbolType="stroke", symbolSize=400, columns=3)
    line = alt.Chart(rows(data)).mark_line(strokeWidth=2)
    curves = line.encode(
        x=alt.X("x:Q", title=None).scale(nice=False).axis(tickCount=11),
        y=alt.Y("y:Q", title=None).axis(tickCount=7),
        color=alt.Color("function:N", sort=names, legend=legend).scale(
            domain=names, range=list(HUES[: len(names)])
        ),
        strokeDash=alt.StrokeDash("function:N", sort=names, legend=legend).scale(
            domain=names, range=list(DASHES[: len(names)])
        ),
    )
    cross = alt.Chart(rows([{"zero": 0}]))
    rules = cross.mark_rule(color=INK, opacity=0.5)
    chart = alt.layer(rules.encode(x="zero:Q"), rules.encode(y="zero:Q"), curves)
    return finished(chart.properties(width=560, height=330), 640)


def _square(view: Any, size: tuple[int, int]) -> dict[str, Any]:
    """Return one view per tile, in rows of five, its label below."""
    width, height = size
    label = alt.Chart().mark_text(
        x=width / 2,
        y=height + BELOW,
        baseline="middle",
        fontSize=12,
        font=font_of(row["label"] for row in view.data.values),
        color=INK,
        limit=width + 8,
    )
    tile = alt.layer(view, label.encode(text="min(label):N"), data=view.data)
    # A wrapped facet heeds no `labels=False`.
    header = alt.Header(labelExpr="''", labelFontSize=0, labelPadding=0)
    facet = alt.Facet("tile:O", title=None, header=header)
    square = tile.properties(width=width, height=height + BELOW + 8)
    return finished(square.facet(facet=facet, columns=COLUMNS, spacing=8), width + 8)


def _short(labels: tuple[str, ...], language: str) -> list[str]:
    return [short(spoken(label, language), LONGEST_LABEL) for label in labels]


def _size(images: NDArray[np.uint8]) -> tuple[int, int]:
    """Return width and height of a tile: whole multiples of the pixels where they are few."""
    height, width = images.shape[1:3]
    longer = max(height, width)
    factor = SIDE // longer if longer <= SIDE else SIDE / longer
    return max(1, round(width * factor)), max(1, round(height * factor))


def _png(image: NDArray[np.uint8], size: tuple[int, int]) -> str:
    """Return an image as a data address: few pixels stay squares, many are averaged."""
    from PIL import Image

    fine = (size[0] * FINE, size[1] * FINE)
    grows = fine[0] >= image.shape[1]
    how = Image.Resampling.NEAREST if grows else Image.Resampling.LANCZOS
    return address(np.asarray(Image.fromarray(image).resize(fine, how)))


def _points(picture: Traces, language: str) -> Iterator[dict[str, Any]]:
    labels = _short(picture.labels, language)
    for number, (channels, label) in enumerate(zip(picture.values, labels, strict=True)):
        for channel, values in enumerate(channels):
            for at, value in zip(picture.at.tolist(), values.tolist(), strict=True):
                point = {"tile": number, "channel": str(channel), "at": at}
                yield {**point, "label": label, "value": rounded(value)}
