"""The sign of each verdict: a shape and a colour, told apart without seeing colours.

Eats verdicts. Makes the part of a chart's specification that gives points their signs.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import altair as alt

from hikaku.analysis.course import Verdict
from hikaku.analysis.finding import WORDS
from hikaku.present.canvas import BETTER, INK, SAME, UNSTABLE, WORSE
from hikaku.present.report import spoken
from hikaku.words import Message

SIGNS: dict[Verdict, tuple[str, str]] = {
    "helps": ("triangle-up", BETTER),
    "hurts": ("triangle-down", WORSE),
    "no-practical-difference": ("square", SAME),
    "undecided": ("circle", INK),
    "unstable": ("diamond", UNSTABLE),
}
"""The shape and colour of each verdict."""


def signs(
    verdicts: Iterable[Verdict], language: str, heading: Message | None = None
) -> dict[str, Any]:
    """Return how a field `verdict`, in words, becomes shape and colour, with a legend."""
    met = list(dict.fromkeys(verdicts))
    words = [spoken(WORDS[verdict], language) for verdict in met]
    shapes, colours = zip(*(SIGNS[verdict] for verdict in met), strict=True)
    title = spoken(heading, language) if heading else None
    legend = alt.Legend(title=title, titleLimit=0, symbolOpacity=1)
    return {
        "shape": alt.Shape("verdict:N", legend=legend).scale(domain=words, range=shapes),
        "color": alt.Color("verdict:N", legend=legend).scale(domain=words, range=colours),
    }
