"""Charts in fewer bytes: what a picture does without, and rows whose keys are written once.

Eats pictures and specifications as `vl_convert` and altair make them. Makes the same, smaller;
`report.js` unpacks the rows.
"""

from __future__ import annotations

import re
from typing import Any

TAG = re.compile(r"<[^<>]*>")
NEEDLESS = re.compile(
    r' (?:class|role|aria-[a-z]+|pointer-events|xmlns:xlink|version|font-family)="[^"]*"'
    r'| (?:fill-|stroke-)?opacity="1"| [xy][12]="0"'
)
"""What says nothing to an eye, in a picture that is described as a whole."""

FONT = re.compile(r' font-family="[^"]*"')
INVISIBLE = re.compile(r'<path d="(?:M0,0h0v0h0Z)?"[^<>]*/>')
CLIP = re.compile(r"\bclip\d+\b")
DIGITS = re.compile(r"(\.\d\d)\d+")


def slim(picture: str, name: str) -> str:
    """Return an SVG that looks the same: places to a hundredth of a pixel, its font named once.

    What it defines is called after `name`, where `vl_convert` counts on from picture to picture.
    """
    font = FONT.search(picture)
    counted = dict.fromkeys(CLIP.findall(picture))
    names = {clip: f"{name}-{number}" for number, clip in enumerate(counted, start=1)}
    # Only inside of tags: texts hold the names of a study.
    found = TAG.sub(lambda tag: CLIP.sub(lambda clip: names[clip[0]], _slim(tag[0])), picture)
    found = INVISIBLE.sub("", found)
    return found.replace("<svg", f"<svg{font[0] if font else ''}", 1)


def _slim(tag: str) -> str:
    return DIGITS.sub(r"\1", NEEDLESS.sub("", tag)) if not tag.startswith("<image") else tag


def packed(spec: dict[str, Any]) -> dict[str, Any]:
    """Return the specification with each dataset as its fields and, in their order, its rows.

    >>> packed({"datasets": {"one": [{"x": 1, "y": 2}, {"x": 3}]}})["datasets"]
    {'one': {'fields': ['x', 'y'], 'rows': [[1, 2], [3, None]]}}
    """
    return {**spec, "datasets": {name: _table(rows) for name, rows in spec["datasets"].items()}}


def _table(rows: list[dict[str, Any]]) -> dict[str, list[Any]]:
    fields = list(dict.fromkeys(field for row in rows for field in row))
    return {"fields": fields, "rows": [[row.get(field) for field in fields] for row in rows]}
