"""A curve in a few letters, for places where no picture can be."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

HEIGHTS = "▁▂▃▄▅▆▇█"


def sparkline(points: Iterable[tuple[float, float]], width: int, low: float, high: float) -> str:
    """Return a curve as `width` letters, from `low` (▁) to `high` (█); it ends where it ends.

    `points` are (share of the whole way, value) in order, shares over 0 and up to 1. Each letter is
    the mean of the values that fall into its part; one without any goes on as the one before.

    >>> sparkline([(0.25, 0.0), (0.5, 0.5), (1.0, 1.0)], 4, 0.0, 1.0)
    '▁▅▅█'
    """
    parts: list[list[float]] = [[] for _ in range(width)]
    for share, value in points:
        if parts and math.isfinite(value):
            parts[min(max(math.ceil(share * width) - 1, 0), width - 1)].append(value)
    return "".join(_letters(parts, low, high)).ljust(width)


def _letters(parts: Sequence[Sequence[float]], low: float, high: float) -> Iterable[str]:
    last = max((place for place, part in enumerate(parts) if part), default=-1)
    letter = next((_letter(part, low, high) for part in parts if part), "")
    for part in parts[: last + 1]:
        letter = _letter(part, low, high) if part else letter
        yield letter


def _letter(values: Sequence[float], low: float, high: float) -> str:
    share = (sum(values) / len(values) - low) / (high - low) if high > low else 0.5
    return HEIGHTS[round(min(max(share, 0.0), 1.0) * (len(HEIGHTS) - 1))]
