"""How the learning curves are drawn: a view per variant, with base in each of them.

Eats `Curves`. Makes a Vega-Lite specification. Small views with two arms each stay readable for
any number of variants, where one view with all arms would not.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import numpy as np

from hikaku.present.canvas import (
    INK,
    PAGE,
    PLAIN,
    VARIANT,
    epochs,
    finished,
    labels,
    round_numbers,
    rounded,
    rows,
)
from hikaku.present.designs import FEW
from hikaku.present.frames import Frame, axis_words, frame
from hikaku.present.pictures import CURVE_SPLITS, Curves, Line
from hikaku.present.report import spoken
from hikaku.study.study import BASE
from hikaku.words import message

WIDTH, HEIGHT = 212, 180
"""Of one view, in pixels, its axes left out."""

SMALL = (146, 110)
"""The same where many views stand in a row."""

FAINT: dict[str, Any] = {"strokeWidth": 0.9, "opacity": 0.7}
"""How a mean is drawn where some of its seeds have stopped, for it may move by that alone."""

ACROSS: dict[str, Any] = {
    "shape": "stroke",
    "angle": 90,
    "size": 130,
    "strokeWidth": 2,
    "opacity": 1,
}
"""The mark on a line where the first of its seeds stops."""

POINT = {"filled": False, "size": 50}
"""No line goes through a single point."""

POINTED = "pointed"
"""The epoch that the pointer is at, in each view its own."""


@dataclass(frozen=True)
class Terms:
    """The words of this chart in one language; `who` is what the two arms of a view are called.

    `mark` is how each point of a line is drawn, where no line has more than one; `loses_seeds` is
    whether one goes on after some of its seeds have stopped.
    """

    titles: dict[str, str]
    who: tuple[str, str]
    splits: dict[str, str]
    epoch: str
    mark: dict[str, Any] | bool
    loses_seeds: bool


def curves(picture: Curves, language: str) -> dict[str, Any]:
    """Draw each variant and base: validation solid, train dashed, with bands and best epochs.

    A line goes on faintly where some of its seeds have stopped.
    """
    terms = _terms(picture, language)
    size = SMALL if picture.layout.columns > FEW else (WIDTH, HEIGHT)
    seen = frame(picture.metric, [line.mean for line in picture.lines])
    how: dict[str, Any] = {"type": "log"} if seen.is_log else {"type": "linear", "zero": False}
    marks: dict[str, Any] = (
        {"format": "~g" if seen.high < 1e6 else "~e", "values": round_numbers(seen.low, seen.high)}
        if seen.is_log
        else {"format": PLAIN, "tickCount": 5}
    )
    y = (
        alt.Y("mean:Q", title=spoken(axis_words(picture.metric, seen.is_log), language))
        .scale(domain=[rounded(seen.low), rounded(seen.high)], nice=False, **how)
        .axis(**marks)
    )
    x = epochs(terms.epoch, [line.epochs for line in picture.lines])
    data = [
        {"view": number, "who": terms.who[side], "line": f"{side} {line.split}", **row}
        for number, view in enumerate(picture.layout.views)
        for arm, lines in picture.sides(view).items()
        for side in (0 if arm == view.against else 1,)
        for line in lines
        for row in _points(line, terms, seen)
    ]
    view = _view((x, y), terms, size)
    chart = alt.concat(view, data=rows(data), columns=picture.layout.columns).resolve_scale(
        x="shared", y="shared", stroke="shared", fill="shared", strokeDash="shared"
    )
    titles = [terms.titles[view.title] for view in picture.layout.views]
    return _for_each(titles, finished(chart, size[0] + 60))


def _for_each(titles: Sequence[str], spec: dict[str, Any]) -> dict[str, Any]:
    """Return the specification with its one view once for each title, of the rows of that view.

    Views differ in nothing else, and altair would copy all it knows of each several times.
    """
    (view,), (pointer,) = spec["concat"], spec["params"]
    *layers, reader = view["layer"]
    seen = reader["encoding"]["opacity"]
    views, pointers = [], []
    for number, title in enumerate(titles):
        own, pointed = f"view_{number}", f"{POINTED}_{number}"
        opacity = {**seen, "condition": {**seen["condition"], "param": pointed}}
        reads = {**reader, "name": own, "encoding": {**reader["encoding"], "opacity": opacity}}
        of_view = {"filter": {"field": "view", "equal": number}}
        views.append({**view, "title": title, "transform": [of_view], "layer": [*layers, reads]})
        pointers.append({**pointer, "name": pointed, "views": [own]})
    return {**spec, "concat": views, "params": pointers}


def _terms(picture: Curves, language: str) -> Terms:
    views = picture.layout.views
    other = BASE if all(view.against == BASE for view in views) else message("the other arm")
    who = picture.layout.sides or (other, message("the variant"))
    drawn = {line.split for line in picture.lines}
    splits = {"train": message("train"), "validation": message("validation")}
    return Terms(
        titles=labels((view.title for view in views), language),
        who=(spoken(who[0], language), spoken(who[1], language)),
        splits={split: spoken(splits[split], language) for split in CURVE_SPLITS if split in drawn},
        epoch=spoken(message("epoch"), language),
        mark=all(len(line.epochs) == 1 for line in picture.lines) and POINT,
        loses_seeds=picture.loses_seeds,
    )


def _points(line: Line, terms: Terms, seen: Frame) -> Iterator[dict[str, Any]]:
    marked = int(np.argmin(np.abs(line.epochs - line.best))) if math.isfinite(line.best) else -1
    for i, epoch in enumerate(line.epochs.tolist()):
        if line.mean[i] < seen.low:
            continue
        row = {
            "split": terms.splits[line.split],
            "epoch": rounded(epoch),
            "mean": rounded(line.mean[i]),
            "low": rounded(max(line.low[i], seen.low)),
            "high": rounded(min(line.high[i], seen.high)),
        }
        if i >= line.whole and line.whole < len(line.n) - 1:
            # The last point of all seeds belongs to both lines, so that they meet.
            row["left"] = "some" if i > line.whole else "all"
        yield {**row, "best": True} if i == marked and line.split == "validation" else row


def _view(axes: tuple[alt.X, alt.Y], terms: Terms, size: tuple[int, int]) -> Any:
    whole = alt.Chart()
    x, y = axes
    arms = alt.Scale(domain=terms.who, range=[INK, VARIANT])
    words = list(terms.splits.values())
    dashes = alt.Scale(domain=words, range=[[4, 3], [1, 0]][-len(words) :])
    key = alt.Legend(title=None, symbolType="stroke", symbolSize=300, symbolOpacity=1)
    colour = alt.Stroke("who:N", scale=arms, legend=key)
    fill = alt.Fill("who:N", scale=arms, legend=key)
    best = whole.transform_filter(alt.datum.best)
    dash = alt.StrokeDash("split:N", scale=dashes, legend=key)
    of_all = whole.transform_filter(alt.datum.left != "some") if terms.loses_seeds else whole
    of_some = whole.transform_filter("isValid(datum.left)").mark_line(**FAINT)
    first = whole.transform_filter(alt.datum.left == "all").mark_point(**ACROSS)
    fading = [
        of_some.encode(x, y, stroke=colour, strokeDash=dash),
        first.encode(x, y, stroke=colour),
    ]
    layers = alt.layer(
        whole.mark_area(opacity=0.14).encode(
            x, y="low:Q", y2="high:Q", fill=fill, detail="split:N"
        ),
        of_all.mark_line(strokeWidth=1.6, point=terms.mark).encode(
            x, y, stroke=colour, strokeDash=dash
        ),
        *(fading if terms.loses_seeds else ()),
        best.mark_point(shape="diamond", size=110, opacity=1, stroke=PAGE).encode(x, y, fill=fill),
        _reader(whole, x, terms),
    )
    width, height = size
    return layers.properties(width=width, height=height)


def _reader(whole: alt.Chart, x: alt.X, terms: Terms) -> Any:
    """Return invisible rules, one an epoch, that tell all means there to the pointer."""
    keys = {
        f"{side} {split}": f"{terms.who[side]}, {terms.splits[split]}"
        for side in (0, 1)
        for split in terms.splits
    }
    pointed = alt.selection_point(POINTED, fields=["epoch"], on="pointerover", clear="pointerout")
    return (
        whole.transform_pivot("line", value="mean", groupby=["epoch"])
        .mark_rule(color=INK, strokeWidth=4)
        .encode(
            x,
            opacity=alt.condition(pointed, alt.value(0.3), alt.value(0), empty=False),
            tooltip=[
                alt.Tooltip("epoch:Q", title=terms.epoch),
                *(
                    alt.Tooltip(field=key, type="quantitative", format=".4~g", title=said)
                    for key, said in keys.items()
                ),
            ],
        )
        .add_params(pointed)
    )
