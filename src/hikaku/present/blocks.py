"""What the template of a report's blocks needs, on whatever page they stand: file, cell, live."""

from __future__ import annotations

from functools import partial
from typing import Any

from hikaku.present.interval_bar import svg
from hikaku.present.marked import marked
from hikaku.present.report import Words, spoken
from hikaku.words import Message, message

TABLE = message("Table")
TOO_LARGE = message("This chart is too large for a still picture: it needs JavaScript.")


def needs(language: str) -> dict[str, Any]:
    """Return what `blocks.html.j2` calls by name: how texts are said and bars are drawn."""
    return {
        "language": language,
        "say": partial(spoken, language=language),
        "prose": partial(marked, language=language),
        "caution": _caution,
        "table": TABLE,
        "too_large": TOO_LARGE,
        "bar": svg,
    }


def _caution(what: Words) -> Message:
    return message("caution: {caution}", caution=what)
