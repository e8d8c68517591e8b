"""The interval of an effect as a small bar in a table's cell, beside 0 and the margin ± worth.

Eats `Finding`s. Makes `Bar`s that share one view, and the SVG of each, which needs no script and
takes its colours from the page around it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from hikaku.analysis.finding import Finding
from hikaku.present.report import Bar
from hikaku.present.span import Ends, span
from hikaku.words import Message, message

WIDTH, HEIGHT = 180, 16
"""Pixels."""

ROOM = 0.04
"""The room beyond the outermost end, as a share of the span."""

REACH = 6
"""Pixels of a sign beside its middle."""

SIGNS = {
    "helps": ("M0,-5L5.5,4.5H-5.5Z", "var(--helps)"),
    "hurts": ("M0,5L5.5,-4.5H-5.5Z", "var(--hurts)"),
    "no-practical-difference": ("M-4,-4H4V4H-4Z", "var(--same)"),
    "undecided": ("M-4.5,0A4.5,4.5 0 1 0 4.5,0A4.5,4.5 0 1 0 -4.5,0Z", "currentColor"),
    "unstable": ("M0,-5.5L4.5,0L0,5.5L-4.5,0Z", "var(--unstable)"),
}
"""The outline and colour of each verdict's sign, around the effect."""


def bars(findings: Sequence[Finding]) -> tuple[Bar, ...]:
    """Return a bar for each finding, all over the same span: 0, the margins and every interval.

    One far beyond the others is cut at the rim.
    """
    worth = max((found.worth for found in findings), default=0.0)
    low, high = span([ends(found) for found in findings], worth)
    room = ROOM * (high - low) or 1.0
    return tuple(
        Bar(
            view=(low - room, high + room),
            outer=(found.ci_low, found.ci_high),
            inner=(found.equivalence_low, found.equivalence_high),
            middle=found.effect,
            margin=found.worth,
            tone=found.verdict,
            alt=_lies(found),
        )
        for found in findings
    )


def svg(bar: Bar, width: int = WIDTH) -> Markup:
    """Return the drawing: the margin shaded, a line for each interval, the sign of the verdict."""
    place = _Scale(*bar.view, width)
    shapes = "".join((*_ground(bar, place), *_lines(bar, place), *_sign(bar, place)))
    # Only numbers and words of this file are in it.
    return Markup(
        f'<svg class="bar" width="{width}" height="{HEIGHT}" viewBox="0 0 {width} {HEIGHT}" '
        f'aria-hidden="true" focusable="false">{shapes}</svg>'
    )


@dataclass(frozen=True)
class _Scale:
    low: float
    high: float
    width: int

    def __call__(self, value: float) -> float:
        seen = min(max(value, self.low), self.high)
        return round((seen - self.low) / (self.high - self.low) * self.width, 1)


def _ground(bar: Bar, x: _Scale) -> Iterator[str]:
    left, right = x(-bar.margin), x(bar.margin)
    yield (
        f'<path d="M{left},0H{right}V{HEIGHT}H{left}Z" fill="currentColor" fill-opacity=".1"/>'
        f'<path d="M{x(0)},0V{HEIGHT}" stroke="currentColor" stroke-opacity=".6"/>'
    )


def _lines(bar: Bar, x: _Scale) -> Iterator[str]:
    for (low, high), width in ((bar.outer, 1.5), (bar.inner, 4)):
        if math.isfinite(high - low):
            yield (
                f'<path d="M{x(low)},{HEIGHT / 2:g}H{x(high)}" stroke="currentColor" '
                f'stroke-width="{width:g}"/>'
            )


def _sign(bar: Bar, x: _Scale) -> Iterator[str]:
    if math.isfinite(bar.middle):
        outline, colour = SIGNS[bar.tone]
        at = min(max(x(bar.middle), REACH), x.width - REACH)
        yield (
            f'<path d="{outline}" transform="translate({at:g} {HEIGHT / 2:g})" '
            f'fill="{colour}" stroke="var(--page)"/>'
        )


def ends(found: Finding) -> Ends:
    """Return from where to where its effect and intervals reach; NaN where there are none."""
    inner = (found.equivalence_low, found.equivalence_high)
    known = [*filter(math.isfinite, (found.ci_low, found.ci_high, *inner, found.effect))]
    return min(known, default=math.nan), max(known, default=math.nan)


def _lies(found: Finding) -> Message:
    """Return where the interval lies, beside 0 and the margin."""
    if not found.ci_low <= found.ci_high:
        return message("no interval yet")
    if found.ci_low > found.worth:
        return message("beyond the margin, better")
    if found.ci_high < -found.worth:
        return message("beyond the margin, worse")
    if max(-found.equivalence_low, found.equivalence_high) <= found.worth:
        return message("within the margin")
    if found.ci_low > 0:
        return message("above 0")
    return message("below 0") if found.ci_high < 0 else message("on both sides of 0")
