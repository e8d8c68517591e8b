"""How ways and regions in a plane are drawn, over contours: two weights, or two of anything.

Eats `Constraints` and `Trajectories`. Makes Vega-Lite specifications, a view for each region or
way, with both axes on one scale of pixels where that matters.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import altair as alt
import numpy as np

from hikaku.present.canvas import INK, PAGE, VARIANT, WORSE, finished, rounded, rows, written
from hikaku.present.lessons import Constraint, Constraints, Numbers, Trajectories
from hikaku.present.report import spoken
from hikaku.words import message

SIDE = 240
LOW, HIGH = -1.4, 2.6
"""The weights that are seen, on both axes."""

WAY = (300, 190)
"""Width and height of the view of a way, in pixels."""


def constraints(picture: Constraints, language: str) -> dict[str, Any]:
    """Draw a view per constraint: its region, the contours, and the point where they meet."""
    views = [_region(one, picture.contours, picture.best, language) for one in picture.constraints]
    return finished(alt.concat(*views, columns=3), SIDE + 50)


def _region(
    one: Constraint, contours: tuple[Numbers, ...], best: tuple[float, float], language: str
) -> Any:
    x, y = (
        alt.X("x:Q", title="w1").scale(domain=[LOW, HIGH], nice=False).axis(tickCount=5),
        alt.Y("y:Q", title="w2").scale(domain=[LOW, HIGH], nice=False).axis(tickCount=5),
    )
    meets = message("meets the loss at {place}", place=_place(one.touch))
    title = alt.TitleParams(
        spoken(one.name, language), subtitle=spoken(meets, language), subtitleColor=INK
    )
    point = alt.Chart(rows([{"x": one.touch[0], "y": one.touch[1]}])).mark_point(
        size=110, filled=True, opacity=1, color=WORSE, stroke=PAGE
    )
    said = spoken(message("lowest loss"), language)
    goal = alt.Chart(rows([{"x": best[0], "y": best[1], "said": said}]))
    edge = alt.Chart(rows(_line([one.edge])))
    zero = alt.Chart(rows([{"zero": 0}])).mark_rule(color=INK, opacity=0.5)
    return alt.layer(
        edge.mark_line(filled=True, fill=VARIANT, fillOpacity=0.18, stroke=VARIANT).encode(
            x, y, order="order:Q"
        ),
        zero.encode(x="zero:Q"),
        zero.encode(y="zero:Q"),
        _lines(contours, color=INK, opacity=0.35, strokeWidth=1).encode(x, y),
        _lines([one.met], color=WORSE, strokeWidth=1.8).encode(x, y),
        goal.mark_point(shape="cross", size=90, filled=True, color=INK).encode(x, y),
        point.encode(x, y),
        *written(goal.encode(x, y, text="said:N"), align="left", dx=9, dy=-9),
    ).properties(width=SIDE, height=SIDE, title=title)


def _place(point: tuple[float, float]) -> str:
    return f"({', '.join('0' if value == 0 else f'{value:.3g}' for value in point)})"


def trajectories(picture: Trajectories, language: str) -> dict[str, Any]:
    """Draw a view per optimizer: its way over the contours, a point for each step."""
    views = [_way(picture, spoken(name, language), path) for name, path in picture.paths]
    return finished(alt.concat(*views, columns=2 if len(views) in (2, 4) else 3), WAY[0] + 45)


def _way(picture: Trajectories, name: str, path: Numbers) -> Any:
    x, y = (
        axis.scale(domain=[-end, end], nice=False).axis(tickCount=5, grid=False)
        for axis, end in zip(
            (alt.X("x:Q", title="x"), alt.Y("y:Q", title="y")), picture.reach, strict=True
        )
    )
    # What leaves for good would be drawn nowhere: so large numbers no picture holds.
    far = AWAY * np.array(picture.reach)
    way = alt.Chart(rows(_line([np.clip(path, -far, far)]))).encode(x, y, order="order:Q")
    return alt.layer(
        _lines(picture.contours, color=INK, opacity=0.3, strokeWidth=1).encode(x, y),
        alt.Chart(rows([{"x": 0, "y": 0}]))
        .mark_point(shape="cross", size=80, filled=True, color=INK)
        .encode(x, y),
        way.mark_line(color=VARIANT, strokeWidth=1.4, clip=True),
        way.mark_circle(color=VARIANT, size=20, opacity=1, clip=True),
        alt.Chart(rows(_line([path[:1]])))
        .mark_point(size=70, filled=True, opacity=1, color=WORSE, stroke=PAGE)
        .encode(x, y),
    ).properties(width=WAY[0], height=WAY[1], title=name)


def _lines(lines: Iterable[Numbers], **how: Any) -> Any:
    """Return lines through their points in order, cut at the edge of the view."""
    chart = alt.Chart(rows(_line(lines))).mark_line(clip=True, **how)
    return chart.encode(order="order:Q", detail="line:N")


def _line(lines: Iterable[Numbers]) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(lines):
        for order, (x, y) in enumerate(line.tolist()):
            yield {"line": number, "order": order, "x": rounded(x), "y": rounded(y)}


AWAY = 50
"""Points are drawn up to so many times the picture's reach."""
