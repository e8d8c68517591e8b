"""How the outputs of layers are drawn: a histogram per init and layer, all on one scale.

Eats `LayerOutputs`. Makes a Vega-Lite specification.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import altair as alt

from hikaku.present.canvas import PAGE, VARIANT, finished, rounded, rows, written
from hikaku.present.lessons import LayerOutputs, Spread, figure
from hikaku.present.report import spoken
from hikaku.words import message

WIDTH, HEIGHT = 112, 84
FIGURE = 13
"""From the upper edge of a view to the middle of its figure, in pixels."""


def layer_outputs(picture: LayerOutputs, language: str) -> dict[str, Any]:
    """Draw rows of inits and columns of layers; the height of a bar is a share of all outputs.

    Heights stand on a square root scale, so that a bar that holds all and one that holds a
    fortieth are both seen.
    """
    inits = [spoken(name, language) for name, _ in picture.rows]
    whole = alt.Chart(rows(_bars(picture, inits, language)))
    bars = whole.mark_bar(color=VARIANT, stroke=PAGE, strokeWidth=0.4).encode(
        x=alt.X("low:Q", title=spoken(message("output"), language))
        .scale(domain=[picture.low, picture.high], nice=False)
        .axis(tickCount=3, grid=False),
        x2="high:Q",
        y=alt.Y("share:Q", title=spoken(message("share"), language))
        .scale(type="sqrt", domain=[0, 1], nice=False)
        .axis(values=[0, 0.1, 0.5, 1], format=".0%"),
        y2=alt.datum(0),
    )
    figures = written(
        whole.encode(text="min(said):N"), x=WIDTH / 2, y=FIGURE, fontSize=10, baseline="middle"
    )
    layers = [spoken(message("layer {n}", n=s.layer), language) for s in picture.rows[0][1]]
    chart = alt.layer(bars, *figures).properties(width=WIDTH, height=HEIGHT)
    header = alt.Header(labelAngle=0, labelAlign="left", labelPadding=8)
    return finished(
        chart.facet(
            row=alt.Row("init:N", sort=inits, title=None, header=header),
            column=alt.Column("layer:N", sort=layers, title=None),
            spacing=18,
        ),
        860,
    )


def _bars(picture: LayerOutputs, inits: list[str], language: str) -> Iterator[dict[str, Any]]:
    for init, (_, spreads) in zip(inits, picture.rows, strict=True):
        for spread in spreads:
            width = (picture.high - picture.low) / len(spread.shares)
            said = _said(spread, language)
            for number, share in enumerate(spread.shares.tolist()):
                low = picture.low + number * width
                yield {
                    "init": init,
                    "layer": spoken(message("layer {n}", n=spread.layer), language),
                    "low": rounded(low),
                    "high": rounded(low + width),
                    "share": rounded(share),
                    "said": said,
                }


def _said(spread: Spread, language: str) -> str:
    return spoken(message("std {std}", std=figure(spread.std, 2)), language)
