"""How paired differences are drawn while training: a view per variant, a thin line per seed.

Eats `Differences`. Makes a Vega-Lite specification.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import altair as alt
import numpy as np

from hikaku.analysis.apart import DifferenceCurves
from hikaku.analysis.thin import thin, thin_together
from hikaku.present.canvas import INK, PLAIN, VARIANT, epochs, finished, labels, rounded, rows
from hikaku.present.compared import Differences
from hikaku.present.designs import FEW
from hikaku.present.frames import ROOM, SKIPPED
from hikaku.present.learning_curves import HEIGHT, SMALL, WIDTH
from hikaku.present.report import spoken
from hikaku.words import message

MOST_POINTS = 120
"""A mean of more points is drawn with at most this many (`analysis.thin`)."""

MOST_OF_SEEDS, FEWEST_OF_SEED = 2500, 12
"""So many points all lines of single seeds have together, and so many each has at least."""

AXES = {
    "higher": message("variant − base (+ is better)"),
    "lower": message("variant − base (− is better)"),
    None: message("variant − base"),
}


def differences(picture: Differences, language: str) -> dict[str, Any]:
    """Draw each variant minus base: the mean with its band, the single seeds behind it."""
    names = labels((view.title for view in picture.layout.views), language)
    size = SMALL if picture.layout.columns > FEW else (WIDTH, HEIGHT)
    domain = _domain(picture)
    y = alt.Y("mean:Q", title=spoken(AXES[picture.better], language)).scale(
        domain=domain, nice=False, zero=False
    )
    lines = sum(len(curve.seeds) for curve in picture.curves)
    points = max(FEWEST_OF_SEED, MOST_OF_SEEDS // lines)
    axes = (
        epochs(spoken(message("epoch"), language), [curve.epochs for curve in picture.curves]),
        y.axis(format=PLAIN, tickCount=5),
    )
    views = [
        _view(curve, axes, points, language).properties(
            width=size[0], height=size[1], title=names[view.title]
        )
        for view, curve in zip(picture.layout.views, picture.curves, strict=True)
    ]
    chart = alt.concat(*views, columns=picture.layout.columns).resolve_scale(x="shared", y="shared")
    return finished(chart, size[0] + 60)


def _domain(picture: Differences) -> list[float | None]:
    """Return the heights that hold 0 and all bands, once the first climb is over."""
    later = [slice(int(SKIPPED * len(curve.mean)), None) for curve in picture.curves]
    seen = np.concatenate(
        [
            np.concatenate([curve.mean[at], curve.low[at], curve.high[at]])
            for curve, at in zip(picture.curves, later, strict=True)
        ]
    )
    seen = seen[np.isfinite(seen)]
    low, high = min(0.0, float(seen.min())), max(0.0, float(seen.max()))
    room = ((high - low) or 1) * ROOM
    return [rounded(low - room), rounded(high + room)]


def _view(curve: DifferenceCurves, axes: tuple[alt.X, alt.Y], points: int, language: str) -> Any:
    x, y = axes
    mean = alt.Chart(rows(_mean(curve)))
    words = {
        "epoch:Q": message("epoch"),
        "mean:Q": message("mean"),
        "interval:N": message("interval"),
    }
    told = [alt.Tooltip(key, title=spoken(word, language)) for key, word in words.items()]
    pointed = mean.mark_rule(color=INK, strokeWidth=6, opacity=0)
    seeds = alt.Chart(rows(_seeds(curve, points)))
    if len(curve.epochs) > 1:
        of_seeds = seeds.mark_line(color=INK, strokeWidth=0.7, opacity=0.25, clip=True)
        band = mean.mark_area(color=VARIANT, opacity=0.22, clip=True)
        middle = mean.mark_line(color=VARIANT, strokeWidth=1.8, clip=True)
    else:  # no line goes through a single point
        of_seeds = seeds.mark_tick(color=INK, opacity=0.4, orient="horizontal", size=14, clip=True)
        band = mean.mark_rule(color=VARIANT, strokeWidth=1.8, clip=True)
        middle = mean.mark_point(color=VARIANT, filled=True, size=70, opacity=1, clip=True)
    return alt.layer(
        alt.Chart(rows([{"mean": 0}])).mark_rule(color=INK, opacity=0.7).encode(y=y),
        of_seeds.encode(x=x, y=y, detail="seed:N"),
        band.encode(x=x, y="low:Q", y2="high:Q"),
        middle.encode(x=x, y=y),
        pointed.encode(x=x, tooltip=told),
    )


def _mean(curve: DifferenceCurves) -> Iterator[dict[str, Any]]:
    for at in thin_together((curve.mean, curve.low, curve.high), MOST_POINTS):
        low, high = rounded(curve.low[at]), rounded(curve.high[at])
        yield {
            "epoch": rounded(curve.epochs[at]),
            "mean": rounded(curve.mean[at]),
            "low": low,
            "high": high,
            "interval": f"[{low:+.3g}, {high:+.3g}]"
            if low is not None and high is not None
            else "",
        }


def _seeds(curve: DifferenceCurves, points: int) -> Iterator[dict[str, Any]]:
    for seed, values in zip(curve.seeds, curve.by_seed, strict=True):
        known = np.flatnonzero(np.isfinite(values))
        for at in known[thin(values[known], points)] if len(known) else ():
            yield {
                "seed": seed,
                "epoch": rounded(curve.epochs[at]),
                "mean": float(f"{values[at]:.3g}"),
            }
