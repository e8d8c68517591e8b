"""One chart as a picture file: PNG or SVG, on white, with its title, sharp enough to print."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import vl_convert

from hikaku import durable
from hikaku.errors import EnvironmentFault
from hikaku.present import elsewhere
from hikaku.present.canvas import EAST_ASIAN, FONT, font_of
from hikaku.present.charts import draw
from hikaku.present.html import VEGA_LITE
from hikaku.present.own_font import own_first, with_own_font
from hikaku.present.report import Chart, spoken
from hikaku.words import Message, message, preferred_language

SCALE = 2.0
"""Pixels of the file for one of the page."""

SPACE = 14
"""Between the title and the picture, in pixels of the page."""


def png(chart: Chart, path: Path, language: str | None = None) -> Path:
    """Write the chart as PNG and return its path; folders that are missing are made.

    Letters are drawn with the font that hikaku brings along where Japanese is among them, else with
    one that the renderer brings; those that neither has, with fonts of this machine. Raises
    `EnvironmentFault` where the file cannot be written.
    """
    spec = _titled(chart, language or preferred_language())
    return _put(vl_convert.vegalite_to_png(spec, vl_version=VEGA_LITE, scale=SCALE), path)


def svg(chart: Chart, path: Path, language: str | None = None) -> Path:
    """Write the chart as SVG and return its path, as `png` does; letters stay letters."""
    spec = _titled(chart, language or preferred_language())
    return _put(vl_convert.vegalite_to_svg(spec, vl_version=VEGA_LITE).encode(), path)


def cautions(chart: Chart, form: Literal["png", "svg"]) -> Iterator[Message]:
    """Yield what to know of letters that the picture's own font has not, as it was written."""
    spec = _titled(chart, preferred_language())
    yield from elsewhere.cautions(vl_convert.vegalite_to_svg(spec, vl_version=VEGA_LITE), form)


def _titled(chart: Chart, language: str) -> dict[str, Any]:
    text = spoken(chart.title, language)
    title = {"text": text, "font": font_of([text]), "offset": SPACE, "limit": 0}
    return _on_white({**draw(chart.picture, language), "title": title})


def _put(picture: bytes, path: Path) -> Path:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        durable.write(path, picture)
    except OSError as error:
        raise EnvironmentFault.of(
            message("the picture cannot be written: {error}", error=error.strerror or str(error)),
            where=str(path),
            mend=message("name another file with -o, or make room"),
        ) from error
    return path


def _on_white(spec: dict[str, Any]) -> dict[str, Any]:
    """Return the specification with the colours of the light theme and fonts that are there."""
    with_own_font()
    style = files("hikaku.present").joinpath("page", "report.css").read_text(encoding="utf-8")
    light = dict(re.findall(r"--(\w+): (#\w+);", style.partition("}")[0]))
    text = json.dumps(spec, ensure_ascii=False, allow_nan=False)
    text = text.replace(f'"{FONT}"', f'"{font_of([text])}"')
    text = text.replace(EAST_ASIAN, own_first(text))
    for name, colour in light.items():
        text = text.replace(f"var(--{name})", colour)
    found: dict[str, Any] = json.loads(text.replace("currentColor", light["ink"]))
    return {**found, "background": light["page"], "padding": 20}
