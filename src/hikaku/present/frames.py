"""Which heights a picture of curves shows, and on which scale: alike on every page.

Eats the heights of curves. Makes a `Frame`, and the words of its axis.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hikaku.study.metric_words import Words, metric_words
from hikaku.words import message

FALLING = ("loss", "rmse", "mae")
"""Metrics on a logarithmic axis: they fall by factors, and what happens late happens near 0."""

FACTOR = 3
"""Unless they span this factor: there, a linear axis looks alike and has more round numbers."""

SKIPPED = 0.1
"""On a linear axis the view begins at the lowest height after this share of the training."""

ROOM = 0.04
"""The room above and below the curves, as a share of their span."""


@dataclass(frozen=True)
class Frame:
    """The heights that are seen, in the metric's unit; what reaches further is cut."""

    low: float
    high: float
    is_log: bool


def frame(metric: str, curves: Iterable[NDArray[np.float64]]) -> Frame:
    """Return the heights between the lowest and the highest point, with a little room beyond.

    Each curve has the shape (points,). What is not finite does not count; where nothing else is
    there, from 0 to 1 is seen.
    """
    found = list(curves)
    lowest, highest = _ends(found)
    if metric in FALLING and lowest > 0 and highest / lowest >= FACTOR:
        room = (highest / lowest) ** ROOM
        return Frame(lowest / room, highest * room, is_log=True)
    # On a linear axis the first climb would leave no space for what happens later.
    later = [curve[int(SKIPPED * len(curve)) :] for curve in found]
    if any(np.isfinite(curve).any() for curve in later):
        lowest, _ = _ends(later)
    room = ((highest - lowest) or abs(highest) or 1) * ROOM
    return Frame(lowest - room, highest + room, is_log=False)


def axis_words(metric: str, is_log: bool) -> Words:
    """Return what stands beside the axis of heights: the metric, and its scale if not linear."""
    named = metric_words(metric)
    return message("{metric} (logarithmic)", metric=named) if is_log else named


def _ends(curves: list[NDArray[np.float64]]) -> tuple[float, float]:
    """Return the lowest and the highest point of all curves."""
    known = [curve[np.isfinite(curve)] for curve in curves]
    heights = np.concatenate([*known, np.zeros(0)])
    return (float(heights.min()), float(heights.max())) if len(heights) else (0.0, 1.0)
