"""A chart as a figure of a paper: as wide as a column, to the point, with letters of print's size.

Eats a `Picture`. Makes SVG, PDF or PNG without a title, which in a paper is the caption's. Charts
are laid out anew for the width and not merely made smaller, so that letters stay 7.5 points high.
"""

from __future__ import annotations

import json
from typing import Any

import vl_convert

from hikaku.errors import StudyError
from hikaku.present.canvas import EAST_ASIAN, FONT
from hikaku.present.charts import draw
from hikaku.present.designs import Heat
from hikaku.present.fit import fitted, size
from hikaku.present.lettering import as_shapes
from hikaku.present.outlines import FAMILY
from hikaku.present.own_font import own_first, with_own_font
from hikaku.present.palette import PAPER, SERIES
from hikaku.present.pictures import Confusions, Curves, Gains, Pairs, Picture, Stops
from hikaku.words import message

POINTS = 0.625
"""Points of the figure for one pixel of the page, whose letters are 12 high."""
PER_MM = 72 / 25.4
PPI = 300
"""Dots per inch of a figure of dots, the least that journals ask for; lines are finer as PDF."""

NARROWEST: dict[type[Any], int] = {Curves: 105, Stops: 105, Pairs: 80, Gains: 560, Confusions: 200}
"""The least width of one view, in pixels of the page; of all others `USUAL`."""
USUAL = 150
CELL = 40
"""The same of a cell of a heat map."""
PADDING = 2


def svg(picture: Picture, width_mm: float, language: str) -> bytes:
    """Return the figure as SVG whose texts are shapes.

    A name with letters that our own font has not stays text. Raises `StudyError` where the
    figure needs more than this width.
    """
    return _sized(as_shapes(laid_out(picture, width_mm, language)), width_mm, "mm").encode()


def pdf(picture: Picture, width_mm: float, language: str) -> bytes:
    """Return the figure as a page of PDF with its fonts inside; otherwise as `svg`."""
    found: bytes = vl_convert.svg_to_pdf(_in_points(picture, width_mm, language))
    return found


def png(picture: Picture, width_mm: float, language: str) -> bytes:
    """Return the figure as PNG of 300 dots per inch; otherwise as `svg`."""
    found: bytes = vl_convert.svg_to_png(_in_points(picture, width_mm, language), ppi=PPI)
    return found


def laid_out(picture: Picture, width_mm: float, language: str) -> str:
    """Return the figure as SVG in pixels of the page, its texts as text."""
    with_own_font()
    narrowest = NARROWEST.get(type(picture), USUAL)
    if isinstance(picture, Heat):
        narrowest = CELL * len(picture.axes[1].texts)
    spec = on_paper(draw(picture, language))
    found = fitted(spec, width_mm * PER_MM / POINTS, narrowest)
    if found is None:
        raise StudyError.of(
            message("this figure does not fit into {width} mm", width=f"{width_mm:g}"),
            mend=message("give --width 175, or more"),
        )
    return found


def on_paper(spec: dict[str, Any]) -> dict[str, Any]:
    """Return the specification with the colours and letters of print, on white."""
    text = json.dumps(spec, ensure_ascii=False, allow_nan=False)
    # Not even Latin ones are taken from elsewhere: the words of a figure are in one font.
    text = text.replace(EAST_ASIAN, own_first(text)).replace(FONT, f"'{FAMILY}', {FONT}")
    for of_page, colour in SERIES.items():
        text = text.replace(of_page, colour)
    for name, colour in PAPER.items():
        text = text.replace(f"var(--{name})", colour)
    found: dict[str, Any] = json.loads(text.replace("currentColor", PAPER["ink"]))
    config = found["config"]
    plain = {
        "title": {**config["title"], "fontWeight": "normal"},
        "header": {**config["header"], "labelFontWeight": "normal"},
        "axis": {**config["axis"], "labelOverlap": "parity", "labelSeparation": 5},
    }
    return {**found, "config": {**config, **plain}, "background": "#ffffff", "padding": PADDING}


def _in_points(picture: Picture, width_mm: float, language: str) -> str:
    # The renderer takes a pixel without a unit for a point.
    return _sized(laid_out(picture, width_mm, language), width_mm * PER_MM, "")


def _sized(picture: str, width: float, unit: str) -> str:
    """Return the picture at this width; its height follows."""
    across, down = size(picture)
    head, _, rest = picture.partition(">")
    for name, value in (("width", width), ("height", width * down / across)):
        head = _with(head, name, f"{value:.3f}{unit}")
    return f"{head}>{rest}"


def _with(head: str, name: str, value: str) -> str:
    before, _, after = head.partition(f' {name}="')
    return f'{before} {name}="{value}"{after[after.index(chr(34)) + 1 :]}'
