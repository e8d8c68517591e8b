"""How confusion matrices are drawn, and the differences of two: a square per arm, rows true.

Eats `Confusions` and `ConfusionChanges`. Makes Vega-Lite specifications.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import altair as alt
import numpy as np
from numpy.typing import NDArray

from hikaku.analysis.confused import Confused
from hikaku.analysis.numbers import signed
from hikaku.present.canvas import (
    BETTER,
    INK,
    PAGE,
    VARIANT,
    WORSE,
    finished,
    labels,
    rounded,
    rows,
)
from hikaku.present.confusion_changes import ConfusionChanges
from hikaku.present.pictures import Confusions
from hikaku.present.report import spoken
from hikaku.words import message

LONGEST_CLASS = 16
MOST_COUNTED = 20
"""Up to this many classes the numbers are written into a matrix."""

CELL, WHOLE = 24, 240
"""Pixels: the side of a cell with its number, and of a matrix without numbers."""

MARGIN = 45
"""Pixels beside a matrix that its labels take."""

DARK = 0.4
"""From this share of the deepest shade on, numbers are written in the page's colour."""


def confusions(picture: Confusions, language: str, *, counted: bool = True) -> dict[str, Any]:
    """Draw a matrix per arm: the shares of each true class, in percent where they fit.

    Counts would not compare, for an arm may have more seeds than another. Where `counted` is not
    asked for, shades alone tell.
    """
    names = labels((arm for arm, _ in picture.matrices), language)
    written = _classes(picture.classes, len(picture.matrices[0][1]), language)
    data = [
        row for arm, counts in picture.matrices for row in _counted(names[arm], counts, written)
    ]
    square = _square(
        data,
        written,
        language,
        alt.Tooltip("share:Q", format=".1%", title=spoken(message("share"), language)),
    )
    # The square root lifts the few mistakes into sight beside the many right answers.
    shade = alt.Opacity("share:Q", legend=None).scale(type="sqrt", domain=[0, 1], range=[0, 1])
    shaded = square.mark_rect(color=VARIANT).encode(opacity=shade)
    text = "percent:N" if counted else ""
    return _facets(shaded, square, list(names.values()), written, text)


def changes(picture: ConfusionChanges, language: str, *, counted: bool = True) -> dict[str, Any]:
    """Draw a matrix per variant: what differs from base, in the colour of better or worse."""
    names = labels((change.variant for change in picture.changes), language)
    written = _classes(picture.classes, len(picture.changes[0].counts), language)
    data = [row for one in picture.changes for row in _moved(one, names[one.variant], written)]
    better, worse = (spoken(word, language) for word in (message("better"), message("worse")))
    for row in data:
        row["change"] = better if row.pop("is_better") else worse
    square = _square(data, written, language)
    shade = alt.Opacity("share:Q", legend=None).scale(type="sqrt", domain=[0, 1], range=[0, 1])
    colour = alt.Color("change:N", legend=alt.Legend(title=None, symbolType="square")).scale(
        domain=[better, worse], range=[BETTER, WORSE]
    )
    return _facets(
        square.mark_rect().encode(opacity=shade, color=colour),
        square,
        list(names.values()),
        written,
        "count:N" if counted else "",
    )


def _classes(classes: tuple[str, ...], count: int, language: str) -> list[str]:
    shown = list(labels(classes, language, LONGEST_CLASS).values())
    return shown or [str(n) for n in range(count)]


def _square(
    data: list[dict[str, Any]], written: Sequence[str], language: str, *more: alt.Tooltip
) -> alt.Chart:
    """Return a matrix without marks: true classes down, predicted ones across."""
    said_true = spoken(message("true class"), language)
    said_answer = spoken(message("predicted class"), language)
    are_numbers = all(name.isdecimal() for name in written)
    return alt.Chart(rows(data)).encode(
        x=alt.X("answer:N", sort=written, title=said_answer)
        .scale(domain=written)
        .axis(labelAngle=0 if are_numbers else -90),
        y=alt.Y("true:N", sort=written, title=said_true).scale(domain=written),
        tooltip=[
            alt.Tooltip("true:N", title=said_true),
            alt.Tooltip("answer:N", title=said_answer),
            alt.Tooltip("count:N", title=spoken(message("count, all seeds together"), language)),
            *more,
        ],
    )


def _facets(
    shaded: alt.Chart, square: alt.Chart, arms: list[str], written: Sequence[str], text: str
) -> dict[str, Any]:
    layers = [shaded]
    few = len(written) <= MOST_COUNTED
    if few and text:
        on_dark = alt.condition(alt.datum.share > DARK, alt.value(PAGE), alt.value(INK))
        layers.append(square.mark_text(fontSize=9).encode(text=text, color=on_dark))
    side = CELL * len(written) if few else WHOLE
    chart = alt.layer(*layers).properties(width=side, height=side)
    facet = alt.Facet("arm:N", sort=arms, title=None)
    grid = chart.facet(facet=facet, columns=3 if text else 6)
    # An axis that a column shares would stand below the place of a matrix that is not there.
    return finished(grid.resolve_axis(x="independent"), side + MARGIN)


def _counted(
    arm: str, counts: NDArray[np.int64], classes: Sequence[str]
) -> Iterator[dict[str, Any]]:
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    for true, answer in np.argwhere(counts):
        yield {
            "arm": arm,
            "true": classes[true],
            "answer": classes[answer],
            "count": int(counts[true, answer]),
            "share": rounded(float(shares[true, answer])),
            "percent": percent(float(shares[true, answer])),
        }


def percent(share: float) -> str:
    """Return a share that is not 0 in percent, as a cell holds it.

    >>> percent(1.0), percent(0.9861), percent(0.004), percent(0.0002)
    ('100', '98.6', '0.4', '<0.1')
    """
    text = f"{100 * share:.1f}"
    return {"0.0": "<0.1", "100.0": "100"}.get(text, text)


def _moved(change: Confused, arm: str, classes: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Yield the cells that differ; `share` is that of the largest difference of this variant."""
    most = int(np.abs(change.counts).max(initial=1))
    for true, answer in np.argwhere(change.counts):
        more = int(change.counts[true, answer])
        yield {
            "arm": arm,
            "true": classes[true],
            "answer": classes[answer],
            "count": signed(more, 0).replace("-", "−"),
            "share": rounded(abs(more) / most),
            "is_better": (more > 0) == (true == answer),
        }
