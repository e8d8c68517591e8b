"""How a design is drawn: a heat map over two axes, and the judged figure along one.

Eats `Heat` and `Sweep`. Makes Vega-Lite specifications.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import altair as alt

from hikaku.analysis.numbers import mean_texts
from hikaku.present.canvas import (
    INK,
    PAGE,
    PLAIN,
    VARIANT,
    finished,
    labels,
    round_numbers,
    rounded,
    rows,
)
from hikaku.present.designs import Figure, Heat, Sweep
from hikaku.present.grid import DASHES, HUES
from hikaku.present.report import spoken
from hikaku.study.design import Axis
from hikaku.study.metric_words import judged_words
from hikaku.words import message

DECADES = 100
"""Numbers whose largest is so many times their smallest stand on a logarithmic axis."""

CELL = (110, 44)
"""Width and height of a cell of the heat map, in pixels."""

READABLE = 0.6
"""On cells of more than this shade light numbers are read more easily than dark ones."""


def heat(picture: Heat, language: str) -> dict[str, Any]:
    """Draw a square per cell, shaded from the lowest mean to the highest, the mean in it.

    A cell without a mean is an empty frame: no shade says that nothing is known.
    """
    down, across = picture.axes
    names = [list(labels(axis.texts, language).values()) for axis in (down, across)]
    square = alt.Chart(rows(_cells(picture, names))).encode(
        x=alt.X("across:N", sort=names[1], title=across.path).axis(labelAngle=0, orient="top"),
        y=alt.Y("down:N", sort=names[0], title=down.path),
        tooltip=[
            alt.Tooltip("text:N", title=spoken(judged_words(picture.metric), language)),
            alt.Tooltip("interval:N", title=spoken(message("interval"), language)),
        ],
    )
    shade = alt.Opacity("share:Q", legend=None).scale(domain=[0, 1], range=[0.06, 1])
    on_dark = alt.condition(alt.datum.share > READABLE, alt.value(PAGE), alt.value(INK))
    known = square.transform_filter("isValid(datum.share)")
    unknown = square.transform_filter("!isValid(datum.share)")
    chart = alt.layer(
        known.mark_rect(color=VARIANT, stroke=PAGE).encode(opacity=shade),
        unknown.mark_rect(filled=False, stroke=INK, strokeDash=[3, 3], opacity=0.5),
        square.mark_text(fontSize=13).encode(text="text:N", color=on_dark),
    )
    width, height = CELL
    return finished(
        chart.properties(width=width * len(across.texts), height=height * len(down.texts)),
        width * len(across.texts) + 160,
    )


def sweep(picture: Sweep, language: str) -> dict[str, Any]:
    """Draw a line per series through its means, with a band of their intervals."""
    names = list(picture.series)
    several = len(names) > 1
    legend = alt.Legend(title=None, symbolType="stroke", symbolSize=300, symbolOpacity=1)
    key = legend if several else None
    hues = alt.Scale(domain=names, range=[INK, *HUES][: len(names)] if several else [VARIANT])
    dashes = alt.Scale(domain=names, range=[[4, 3], *DASHES][: len(names)] if several else [[1, 0]])
    said = spoken(judged_words(picture.metric), language)
    fill = alt.Fill("series:N", scale=hues, legend=key)
    stroke = alt.Stroke("series:N", scale=hues, legend=key)
    whole = alt.Chart(rows(_points(picture))).encode(_x(picture.axis))
    mean, low = (alt.Y(f"{end}:Q", title=said).scale(zero=False) for end in ("mean", "low"))
    band = (
        whole.mark_area(opacity=0.14).encode(low, y2="high:Q", fill=fill)
        if picture.axis.numbers
        else whole.mark_rule(strokeWidth=3).encode(low, y2="high:Q", stroke=stroke)
    )
    dash = alt.StrokeDash("series:N", scale=dashes, legend=key)
    tooltip = [
        alt.Tooltip("value:N", title=picture.axis.path),
        alt.Tooltip("text:N", title=said),
        alt.Tooltip("interval:N", title=spoken(message("interval"), language)),
    ]
    chart = alt.layer(
        band,
        whole.mark_line(strokeWidth=1.6).encode(mean, stroke=stroke, strokeDash=dash),
        whole.mark_point(size=50, opacity=1, strokeWidth=0).encode(
            mean, fill=fill, tooltip=tooltip
        ),
    )
    return finished(chart.properties(width=640, height=280), 760)


def _x(axis: Axis) -> alt.X:
    if not axis.numbers:
        return alt.X("value:N", sort=list(axis.texts), title=axis.path).axis(labelAngle=0)
    low, high = min(axis.numbers), max(axis.numbers)
    x = alt.X("number:Q", title=axis.path)
    if low > 0 and high / low >= DECADES:
        marks = round_numbers(low, high)
        return x.scale(type="log", nice=False).axis(format="~g", grid=False, values=marks)
    return x.scale(zero=False).axis(format=PLAIN, grid=False)


def _cells(picture: Heat, names: list[list[str]]) -> Iterator[dict[str, Any]]:
    means = [figure[0] for *_, figure in picture.cells if math.isfinite(figure[0])]
    low, span = min(means), (max(means) - min(means)) or 1
    for down, across, figure in picture.cells:
        place = {"down": names[0][down], "across": names[1][across]}
        # Of a figure that is not there, neither is its share: `rounded` gives none.
        yield {**place, **_said(figure), "share": rounded((figure[0] - low) / span)}


def _points(picture: Sweep) -> Iterator[dict[str, Any]]:
    for series, level, figure in picture.points:
        if not math.isfinite(figure[0]):
            continue
        mean, low, high = figure
        row = {"series": series, "value": picture.axis.texts[level], **_said(figure)}
        numbers = {"mean": rounded(mean), "low": rounded(low), "high": rounded(high)}
        place = {"number": picture.axis.numbers[level]} if picture.axis.numbers else {}
        yield {**row, **numbers, **place}


def _said(figure: Figure) -> dict[str, str]:
    mean, half = mean_texts(*figure)
    return {"text": mean, "interval": f"±{half}"}
