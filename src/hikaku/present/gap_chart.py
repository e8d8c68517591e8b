"""How train is drawn beside validation: a row per arm, its two ends joined by the gap.

Eats `Gaps`. Makes a Vega-Lite specification, a view per metric.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import altair as alt

from hikaku.analysis.apart import Gap
from hikaku.analysis.numbers import NOTHING, effect_texts, seeds_text
from hikaku.present.canvas import (
    INK,
    PAGE,
    PLAIN,
    VARIANT,
    finished,
    labels,
    rounded,
    rows,
    written,
)
from hikaku.present.compared import Gaps
from hikaku.present.report import spoken
from hikaku.study.metric_words import SPLIT_WORDS, metric_words
from hikaku.words import message

WIDTH, ROW = 240, 30
"""Of one view and of one arm, in pixels."""

ASIDE = 0.3
"""The text of a gap has its middle at least so far from both sides, as a share of the view."""


def gaps(picture: Gaps, language: str) -> dict[str, Any]:
    """Draw for each metric and arm both ends and, above the line between them, the gap."""
    views = [_view(metric, arms, language) for metric, arms in picture.metrics]
    chart = alt.concat(*views, columns=2).resolve_scale(x="independent", fill="shared")
    return finished(chart, WIDTH + 150)


def _view(metric: str, arms: tuple[Gap, ...], language: str) -> Any:
    names = labels((one.arm for one in arms), language)
    splits = [spoken(SPLIT_WORDS[split], language) for split in ("train", "validation")]
    title = spoken(metric_words(metric), language)
    gapped = alt.Chart(rows(_gaps(arms, names)))
    y = alt.Y("arm:N", sort=list(names.values()), title=None).axis(labelLimit=130)
    x = alt.X("value:Q", title=title).scale(zero=False, padding=16).axis(tickCount=5, format=PLAIN)
    key = alt.Legend(title=None, symbolType="circle", symbolSize=90, symbolStrokeWidth=1.5)
    ends = alt.Chart(
        rows(row for one in arms for row in _ends(one, names[one.arm], splits, language))
    )
    layers = alt.layer(
        gapped.mark_rule(color=INK, strokeWidth=2, opacity=0.45).encode(
            x=alt.X("train:Q", title=title).scale(zero=False), x2="validation:Q", y=y
        ),
        ends.mark_point(size=80, stroke=INK, strokeWidth=1.5, opacity=1).encode(
            x=x,
            y=y,
            fill=alt.Fill("split:N", legend=key).scale(domain=splits, range=[PAGE, VARIANT]),
            tooltip=[
                alt.Tooltip("arm:N", title=spoken(message("arm"), language)),
                alt.Tooltip("split:N", title=spoken(message("split"), language)),
                alt.Tooltip("value:Q", title=title),
                alt.Tooltip("gap:N", title=spoken(message("gap"), language)),
                alt.Tooltip("seeds:N", title=spoken(message("seeds"), language)),
            ],
        ),
        *written(
            gapped.encode(x="middle:Q", y=y, text="gap:N"), dy=-9, fontSize=11, baseline="bottom"
        ),
    )
    return layers.properties(width=WIDTH, height=alt.Step(ROW))


def _gaps(arms: tuple[Gap, ...], names: dict[str, str]) -> Iterator[dict[str, Any]]:
    low, *_, high = sorted(end for one in arms for end in (one.train, one.validation))
    room = ASIDE * (high - low)
    for one in arms:
        # Beside the middle of a line near an edge, so that its text stays in the view.
        middle = min(max((one.train + one.validation) / 2, low + room), high - room)
        ends = {"train": rounded(one.train), "validation": rounded(one.validation)}
        yield {"arm": names[one.arm], "middle": rounded(middle), "gap": _said(one), **ends}


def _said(one: Gap) -> str:
    gap, low, high = effect_texts(one.gap, one.low, one.high)
    return gap if low == NOTHING else f"{gap} [{low}, {high}]"


def _ends(one: Gap, name: str, splits: list[str], language: str) -> Iterator[dict[str, Any]]:
    said = {"gap": _said(one), "seeds": spoken(seeds_text(one.seeds), language)}
    for split, value in zip(splits, (one.train, one.validation), strict=True):
        yield {"arm": name, "split": split, "value": rounded(value), **said}
