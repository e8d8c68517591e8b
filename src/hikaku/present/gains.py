"""How gain is drawn against cost: a point per variant, its effect above what its training costs.

Eats `Gains`. Makes a Vega-Lite specification.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import altair as alt

from hikaku.analysis.finding import WORDS
from hikaku.analysis.numbers import effect_texts, plain
from hikaku.present.canvas import INK, PAGE, finished, labels, round_numbers, rounded, rows, written
from hikaku.present.outlines import width as text_width
from hikaku.present.pictures import Gain, Gains
from hikaku.present.point_names import Place, name_places
from hikaku.present.report import spoken
from hikaku.present.signs import signs
from hikaku.present.verdict_table import interval_text, ratio_text
from hikaku.study.metric_words import judged_words
from hikaku.words import message

WIDTH, HEIGHT = 640, 300
"""Of the view, in pixels, its axes left out."""

ROOM = 220
"""Pixels that a page keeps free beside the view, where it may get narrower than it is here."""

LETTER, LONGEST = 11, 260
"""Pixels: the height of a name, and where a longer one is cut."""

NARROWEST = 1.25
"""The axis of cost reaches at least this far to both sides of base's."""

DECIDED = ("helps", "hurts")

COSTS = {
    "seconds": message("training time, as a multiple of base's (logarithmic)"),
    "flops": message("FLOPs, as a multiple of base's (logarithmic)"),
}


@dataclass(frozen=True)
class View:
    """The costs and effects that are seen, and where they lie in pixels from the top left."""

    left: float
    right: float
    low: float
    high: float
    width: float
    height: float

    def place(self, gain: Gain) -> tuple[float, float]:
        """Return where this variant's point lies."""
        across = math.log(gain.ratio / self.left) / math.log(self.right / self.left)
        down = (self.high - gain.finding.effect) / (self.high - self.low)
        return across * self.width, down * self.height

    def value(self, place: Place) -> tuple[float, float]:
        """Return the cost and the effect that lie where a name is anchored."""
        cost = self.left * (self.right / self.left) ** (place.x / self.width)
        return cost, self.high - place.y / self.height * (self.high - self.low)


def gains(
    picture: Gains, language: str, size: tuple[float, float] = (WIDTH, HEIGHT), room: float = ROOM
) -> dict[str, Any]:
    """Draw each variant's effect with its interval against cost, beside a rule for base's cost.

    A thin line across is the range of the seeds' times, where cost is time.

    Names are placed for a view of this `size`, with so much `room` for the axis beside it; how many
    are left out, for the tooltip alone to tell, stands above the legend.
    """
    view = _view(picture, size)
    title = message("effect on {metric} (+ is better)", metric=judged_words(picture.metric))
    cost, shortest = (
        alt.X(field, title=spoken(COSTS[picture.unit], language))
        .scale(type="log", domain=[rounded(view.left), rounded(view.right)], nice=False)
        .axis(values=marks(view.left, view.right), format="~g", grid=False)
        for field in ("ratio:Q", "shortest:Q")
    )
    effect = alt.Y("effect:Q", title=spoken(title, language)).scale(
        domain=[rounded(view.low), rounded(view.high)], nice=False
    )
    base = alt.Chart(
        rows([{"ratio": 1, "effect": 0, "low": -picture.worth, "high": picture.worth}])
    )
    points = _rows(picture, view, language)
    whole = alt.Chart(rows(points)).encode(x=cost, tooltip=_tooltip(picture, language))
    unnamed = sum("anchor" not in point for point in points)
    heading = message("names left out for want of room: {n}", n=unnamed) if unnamed else None
    sign = signs((gain.finding.verdict for gain in picture.gains), language, heading)
    chart = alt.layer(
        base.mark_rect(color=INK, opacity=0.09).encode(y="low:Q", y2="high:Q"),
        base.mark_rule(color=INK, opacity=0.6).encode(y=effect),
        base.mark_rule(color=INK, opacity=0.6, strokeDash=[3, 3]).encode(x=cost),
        whole.mark_rule(strokeWidth=2, opacity=0.75).encode(
            y="low:Q", y2="high:Q", color=sign["color"]
        ),
        whole.mark_rule(strokeWidth=1, opacity=0.75).encode(
            x=shortest, x2="longest:Q", y=effect, color=sign["color"]
        ),
        whole.mark_point(size=150, filled=True, opacity=1, stroke=PAGE, strokeWidth=1).encode(
            y=effect, **sign
        ),
        *_names(points),
    )
    return finished(chart.properties(width=size[0], height=size[1]), int(size[0] + room))


def marks(left: float, right: float) -> list[float]:
    """Return the marks of the axis of cost: tenths where it is short.

    >>> marks(0.76, 1.25)
    [0.8, 0.9, 1.0, 1.1, 1.2]
    """
    if right > 4 * left:
        return round_numbers(left, right)
    return [tenth / 10 for tenth in range(1, 100) if left <= tenth / 10 <= right]


def _names(points: list[dict[str, Any]]) -> Iterator[alt.Chart]:
    """Yield the names, those of one anchor together."""
    for anchor in dict.fromkeys(point["anchor"] for point in points if "anchor" in point):
        found = alt.Chart(rows(one for one in points if one.get("anchor") == anchor))
        named = found.encode(x="across:Q", y="down:Q", text="variant:N")
        yield from written(named, align=anchor, limit=LONGEST)


def _view(picture: Gains, size: tuple[float, float]) -> View:
    """Return what is seen: base, ± worth, and every variant with its interval and its name."""
    reached = (end for gain in picture.gains for end in (gain.ratio, gain.low, gain.high))
    # A clock of 0 seconds has no place on a logarithmic axis.
    ratios = [end for end in reached if end > 0]
    found = [gain.finding for gain in picture.gains]
    ends = [end for one in found for end in (one.effect, one.ci_low, one.ci_high)]
    seen = [-picture.worth, picture.worth, *filter(math.isfinite, ends)]
    room = 0.06 * ((max(seen) - min(seen)) or 1)
    return View(
        min(1 / NARROWEST, *ratios) / 1.05,
        max(NARROWEST, *ratios) * 1.15,
        min(seen) - room,
        max(seen) + room,
        *size,
    )


def _rows(picture: Gains, view: View, language: str) -> list[dict[str, Any]]:
    names = labels((gain.finding.variant for gain in picture.gains), language)
    # Where not all find room, those are named that somebody looks for.
    order = sorted(range(len(names)), key=lambda n: picture.gains[n].finding.verdict not in DECIDED)
    shown = list(names.values())
    widths = [min(text_width(shown[n], LETTER), LONGEST) for n in order]
    at = [view.place(picture.gains[n]) for n in order]
    places = dict(zip(order, name_places(at, widths, (view.width, view.height)), strict=True))
    return [
        {**_row(gain, language), "variant": name, **_placed(view, places[n])}
        for n, (gain, name) in enumerate(zip(picture.gains, shown, strict=True))
    ]


def _placed(view: View, place: Place | None) -> dict[str, Any]:
    if place is None:
        return {}
    across, down = view.value(place)
    return {"across": rounded(across), "down": rounded(down), "anchor": place.anchor}


def _row(gain: Gain, language: str) -> dict[str, Any]:
    found = gain.finding
    effect, _, _ = effect_texts(found.effect, found.ci_low, found.ci_high)
    cost = ratio_text(gain.ratio, 2)
    if gain.low < gain.high:
        cost = f"{cost} ({plain(gain.low, 2)} – {plain(gain.high, 2)})"
    return {
        "ratio": rounded(gain.ratio),
        "shortest": rounded(gain.low) if gain.low > 0 else None,
        "longest": rounded(gain.high),
        "cost": cost,
        "effect": rounded(found.effect),
        "low": rounded(found.ci_low),
        "high": rounded(found.ci_high),
        "gain": f"{effect} {interval_text(found)}",
        "verdict": spoken(WORDS[found.verdict], language),
    }


def _tooltip(picture: Gains, language: str) -> list[alt.Tooltip]:
    words = {
        "variant:N": message("variant"),
        "gain:N": message("effect"),
        "cost:N": message("time") if picture.unit == "seconds" else message("FLOPs"),
        "verdict:N": message("verdict"),
    }
    return [alt.Tooltip(field, title=spoken(word, language)) for field, word in words.items()]
