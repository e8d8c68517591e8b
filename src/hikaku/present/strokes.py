"""Plain lines for pages that change while one looks: where strokes go, as SVG's own attributes.

Eats pictures. Makes positions; a template writes them down, and the style sheet says
how they look. Vega draws better and slower: a page that is drawn again each second has only these.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from hikaku.analysis.numbers import plain
from hikaku.analysis.thin import thin
from hikaku.present import designs
from hikaku.present.frames import Frame, axis_words, frame
from hikaku.present.pictures import MOST_POINTS, Curves, Line
from hikaku.present.report import Words

WIDTH, HEIGHT = 320, 190
"""Of one view of curves; it is stretched to the width that there is."""
LEFT, RIGHT, TOP, BOTTOM = 44, 8, 22, 22
"""The rims: above stands what the axis of heights shows."""
PLOT = (LEFT - 4, TOP - 4, WIDTH - LEFT - RIGHT + 10, HEIGHT - TOP - BOTTOM + 6)
"""Where curves are seen, x, y, width and height: within the rims, and half of a dot beyond."""
MOST_VIEWS = 24
"""So many views are drawn while one looks; the report has them all."""

Points = Sequence[tuple[float, float]]
"""(epoch or update, height) of a curve."""


@dataclass(frozen=True)
class Stroke:
    """A curve as a path; `kind` is "base" or "variant".

    `how` is "mean", "few" (a mean where some of its seeds have stopped), "band" or "live"; of a
    single point, "mean point" and so on.
    """

    path: str
    kind: str
    how: str
    split: str = "validation"


@dataclass(frozen=True)
class Mark:
    """A number beside an axis, at a position in pixels."""

    at: float
    text: str


@dataclass(frozen=True)
class View:
    """The curves of a variant beside those of what it is compared with, heights by `axis`."""

    title: str
    axis: Words
    strokes: tuple[Stroke, ...]
    across: tuple[Mark, ...]
    upwards: tuple[Mark, ...]


@dataclass(frozen=True)
class Window:
    """What is seen: from 0 to `last` across, the heights of a `Frame` upwards."""

    last: float
    heights: Frame

    def x(self, value: float) -> float:
        """Return where this epoch lies, in pixels."""
        return LEFT + (WIDTH - LEFT - RIGHT) * value / self.last

    def y(self, value: float) -> float:
        """Return where this height lies, in pixels; what is far outside, a view beyond the rim."""
        low, high = self.heights.low, self.heights.high
        if self.heights.is_log:
            low, high = math.log(low), math.log(high)
            value = math.log(value) if value > 0 else -math.inf
        share = min(max((value - low) / (high - low), -1.0), 2.0)
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share


def views(picture: Curves, live: Mapping[str, Sequence[Points]]) -> tuple[View, ...]:
    """Return a view per variant with its own curves and those of what it is compared with.

    There are `MOST_VIEWS` at most.

    `live` gives, by arm, the curves of trials on their way, by epoch, on validation.
    """
    window = _window(picture, live)
    across, upwards = _across(window), _upwards(window)
    drawn = {line.arm for line in picture.lines} | live.keys()
    # Before the first trial of a variant, what they are compared with is shown by itself.
    seen = [view for view in picture.layout.views if view.arm in drawn] or [
        designs.View(arm, arm, arm)
        for arm in dict.fromkeys(view.against for view in picture.layout.views)
        if arm in drawn
    ]
    axis = axis_words(picture.metric, window.heights.is_log)
    found = (
        View(
            str(view.title),
            axis,
            tuple(
                stroke
                for arm, lines in picture.sides(view).items()
                for kind in ("base" if arm == view.against else "variant",)
                for stroke in _strokes(lines, live.get(arm, ()), kind, window)
            ),
            across,
            upwards,
        )
        for view in seen
    )
    return tuple(islice(found, MOST_VIEWS))


def _strokes(
    lines: Iterable[Line], live: Iterable[Points], kind: str, window: Window
) -> Iterator[Stroke]:
    for line in sorted(lines, key=lambda one: one.split == "validation"):
        points = list(zip(line.epochs.tolist(), line.mean.tolist(), strict=True))
        if line.split == "validation":
            yield from _band(line, kind, window)
        yield from _stroke(points[: line.whole + 1], kind, "mean", window, line.split)
        if line.whole < len(points) - 1:
            yield from _stroke(points[line.whole :], kind, "few", window, line.split)
    for way in live:
        yield from _stroke(way, kind, "live", window)


def _stroke(
    points: Points, kind: str, how: str, window: Window, split: str = "validation"
) -> Iterator[Stroke]:
    kept = thin(np.array([height for _, height in points]), MOST_POINTS)
    found = [
        f"{window.x(points[n][0]):.1f} {window.y(points[n][1]):.1f}"
        for n in kept
        if math.isfinite(points[n][1])
    ]
    if len(found) == 1:
        # A line to where it is already: its round ends make a dot.
        yield Stroke(f"M{found[0]}h0", kind, f"{how} point", split)
    elif found:
        yield Stroke("M" + "L".join(found), kind, how, split)


def _band(line: Line, kind: str, window: Window) -> Iterator[Stroke]:
    # A band that is wider than the view tells nothing, and hides the curves.
    most = window.heights.high - window.heights.low
    known = [n for n in range(len(line.epochs)) if line.high[n] - line.low[n] <= most]
    x, y = window.x, window.y
    there = [f"{x(line.epochs[n]):.1f} {y(line.high[n]):.1f}" for n in known]
    back = [f"{x(line.epochs[n]):.1f} {y(line.low[n]):.1f}" for n in reversed(known)]
    if known:
        how = "band point" if len(known) == 1 else "band"
        yield Stroke(f"M{'L'.join(there + back)}Z", kind, how)


def _window(picture: Curves, live: Mapping[str, Sequence[Points]]) -> Window:
    """Return what holds every mean and every trial on its way."""
    curves: list[Points] = [
        list(zip(line.epochs.tolist(), line.mean.tolist(), strict=True)) for line in picture.lines
    ]
    curves += [points for found in live.values() for points in found]
    last = max((points[-1][0] for points in curves if points), default=1.0) or 1.0
    heights = [np.array([height for _, height in points], dtype=float) for points in curves]
    return Window(last, frame(picture.metric, heights))


def _across(window: Window) -> tuple[Mark, ...]:
    return tuple(Mark(window.x(at), f"{at:g}") for at in round_steps(0, window.last, 4))


def _upwards(window: Window) -> tuple[Mark, ...]:
    low, high = window.heights.low, window.heights.high
    if window.heights.is_log:
        least, most = math.log10(low), math.log10(high)
        marks = [10.0**power for power in range(math.ceil(least), math.floor(most) + 1)]
        if len(marks) > 1:
            return tuple(Mark(window.y(at), f"{at:g}") for at in marks)
    marks = round_steps(low, high, 5)
    return tuple(Mark(window.y(at), _said(at, marks)) for at in marks)


def _said(value: float, marks: Sequence[float]) -> str:
    step = abs(marks[1] - marks[0]) if len(marks) > 1 else abs(value) or 1.0
    return plain(value, max(0, -math.floor(math.log10(step) + 1e-9)))


def round_steps(low: float, high: float, about: int) -> list[float]:
    """Return round numbers between two ends, about so many, 1, 2 or 5 times a power of ten apart.

    >>> round_steps(0, 60, 4)
    [0.0, 20.0, 40.0, 60.0]
    >>> round_steps(0.91, 0.99, 4)
    [0.92, 0.94, 0.96, 0.98]
    """
    span = (high - low) or 1.0
    power = 10.0 ** math.floor(math.log10(span / about))
    step = next(n * power for n in (1, 2, 5, 10) if span / (n * power) <= about + 0.5)
    first = math.ceil(low / step - 1e-9)
    count = math.floor((high - first * step) / step + 1e-9) + 1
    return [float(f"{(first + n) * step:.10g}") for n in range(max(0, count))]
