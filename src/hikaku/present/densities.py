"""How densities of very different spreads are drawn: from afar, and again close to 0.

Eats `Densities`. Makes a Vega-Lite specification. Heights stand on a square root scale: on a plain
one the widest would be a line on the floor.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import altair as alt
import numpy as np

from hikaku.present.canvas import finished, rounded, rows
from hikaku.present.grid import DASHES, HUES
from hikaku.present.lessons import Densities, figure
from hikaku.present.report import spoken
from hikaku.words import Message, message

WIDTH, HEIGHT, POINTS = 300, 260, 241
AFAR, CLOSE = 3.5, 4.0
"""So many of the widest spread are seen from afar, and of the second widest from close by."""


def densities(picture: Densities, language: str) -> dict[str, Any]:
    """Draw all densities in two views of one height, the second one close to 0."""
    spreads = sorted((std for _, std in picture.curves), reverse=True)
    close = message("close to 0")
    views = (
        _view(picture, AFAR * spreads[0], message("all of it"), language),
        _view(picture, CLOSE * spreads[min(1, len(spreads) - 1)], close, language),
    )
    return finished(alt.hconcat(*views).resolve_scale(y="shared"), WIDTH + 70)


def _view(picture: Densities, reach: float, title: Message, language: str) -> Any:
    names = [spoken(_name(*curve), language) for curve in picture.curves]
    legend = alt.Legend(title=None, symbolType="stroke", symbolSize=400)
    line = alt.Chart(rows(_points(picture, names, reach))).mark_line(strokeWidth=2)
    return line.encode(
        x=alt.X("weight:Q", title=spoken(message("weight"), language))
        .scale(domain=[rounded(-reach), rounded(reach)], nice=False)
        .axis(tickCount=7),
        y=alt.Y("density:Q", title=spoken(message("density (square root scale)"), language))
        .scale(type="sqrt")
        .axis(
            values=[0, 0.1, 0.5, 1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 40],
            labelOverlap=True,
            format="~g",
        ),
        color=alt.Color("init:N", sort=names, legend=legend).scale(
            domain=names, range=list(HUES[: len(names)])
        ),
        strokeDash=alt.StrokeDash("init:N", sort=names, legend=legend).scale(
            domain=names, range=list(DASHES[: len(names)])
        ),
    ).properties(width=WIDTH, height=HEIGHT, title=spoken(title, language))


def _name(name: Message, std: float) -> Message:
    return message("{name}, std {std}", name=name, std=figure(std))


def _points(picture: Densities, names: list[str], reach: float) -> Iterator[dict[str, Any]]:
    for name, (_, std) in zip(names, picture.curves, strict=True):
        # Seen from afar a narrow bell would fall between evenly spaced points.
        own = np.linspace(-min(reach, 5 * std), min(reach, 5 * std), POINTS)
        for weight in np.unique([-reach, *own, reach]):
            density = math.exp(-((weight / std) ** 2) / 2) / (std * math.sqrt(2 * math.pi))
            yield {"weight": rounded(float(weight)), "density": rounded(density), "init": name}
