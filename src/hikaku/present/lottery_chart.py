"""How the one-seed lottery is drawn: a dot for each of 40 equally likely pairs of single runs.

Eats `Lots`. Makes a Vega-Lite specification, a view per variant.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import altair as alt

from hikaku.analysis.finding import Finding
from hikaku.analysis.numbers import percent
from hikaku.present.canvas import INK, SAME, VARIANT, WORSE, finished, labels, rounded, rows
from hikaku.present.compared import Lot, Lots
from hikaku.present.report import spoken
from hikaku.present.span import Ends, leaving, span
from hikaku.words import Message, message

WIDTH, HEIGHT = 240, 104
"""Of one view, in pixels, its axis left out: as wide as what is said above it is long."""

BINS = 26
"""So many dots find room side by side; those that would lie on one another are stacked."""

AGREES, AGAINST = message("agrees with all seeds"), message("against all seeds")
NEITHER = message("shows no difference")
MARKS = {
    0.0: (AGREES, VARIANT, "circle"),
    1.0: (AGAINST, WORSE, "diamond"),
    0.5: (NEITHER, SAME, "square"),
}
"""What a pair says by how much it misleads, its colour and its shape."""


def lots(picture: Lots, language: str) -> dict[str, Any]:
    """Draw a view per variant: what single runs would have shown, apart where all say otherwise."""
    spans = _spans(picture)
    names = labels((lot.finding.variant for lot in picture.lots), language)
    stacked = [
        list(_dots(lot, low, (high - low) / BINS, language))
        for lot, (low, high) in zip(picture.lots, spans, strict=True)
    ]
    highest = max(dot["height"] for dots in stacked for dot in dots) + 1
    met = {float(misleads) for lot in picture.lots for misleads in lot.misleads}
    # A sign that no view shows would stand in the legend for nothing.
    marks = tuple(mark for share, mark in MARKS.items() if share != 0.5 or share in met)
    views = [
        _view(lot, dots, seen, highest, marks, names[lot.finding.variant], language)
        for lot, dots, seen in zip(picture.lots, stacked, spans, strict=True)
    ]
    chart = alt.concat(*views, columns=3).resolve_scale(color="shared", shape="shared")
    return finished(chart, WIDTH + 60)


def _spans(picture: Lots) -> list[Ends]:
    """Return the ends of each view: the same for all, but for those far beyond the others."""
    seen = [(float(lot.seen[0]), float(lot.seen[-1])) for lot in picture.lots]
    worth = max(lot.finding.worth for lot in picture.lots)
    shared = span(seen, worth)
    found = (
        span([own], worth) if far else shared
        for own, far in zip(seen, leaving(seen, worth), strict=True)
    )
    return [_with_room(*ends) for ends in found]


def _with_room(low: float, high: float) -> Ends:
    room = ((high - low) or 1) / BINS
    return low - room, high + room


def _dots(lot: Lot, low: float, width: float, language: str) -> Iterator[dict[str, Any]]:
    taken: Counter[int] = Counter()
    for value, misleads in zip(lot.seen.tolist(), lot.misleads.tolist(), strict=True):
        place = int((value - low) // width)
        yield {
            "seen": rounded(low + (place + 0.5) * width),
            "height": taken[place],
            "says": spoken(MARKS[misleads][0], language),
            "effect": f"{value:+.3g}",
        }
        taken[place] += 1


def _view(
    lot: Lot,
    dots: list[dict[str, Any]],
    span: tuple[float, float],
    highest: int,
    marks: Sequence[tuple[Message, str, str]],
    name: str,
    language: str,
) -> Any:
    across = alt.Scale(domain=[rounded(end) for end in span], nice=False, zero=False)
    title = spoken(message("seen by one run of each"), language)
    x = alt.X("seen:Q", title=title, scale=across, axis=alt.Axis(tickCount=4, grid=False))
    y = alt.Y("height:Q", axis=None, scale=alt.Scale(domain=[-0.5, max(highest, 8)], nice=False))
    words = [spoken(one, language) for one, _, _ in marks]
    hues, shapes = [hue for _, hue, _ in marks], [shape for _, _, shape in marks]
    key = alt.Legend(title=None, symbolOpacity=1, symbolSize=70)
    side = min(WIDTH / BINS, HEIGHT / max(highest, 8))
    worth = lot.finding.worth
    edges = alt.Chart(rows({"seen": edge} for edge in (-worth, worth)))
    return alt.layer(
        edges.mark_rule(color=INK, opacity=0.55, strokeDash=[3, 3]).encode(x=x),
        alt.Chart(rows([{"seen": 0}])).mark_rule(color=INK, opacity=0.7).encode(x=x),
        alt.Chart(rows(dots))
        .mark_point(filled=True, opacity=1, size=0.8 * side**2)
        .encode(
            x=x,
            y=y,
            color=alt.Color("says:N", legend=key).scale(domain=words, range=hues),
            shape=alt.Shape("says:N", legend=key).scale(domain=words, range=shapes),
            tooltip=[
                alt.Tooltip("effect:N", title=title),
                alt.Tooltip("says:N", title=spoken(message("it is"), language)),
            ],
        ),
    ).properties(width=WIDTH, height=HEIGHT, title=_title(lot, name, language))


def _title(lot: Lot, name: str, language: str) -> alt.Title:
    return alt.Title(
        name,
        subtitle=spoken(_said(lot.finding), language),
        subtitleColor=INK,
        subtitleFontSize=12,
        offset=6,
        limit=WIDTH + 20,
        frame="group",
    )


def _said(finding: Finding) -> Message:
    """Return how many single runs mislead, or point elsewhere where nobody knows what is true."""
    share = percent(finding.lottery.unpaired)
    decided = ("helps", "hurts", "no-practical-difference")
    if finding.verdict in decided and finding.by == "differences":
        return message("{share} % of single runs mislead", share=share)
    return message("{share} % of single runs go against the mean", share=share)
