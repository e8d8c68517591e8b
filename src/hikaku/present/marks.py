"""The marks of an axis on which 0 matters: 0 among them at every width, labels side by side.

Eats the ends of what is seen. Makes what Vega-Lite takes as the values of an axis.
"""

from __future__ import annotations

import json
import math
from itertools import pairwise
from typing import Any

import altair as alt

from hikaku.analysis.numbers import plain

LETTER, APART = 7, 12
"""Pixels: about the width of a letter of a label, and the room between two labels."""

WIDTHS = (0, 120, 180, 240, 320, 420, 540)
"""From each of these widths of a view on, in pixels, there may be more marks."""


def marks_about_zero(low: float, high: float) -> dict[str, Any]:
    """Return the values and the format of an axis from `low` to `high`, which holds 0."""
    steps = {width: _step(low, high, max(width, 80)) for width in WIDTHS}
    values = {width: _marks(low, high, step) for width, step in steps.items()}
    said = json.dumps(values[0])
    for width in WIDTHS[1:]:
        said = f"width > {width} ? {json.dumps(values[width])} : {said}"
    return {
        "values": alt.ExprRef(said),
        "format": f",.{_decimals(min(steps.values()))}~f",
        "labelOverlap": False,
    }


def _step(low: float, high: float, width: float) -> float:
    """Return the finest of 1, 2, 5, 10 … whose labels fit beside one another in this width.

    Beside 0 at least one mark is seen, wherever it fits.
    """
    power = math.floor(math.log10(high - low)) - 2
    steps = [float(f"{digit}e{power + n}") for n in range(4) for digit in (1, 2, 5)]
    for step, coarser in pairwise(steps):
        count = len(_marks(low, high, step))
        letters = max(len(plain(end, _decimals(step))) for end in (low, high))
        room = width * step / (high - low)
        if room >= LETTER * letters + APART or len(_marks(low, high, coarser)) < 2 <= count:
            return step
    return steps[-1]


def _marks(low: float, high: float, step: float) -> list[float]:
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(n * step, _decimals(step)) + 0.0 for n in range(first, last + 1)]


def _decimals(step: float) -> int:
    return max(0, -math.floor(math.log10(step) + 1e-9))
