"""How the charts are drawn: one function a picture, each makes a Vega-Lite specification.

Eats pictures. Makes specifications as dicts, in one language, checked by altair against the schema.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import altair as alt
from altair.utils.schemapi import debug_mode

from hikaku.analysis.curves import PairedValues
from hikaku.analysis.finding import WORDS, Finding
from hikaku.analysis.numbers import effect_texts
from hikaku.present.canvas import (
    BETTER,
    INK,
    PAGE,
    WORSE,
    finished,
    labels,
    rounded,
    rows,
)
from hikaku.present.compared import Differences, Gaps, Lots
from hikaku.present.confusion_changes import ConfusionChanges
from hikaku.present.densities import densities
from hikaku.present.design_charts import heat, sweep
from hikaku.present.designs import Heat, Sweep
from hikaku.present.difference_chart import differences
from hikaku.present.functions import Functions
from hikaku.present.gains import gains
from hikaku.present.gap_chart import gaps
from hikaku.present.grid import functions, mosaic, traces
from hikaku.present.histograms import layer_outputs
from hikaku.present.interval_bar import ends
from hikaku.present.learning_curves import curves
from hikaku.present.lessons import (
    Constraints,
    Densities,
    Grid,
    LayerOutputs,
    Rates,
    Trajectories,
)
from hikaku.present.lottery_chart import lots
from hikaku.present.marks import marks_about_zero
from hikaku.present.matrices import changes, confusions
from hikaku.present.number_grid import grid
from hikaku.present.pictures import (
    Confusions,
    Curves,
    Forest,
    Gains,
    Pairs,
    Picture,
    Stops,
)
from hikaku.present.plane import constraints, trajectories
from hikaku.present.rates import rates
from hikaku.present.report import spoken
from hikaku.present.samples import Mosaic, Traces
from hikaku.present.signs import signs
from hikaku.present.span import Ends, leaving, span
from hikaku.present.stops import stops
from hikaku.present.verdict_table import interval_text
from hikaku.study.metric_words import judged_words
from hikaku.study.study import BASE
from hikaku.words import message, wrapped

GAIN, LOSS, TIE = message("better"), message("worse"), message("the same")
CHANGES = {GAIN: (BETTER, [1, 0]), LOSS: (WORSE, [5, 3]), TIE: (INK, [1, 2])}
"""The colour and dash of what happened at one seed between base and a variant."""

PAIR = 108
"""Pixels: the width of the view of a pair."""
LETTERS = 16
"""So many stand side by side above it."""


def draw(picture: Picture, language: str, **how: Any) -> dict[str, Any]:
    """Return the specification of any picture; `how` is what its own function knows."""
    # Each part of a chart would be checked as it is made, which takes as long as drawing does; the
    # whole is checked once, when it is finished.
    with debug_mode(False):
        return DRAWN[type(picture)](picture, language, **how)


def forest(picture: Forest, language: str) -> dict[str, Any]:
    """Draw a row per variant: a thin line for its interval, a thick one for that of equivalence."""
    names = labels((finding.variant for finding in picture.findings), language)
    title = spoken(
        message("effect on {metric} (+ is better)", metric=judged_words(picture.metric)), language
    )
    low, high = span([ends(found) for found in picture.findings], picture.worth)
    # A little beyond the outermost signs.
    room = 0.02 * (high - low)
    x = (
        alt.X("low:Q", title=title)
        .scale(domain=[rounded(low - room), rounded(high + room)], nice=False, clamp=True)
        .axis(**marks_about_zero(low, high))
    )
    margin = alt.Chart(rows([{"low": -picture.worth, "high": picture.worth, "zero": 0}]))
    whole = alt.Chart(rows(_effect(found, names, language) for found in picture.findings)).encode(
        y=alt.Y("variant:N", sort=list(names.values()), title=None).axis(labelLimit=200),
        tooltip=[
            alt.Tooltip("effect:N", title=spoken(message("effect"), language)),
            alt.Tooltip("interval:N", title=spoken(message("interval"), language)),
            alt.Tooltip("verdict:N", title=spoken(message("verdict"), language)),
        ],
    )
    # The ends of nothing have no extent, of which the browser complains.
    is_known = any(math.isfinite(found.ci_high - found.ci_low) for found in picture.findings)
    intervals = (
        whole.mark_rule(color=INK, strokeWidth=1.5).encode(x="low:Q", x2="high:Q"),
        whole.mark_rule(color=INK, strokeWidth=4).encode(x="inner_low:Q", x2="inner_high:Q"),
    )
    chart = alt.layer(
        margin.mark_rect(color=INK, opacity=0.09).encode(x=x, x2="high:Q"),
        margin.mark_rule(color=INK, opacity=0.6).encode(x="zero:Q"),
        *(intervals if is_known else ()),
        whole.mark_point(size=150, filled=True, opacity=1, stroke=PAGE, strokeWidth=1).encode(
            x="mean:Q", **signs((found.verdict for found in picture.findings), language)
        ),
    )
    return finished(chart.properties(width=660, height=alt.Step(34)), 860)


def _effect(finding: Finding, names: dict[str, str], language: str) -> dict[str, Any]:
    effect, _, _ = effect_texts(finding.effect, finding.ci_low, finding.ci_high)
    return {
        "variant": names[finding.variant],
        "mean": rounded(finding.effect),
        "low": rounded(finding.ci_low),
        "high": rounded(finding.ci_high),
        "inner_low": rounded(finding.equivalence_low),
        "inner_high": rounded(finding.equivalence_high),
        "effect": effect,
        "interval": interval_text(finding),
        "verdict": spoken(WORDS[finding.verdict], language),
    }


def pairs(picture: Pairs, language: str) -> dict[str, Any]:
    """Draw a view per variant: a line per seed from base to the variant, dashed where worse."""
    names = labels(picture.titles, language)
    other = BASE if picture.with_base else message("against")
    sides = (spoken(other, language), spoken(message("variant"), language))
    data = [
        {"variant": names[title], **row}
        for pair, title in zip(picture.pairs, picture.titles, strict=True)
        for row in _seeds(pair, picture, sides, language)
    ]
    met = {row["change"] for row in data}
    styles = {spoken(word, language): style for word, style in CHANGES.items()}
    words = [word for word in styles if word in met]
    colours, dashes = zip(*(styles[word] for word in words), strict=True)
    legend = alt.Legend(title=None, symbolType="stroke", symbolSize=300)
    change = alt.Chart(rows(data)).encode(
        x=alt.X("side:N", sort=sides, title=None).axis(labelAngle=0),
        y=alt.Y("value:Q", title=spoken(judged_words(picture.metric), language)).scale(zero=False),
        detail="seed:N",
        color=alt.Color("change:N", legend=legend).scale(domain=words, range=colours),
        strokeDash=alt.StrokeDash("change:N", legend=legend).scale(domain=words, range=dashes),
        tooltip=[
            alt.Tooltip("seed:N", title=spoken(message("seed"), language)),
            alt.Tooltip("value:Q", title=spoken(judged_words(picture.metric), language)),
        ],
    )
    layers = alt.layer(change.mark_line(strokeWidth=1.5), change.mark_circle(size=45, opacity=1))
    chart = layers.properties(width=PAIR, height=190).facet(
        alt.Facet("variant:N", sort=list(names.values()), title=None).header(
            labelExpr=_in_lines(names.values()), labelLimit=PAIR + 20
        ),
        columns=6,
    )
    # An axis each: shared ones would be drawn below the empty cells of the last row too.
    chart = chart.resolve_axis(x="independent")
    if any(leaving([_moved(pair) for pair in picture.pairs], _apart(picture.pairs))):
        chart = chart.resolve_scale(y="independent")
    return finished(chart, PAIR + 40)


def _moved(pair: PairedValues) -> Ends:
    """Return the ends of the differences of a pair."""
    apart = [one - other for one, other in zip(pair.values, pair.base_values, strict=True)]
    known = [*filter(math.isfinite, apart)]
    return min(known, default=math.nan), max(known, default=math.nan)


def _apart(pairs: Iterable[PairedValues]) -> float:
    """Return how far the figures of what is compared with lie apart."""
    known = [value for pair in pairs for value in pair.base_values if math.isfinite(value)]
    return max(known) - min(known)


def _in_lines(names: Iterable[str]) -> str:
    """Return the expression that writes each of these names in lines that a view has room for."""
    return f"{json.dumps({name: wrapped(name, LETTERS) for name in names})}[datum.value]"


def _seeds(
    pair: PairedValues, picture: Pairs, sides: tuple[str, str], language: str
) -> Iterator[dict[str, Any]]:
    upwards = 1 if picture.metric.better == "higher" else -1
    for seed, value, base in zip(pair.seeds, pair.values, pair.base_values, strict=True):
        if not math.isfinite(value - base):
            continue
        gain = upwards * (value - base)
        word = GAIN if gain > 0 else LOSS if gain < 0 else TIE
        row = {"seed": seed, "change": spoken(word, language)}
        for side, figure in zip(sides, (base, value), strict=True):
            yield {**row, "side": side, "value": rounded(figure)}


DRAWN: dict[type[Any], Callable[..., dict[str, Any]]] = {
    Forest: forest,
    Stops: stops,
    Gains: gains,
    Heat: heat,
    Sweep: sweep,
    Curves: curves,
    Differences: differences,
    Lots: lots,
    Gaps: gaps,
    Pairs: pairs,
    Confusions: confusions,
    ConfusionChanges: changes,
    Mosaic: mosaic,
    Traces: traces,
    Functions: functions,
    Densities: densities,
    LayerOutputs: layer_outputs,
    Rates: rates,
    Constraints: constraints,
    Trajectories: trajectories,
    Grid: grid,
}
"""What draws each kind of picture."""
