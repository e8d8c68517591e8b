"""How it is drawn why seeds ended: the interval after each seed, up to the one that decided.

Eats `Stops`. Makes a Vega-Lite specification, a view per variant.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import altair as alt

from hikaku.analysis.finding import WORDS, Finding
from hikaku.analysis.numbers import effect_texts
from hikaku.analysis.sequence import mean_of
from hikaku.present.canvas import INK, PAGE, PLAIN, finished, labels, rounded, rows, written
from hikaku.present.pictures import Stops
from hikaku.present.report import spoken
from hikaku.present.signs import SIGNS
from hikaku.words import Message, message

WIDTH, HEIGHT = 212, 160
"""Of one view, in pixels, its axes left out."""

ROOM = 0.06
"""The room above and below what is seen, as a share of its span."""

TOLD = 0.3
"""The seeds that were not needed are counted in the view where they are this share of the axis."""

LINE = 0.055
"""So high above the lower edge stands a line of text, as a share of what is seen."""

MOST_TICKS = 6


@dataclass(frozen=True)
class Frame:
    """What a view shows: seeds from 1 to `most`, heights from `low` to `high`; the rest is cut."""

    most: int
    low: float
    high: float
    seeds: str

    @property
    def span(self) -> float:
        """How much is seen from bottom to top."""
        return self.high - self.low

    def x(self, field: str) -> alt.X:
        """Return the axis of seeds, which goes on to where seeds would have ended."""
        scale = alt.Scale(domain=[0.5, self.most + 0.5], nice=False, zero=False)
        axis = alt.Axis(grid=False, values=ticks(self.most), format="d")
        return alt.X(f"{field}:Q", title=self.seeds, scale=scale, axis=axis)

    def y(self, field: str) -> alt.Y:
        """Return the axis of effects."""
        domain = [rounded(self.low), rounded(self.high)]
        scale = alt.Scale(domain=domain, nice=False, zero=False)
        # A label that reached beyond the view would lift its title above those of the same row.
        axis = alt.Axis(tickCount=5, format=PLAIN, labelBound=0.1)
        return alt.Y(f"{field}:Q", title=None, scale=scale, axis=axis)

    def cut(self, value: float) -> float | None:
        """Return the height at which `value` is drawn."""
        return rounded(min(max(value, self.low), self.high))


def stops(picture: Stops, language: str) -> dict[str, Any]:
    """Draw a view per variant: intervals, mean and single seeds against the number of seeds."""
    names = labels((finding.variant for finding in picture.findings), language)
    views = [_view(found, names[found.variant], language) for found in picture.findings]
    chart = alt.concat(*views, columns=3).resolve_scale(x="independent", y="independent")
    return finished(chart, WIDTH + 60)


def decision(finding: Finding) -> Message:
    """Return in few words where seeds ended, and with what."""
    judged, most = len(finding.planned), finding.rule.most
    if finding.verdict == "undecided":
        return message("undecided at {n} of {most}", n=judged, most=most)
    verdict = WORDS[finding.verdict]
    return message("decided at {n}: {verdict}", n=judged, verdict=verdict)


def frame(finding: Finding, seeds: str = "") -> Frame:
    """Return what is seen: 0, ± worth, the single seeds and the last interval, all that decided.

    The first intervals, of five seeds, can be many times as wide.
    """
    last = finding.looks[-1]
    seen = [
        *(0.0, -finding.worth, finding.worth),
        *finding.differences,
        *(end for end in (last.interval.low, last.interval.high) if math.isfinite(end)),
    ]
    room = ((max(seen) - min(seen)) or 1) * ROOM
    return Frame(finding.rule.most, min(seen) - room, max(seen) + room, seeds)


def ticks(most: int) -> list[int]:
    """Return round numbers of seeds, and the last one.

    >>> ticks(20), ticks(7), ticks(64)
    ([5, 10, 15, 20], [2, 4, 7], [20, 40, 64])
    """
    sizes = (step * 10**power for power in range(9) for step in (1, 2, 5))
    step = next(size for size in sizes if most / size <= MOST_TICKS)
    return [*range(step, math.ceil(most - step / 2), step), most]


def _view(finding: Finding, name: str, language: str) -> Any:
    seen = frame(finding, spoken(message("seeds"), language))
    said = alt.Title(
        name,
        subtitle=spoken(decision(finding), language),
        subtitleColor=INK,
        subtitleFontSize=12,
        offset=6,
        frame="group",
    )
    layers = alt.layer(*_intervals(finding, seen), *_course(finding, seen, language))
    return layers.properties(width=WIDTH, height=HEIGHT, title=said)


def _intervals(finding: Finding, seen: Frame) -> Iterator[alt.Chart]:
    """Yield both intervals as steps, one a seed, and what they are compared with."""
    looks = alt.Chart(rows(_looks(finding, seen))).mark_rect(color=SIGNS[finding.verdict][1])
    for low, high in (("low", "high"), ("inner_low", "inner_high")):
        yield looks.encode(
            x=seen.x("from"), x2="to:Q", y=seen.y(low), y2=f"{high}:Q", opacity=alt.value(0.19)
        )
    worth = rows({"y": edge} for edge in (-finding.worth, finding.worth))
    edges = alt.Chart(worth).mark_rule(color=INK, opacity=0.55, strokeDash=[3, 3])
    yield edges.encode(y=seen.y("y"))
    yield alt.Chart(rows([{"y": 0}])).mark_rule(color=INK, opacity=0.7).encode(y=seen.y("y"))


def _course(finding: Finding, seen: Frame, language: str) -> Iterator[alt.Chart]:
    """Yield the single seeds, their mean with the sign of the verdict, and what was spared."""
    shape, colour = SIGNS[finding.verdict]
    single = list(_singles(finding))
    seeds = alt.Chart(rows(single)).encode(x=seen.x("n"))
    yield seeds.mark_circle(size=18, color=INK, opacity=0.45).encode(y=seen.y("difference"))
    yield seeds.mark_line(color=INK, strokeWidth=1.4).encode(y=seen.y("mean"))
    yield (
        alt.Chart(rows(single[-1:]))
        .mark_point(
            shape=shape, color=colour, size=130, filled=True, opacity=1, stroke=PAGE, strokeWidth=1
        )
        .encode(x=seen.x("n"), y=seen.y("mean"))
    )
    yield from _spared(finding, seen, language)
    whole = alt.Chart(rows(_looks(finding, seen))).mark_rect(opacity=0)
    yield whole.encode(x=seen.x("from"), x2="to:Q", tooltip=_tooltip(language))


def _spared(finding: Finding, seen: Frame, language: str) -> Iterator[alt.Chart]:
    """Yield how many seeds were not needed, where there is room for it."""
    spared = finding.rule.most - len(finding.planned)
    if finding.verdict == "undecided" or spared < TOLD * finding.rule.most:
        return
    said = spoken(message("{n} not needed", n=spared), language)
    place = {"n": finding.rule.most + 0.5 - spared / 2, "y": rounded(seen.low + LINE * seen.span)}
    middle = alt.Chart(rows([place])).encode(x=seen.x("n"), y=seen.y("y"))
    yield from written(middle, text=said, fontSize=11)


def _singles(finding: Finding) -> Iterator[dict[str, Any]]:
    pairs = zip(_places(finding), finding.differences, strict=True)
    for count, (place, difference) in enumerate(pairs, start=1):
        mean = mean_of(finding.differences[:count])
        yield {"n": place, "difference": rounded(difference), "mean": rounded(mean)}


def _places(finding: Finding) -> list[int]:
    """Return for each pair how many seeds had been judged with it; one without a pair counts."""
    return [finding.planned.index(seed) + 1 for seed in finding.seeds]


def _looks(finding: Finding, seen: Frame) -> Iterator[dict[str, Any]]:
    places = _places(finding)
    for look in finding.looks:
        place = places[look.n - 1]
        mean, low, high = effect_texts(look.mean, look.interval.low, look.interval.high)
        yield {
            "n": place,
            "from": place - 0.5,
            "to": place + 0.5,
            "low": seen.cut(look.interval.low),
            "high": seen.cut(look.interval.high),
            "inner_low": seen.cut(look.narrow.low),
            "inner_high": seen.cut(look.narrow.high),
            "effect": mean,
            "interval": f"[{low}, {high}]",
        }


def _tooltip(language: str) -> list[alt.Tooltip]:
    words = {
        "n:Q": message("seeds"), "effect:N": message("effect"), "interval:N": message("interval")
    }  # fmt: skip  # three short pairs
    return [alt.Tooltip(field, title=spoken(word, language)) for field, word in words.items()]
