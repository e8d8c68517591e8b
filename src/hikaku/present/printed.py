"""A chart as a figure of a paper: as wide as a column, to the point, with letters of print's size.

Eats a `Picture`. Makes `Paper`: SVG, PDF or PNG without a title, which is the caption's. Charts are
laid out anew for the width and not merely made smaller, so that letters stay 7.5 points high.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import vl_convert

from hikaku.errors import StudyError
from hikaku.present import elsewhere, gains
from hikaku.present.canvas import EAST_ASIAN, FONT
from hikaku.present.charts import draw
from hikaku.present.confusion_changes import ConfusionChanges
from hikaku.present.designs import Heat
from hikaku.present.fit import FLAT, LOWEST, fitted, size
from hikaku.present.lettering import as_shapes
from hikaku.present.outlines import FAMILY
from hikaku.present.own_font import own_first, with_own_font
from hikaku.present.palette import PAPER, SERIES
from hikaku.present.pictures import Confusions, Curves, Gains, Pairs, Picture, Stops
from hikaku.words import Message, message

POINTS = 0.625
"""Points of the figure for one pixel of the page, whose letters are 12 high."""
PER_MM = 72 / 25.4
PPI = 300
"""Dots per inch of a figure of dots, the least that journals ask for; lines are finer as PDF."""

NARROWEST: dict[type[Any], int] = {Curves: 105, Stops: 105, Pairs: 80}
"""The least width of one view, in pixels of the page; of all others `USUAL`."""
USUAL = 150
CELL = 40
"""The same of a cell of a heat map."""
COUNTED, SHADED = 200, (110, 80)
"""The same of a confusion matrix with its counts; and without them, the larger one first."""
GAINS_ASIDE = 70
"""About what the axis beside gains against cost takes, where their names are placed."""
PADDING = 2

TALLEST_MM, TALLEST = 240.0, 1.5
"""A figure that can be drawn lower is no higher than a page holds, and than so many widths."""


@dataclass(frozen=True)
class Paper:
    """A figure laid out for its width: SVG in pixels of the page, its texts as text."""

    picture: str
    width_mm: float

    @property
    def height_mm(self) -> float:
        """Return how high it is printed."""
        across, down = size(self.picture)
        return self.width_mm * down / across

    def svg(self) -> bytes:
        """Return the figure as SVG whose texts are shapes.

        A name with letters that our own font has not stays text.
        """
        return _sized(as_shapes(self.picture), self.width_mm, "mm").encode()

    def pdf(self) -> bytes:
        """Return the figure as a page of PDF with its fonts inside."""
        found: bytes = vl_convert.svg_to_pdf(self._in_points())
        return found

    def png(self) -> bytes:
        """Return the figure as PNG of 300 dots per inch."""
        found: bytes = vl_convert.svg_to_png(self._in_points(), ppi=PPI)
        return found

    def cautions(self, form: str) -> Iterator[Message]:
        """Yield what to know before it is printed: of its height, of letters that are missing."""
        if self.height_mm > TALLEST_MM:
            yield message(
                "the figure is {height} mm high, and a page holds {most}: give a larger --width, "
                "or choose what it shows with --arm",
                height=f"{self.height_mm:.0f}",
                most=f"{TALLEST_MM:g}",
            )
        yield from elsewhere.cautions(self.picture, form)

    def _in_points(self) -> str:
        # The renderer takes a pixel without a unit for a point.
        return _sized(self.picture, self.width_mm * PER_MM, "")


def laid_out(picture: Picture, width_mm: float, language: str) -> Paper:
    """Return the figure for this width, in the first of its ways that is not too high.

    Raises `StudyError` where it needs more than this width.
    """
    with_own_font()
    width = width_mm * PER_MM / POINTS
    most = min(TALLEST_MM, TALLEST * width_mm)
    found: list[Paper] = []
    for how, narrowest in _ways(picture, width):
        spec = on_paper(draw(picture, language, **how))
        if (svg := fitted(spec, width, narrowest)) is not None:
            found.append(Paper(svg, width_mm))
            if found[-1].height_mm <= most:
                break
    if not found:
        raise StudyError.of(
            message("this figure does not fit into {width} mm", width=f"{width_mm:g}"),
            where="--width:",
            mend=message("give --width 175, or more"),
        )
    return min(found, key=lambda paper: max(paper.height_mm, most))


def _ways(picture: Picture, width: float) -> Iterator[tuple[dict[str, Any], int]]:
    """Yield how a picture may be drawn, the fullest way first, and the least width of a view."""
    if isinstance(picture, Gains):
        view = width - GAINS_ASIDE
        high = min(gains.HEIGHT, max(LOWEST, FLAT * view))
        yield {"size": (view, high), "room": GAINS_ASIDE}, USUAL
    elif isinstance(picture, Confusions | ConfusionChanges):
        yield {}, COUNTED
        for narrowest in SHADED:
            yield {"counted": False}, narrowest
    elif isinstance(picture, Heat):
        yield {}, CELL * len(picture.axes[1].texts)
    else:
        yield {}, NARROWEST.get(type(picture), USUAL)


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
