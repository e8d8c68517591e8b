"""A chart laid out so that all of it, axes and legends too, is as wide as is asked.

Eats a Vega-Lite specification. Makes SVG. How much room axes take is known only when they are
drawn, so a layout is drawn once with a guess, measured, and drawn again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import vl_convert

from hikaku.present.html import VEGA_LITE
from hikaku.present.outlines import width as text_width

Spec = dict[str, Any]

LETTER, HEADER = 12, 13
"""The height of an axis' title, and of what heads a view, in pixels."""
WORD = re.compile(
    r"[^\s\u3000-\uffef]+?(?:-(?=[^\W\d])|\s+|(?=[\u3000-\uffef])|$)|[\u3000-\uffef]\s*"
)
"""After such a piece a line may end: a word with its space, a part before a hyphen, a wide sign."""
LINE = 15
"""From one line of a header to the next."""
CLOSE = 2
"""So far off, in pixels, a layout may be; what is left is a slight change of scale."""
MOST_TRIES = 4
LEGENDS: tuple[Spec, ...] = (
    {},
    {"columns": 2},
    {"columns": 1, "layout": {"top": {"direction": "vertical", "margin": 2}}},
)
"""How legends are laid out: in a row; in two columns; one below the other."""
LOWEST, FLAT = 110, 0.85
"""A view is no higher than this share of its width, as long as that is not below the first."""
FAR = 0.7
"""A layout is not even tried where its views would have about this share of the least width."""


def fitted(spec: Spec, width: float, narrowest: float) -> str | None:
    """Return the chart as SVG, `width` pixels wide; None where a view would be too narrow.

    Views that stand side by side move into fewer columns before they get narrower than
    `narrowest` pixels, their axes left out; legends are stacked where they are too wide.
    """
    for legend in LEGENDS:
        config = {**spec["config"], "legend": {**spec["config"]["legend"], **legend}}
        for columns in range(_columns(spec), 0, -1):
            found = _with_columns({**spec, "config": config}, columns, width, narrowest)
            if found is not None:
                return found
    return None


def size(svg: str) -> tuple[float, float]:
    """Return width and height of a picture, in pixels."""
    found = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)
    assert found, "Vega writes a viewBox"
    return float(found[1]), float(found[2])


def _with_columns(spec: Spec, columns: int, width: float, narrowest: float) -> str | None:
    # The page's chart knows about how much wider than a view its panel is.
    beside = max(spec["usermeta"]["panel"] - _views(spec)[0]["width"], 0)
    view = max(width / columns - beside, 1.0)
    if view < narrowest * FAR:
        return None
    for _ in range(MOST_TRIES):
        svg = drawn(_changed(spec, columns, view))
        off = width - size(svg)[0]
        if abs(off) <= CLOSE:
            return svg
        view += off / columns
        if view < narrowest:
            return None
    return None


def drawn(spec: Spec) -> str:
    """Return the chart as SVG, in the size that it has by itself."""
    found: str = vl_convert.vegalite_to_svg(spec, vl_version=VEGA_LITE)
    return found


def _views(spec: Spec) -> list[Spec]:
    """Return the views of a chart that have a width of their own."""
    return spec.get("concat") or [spec.get("spec", spec)]


def _columns(spec: Spec) -> int:
    """Return how many views may stand in a row: 1 where there is one view."""
    views = spec.get("concat") or spec.get("facet", {}).get("sort", [None])
    return min(len(views), int(spec.get("columns", 1)))


def _changed(spec: Spec, columns: int, view: float) -> Spec:
    """Return the specification with views of this width, so many in a row."""
    resized: Spec = {"columns": columns} if "columns" in spec else {}
    if "concat" in spec:
        resized["concat"] = [_resized(one, view) for one in spec["concat"]]
    elif "facet" in spec:
        resized |= {"spec": _resized(spec["spec"], view), "facet": _headed(spec["facet"], view)}
    else:
        resized = _resized(spec, view)
    return {**spec, **resized}


def _resized(one: Spec, width: float) -> Spec:
    """Return one view of this width; a square one stays square."""
    is_square = one["width"] == one["height"]
    height = width if is_square else one["height"]
    if isinstance(height, dict):  # a row of so many pixels for each variant
        return {**_titled(_wrapped(one, {"x": width}), width), "width": width}
    height = min(height, max(LOWEST, FLAT * width)) if not is_square else height
    room = {"x": width, "y": height}
    return {**_titled(_wrapped(one, room), width), "width": width, "height": height}


def _headed(facet: Spec, width: float) -> Spec:
    """Return a facet whose headers are broken into lines where they are longer than its views."""
    lines = {name: [*_lines(name, width, HEADER)] for name in facet["sort"]}
    header = {**facet.get("header", {}), "labelLimit": width + 16, "labelLineHeight": LINE}
    return {**facet, "header": {**header, "labelExpr": f"({json.dumps(lines)})[datum.label]"}}


def _titled(view: Spec, width: float) -> Spec:
    """Return a view whose own title is no longer than it is wide."""
    title = view.get("title")
    if not isinstance(title, dict):
        return view
    lines = {name: [*_lines(title[name], width, HEADER)] for name in ("text", "subtitle")}
    return {**view, "title": {**title, **lines}}


def _wrapped(view: Spec, room: dict[str, float]) -> Spec:
    """Return a view whose axes' titles are no longer than their axes."""
    layers = {"layer": [_wrapped(one, room) for one in view["layer"]]} if "layer" in view else {}
    encoding = {**view.get("encoding", {})}
    for axis in room.keys() & encoding.keys():
        if isinstance(title := encoding[axis].get("title"), str):
            encoding[axis] = {**encoding[axis], "title": [*_lines(title, room[axis])]}
    return {**view, **layers, **({"encoding": encoding} if encoding else {})}


def _lines(text: str, room: float, letter: float = LETTER) -> Iterator[str]:
    """Yield a text as lines no longer than `room` pixels; a piece that is longer stays whole."""
    line = ""
    for word in WORD.findall(text):
        if line and text_width(f"{line}{word}".rstrip(), letter) > room:
            yield line.rstrip()
            line = ""
        line += word
    yield line.rstrip()
