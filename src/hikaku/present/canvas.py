"""What all charts share: colours that follow the page, names, round numbers, and the finish.

Colours are names that the page defines (`report.css`), so a chart follows the light and the dark
theme without being drawn again. They are after those of Okabe and Ito, with the contrast that each
theme needs, and each is doubled by a shape, a dash or a word.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import count
from typing import Any

import altair as alt
import numpy as np
from numpy.typing import NDArray

from hikaku.present.report import LONGEST_NAME, short, spoken

INK, PAGE, VARIANT = "currentColor", "var(--page)", "var(--variant)"
BETTER, WORSE, SAME, UNSTABLE = (
    "var(--helps)", "var(--hurts)", "var(--same)", "var(--unstable)",
)  # fmt: skip  # four names of one kind

PLAIN = ",~f"
"""How an axis writes its numbers; by "~g" a linear one writes 60 as 6e+1."""

MOST_EPOCHS = 6
"""An axis of epochs is divided into about so many parts, and no more."""

FONT = "Helvetica, Arial, 'Liberation Sans', sans-serif"
"""Alike in width wherever they are, so that still pictures measured elsewhere fit their texts."""

EAST_ASIAN = "'Noto Sans CJK JP', 'Hiragino Sans', 'Yu Gothic'"
"""Beside FONT these are of its kind; what a renderer picks by itself often has serifs."""

CONFIG: dict[str, Any] = {
    "background": "transparent",
    "padding": 8,
    "aria": False,
    "font": FONT,
    "view": {"stroke": None},
    "axis": {
        "labelColor": INK, "titleColor": INK, "domainColor": INK, "tickColor": INK,
        "gridColor": INK, "gridOpacity": 0.13, "domainOpacity": 0.5, "tickOpacity": 0.5,
        "labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal",
    },
    "legend": {
        "labelColor": INK, "titleColor": INK, "labelFontSize": 12, "titleFontSize": 12,
        "titleFontWeight": "normal", "orient": "top", "labelLimit": 300,
    },
    "title": {"color": INK, "fontSize": 13, "fontWeight": 600, "anchor": "start", "limit": 240},
    "header": {"labelColor": INK, "labelFontSize": 13, "labelFontWeight": 600, "labelLimit": 160},
    "concat": {"spacing": 24},
}  # fmt: skip  # settings of one part stand together


def finished(chart: Any, panel: int) -> dict[str, Any]:
    """Return the chart as a specification; `panel` is the width in pixels that one view needs.

    The page reads it to choose how many views stand in a row, or how wide a single one is.
    """
    spec: dict[str, Any] = chart.properties(usermeta={"panel": panel}).to_dict()
    return {**spec, "config": CONFIG}


def font_of(texts: Iterable[str]) -> str:
    """Return the fonts for these texts: for Chinese and Japanese signs, those that match FONT."""
    wide = any(unicodedata.east_asian_width(sign) in "WF" for text in texts for sign in text)
    return f"{EAST_ASIAN}, {FONT}" if wide else FONT


def labels(names: Iterable[str], language: str, longest: int = LONGEST_NAME) -> dict[str, str]:
    """Return a unique label for each name, cut where it is longer than `longest`."""
    found: dict[str, str] = {}
    for name in names:
        label = short(spoken(name, language), longest)
        taken = sum(short(spoken(other, language), longest) == label for other in found)
        found[name] = f"{label} ({taken + 1})" if taken else label
    return found


def written(chart: alt.Chart, **how: Any) -> tuple[alt.Chart, alt.Chart]:
    """Return the chart as text on a rim in the page's colour: no line behind strikes it through."""
    return chart.mark_text(stroke=PAGE, strokeWidth=4, **how), chart.mark_text(color=INK, **how)


def epochs(title: str, seen: Iterable[Sequence[float] | NDArray[np.float64]]) -> alt.X:
    """Return the axis of epochs for all curves that are seen, given the epochs of each.

    It begins at 0 only where something was measured before the end of epoch 1, and a single epoch
    stands in its middle. Marks are whole epochs, their labels apart in narrow views too.
    """
    first, last = zip(*((curve[0], curve[-1]) for curve in seen), strict=True)
    low, high = float(min(first)) if min(first) >= 1 else 0.0, float(max(last))
    if low == high:
        low, high = low - 0.5, high + 0.5
    marks = {"values": whole_numbers(low, high)} if high >= 1 else {"tickCount": MOST_EPOCHS}
    axis = alt.Axis(grid=False, format=PLAIN, labelSeparation=6, **marks)
    return alt.X("epoch:Q", title=title, axis=axis).scale(
        domain=[rounded(low), rounded(high)], nice=False
    )


def whole_numbers(low: float, high: float) -> list[int]:
    """Return the marks of an axis of epochs: every one, or every second, fifth, tenth …

    >>> whole_numbers(1, 2)
    [1, 2]
    >>> whole_numbers(0, 40)
    [0, 10, 20, 30, 40]
    """
    steps = (digit * 10**power for power in count() for digit in (1, 2, 5))
    step = next(step for step in steps if (high - low) / step <= MOST_EPOCHS)
    return list(range(math.ceil(low / step) * step, math.floor(high) + 1, step))


def rounded(value: float) -> float | None:
    """Return the value with five significant digits, None where it is not finite."""
    return float(f"{value:.5g}") if math.isfinite(value) else None


def round_numbers(low: float, high: float) -> list[float]:
    """Return the marks of a logarithmic axis: powers of ten, or more where they are few.

    >>> round_numbers(0.0009, 3)
    [0.001, 0.01, 0.1, 1.0]
    >>> round_numbers(0.15, 3)
    [0.2, 0.5, 1.0, 2.0]
    """
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for steps in ((1,), (1, 2, 5), (1, 1.5, 2, 3, 4, 5, 6, 7, 8, 9)):
        marks = [float(f"{step}e{power}") for power in powers for step in steps]
        seen = [mark for mark in marks if low <= mark <= high]
        if len(seen) >= 3:
            break
    return seen


def rows(values: Iterable[dict[str, Any]]) -> alt.InlineData:
    """Return rows as the data of a chart."""
    return alt.InlineData(values=list(values))
