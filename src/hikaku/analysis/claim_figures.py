"""The figures that claims speak of: as the source measured them, or as hikaku does.

Eats `Results`, an arm's name, a `Metric` and a reading. Makes one float per seed.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hikaku.analysis.figures import judged, peak
from hikaku.record import OTHER_PIXELS, Results
from hikaku.records import Reading
from hikaku.study.metrics import SHARES
from hikaku.study.study import Metric

Array = NDArray[np.float64]
LEARNT = ("last", "best", "area")
"""Figures that are 0 where nothing was learnt, of a metric that counts samples."""


def figures(results: Results, arm: str, metric: Metric, reading: Reading = "last") -> Array:
    """Return the figure of each seed, (seeds,), NaN where there is none.

    Under another reading than "last" the figure of the end, or the train side of a gap, is taken
    as that one has it. A trial that diverged has learnt nothing: of shares such as accuracy it
    has 0, of a loss, a gap or a peak it has none. One that did not reach the level of a
    "steps-to", diverged or stopped before it, has as many updates as the longest trial of all
    arms: no fewer than any that did reach it.
    """
    found = _read(results, arm, metric, reading)
    for place, seed in enumerate(results.seeds):
        outcome = results.outcome(arm, seed)
        if outcome is None or outcome.status == "failed" or not np.isnan(found[place]):
            continue
        if metric.of == "steps-to":
            found[place] = _longest(results)
        elif outcome.status == "diverged" and metric.name in SHARES and metric.of in LEARNT:
            found[place] = 0.0
    return found


def at_epoch(results: Results, arm: str, metric: Metric, reading: Reading, epoch: int) -> Array:
    """Return the figure of each seed after so many epochs, counted from 1; NaN: none."""
    found = np.full(len(results.seeds), np.nan)
    for place, seed in enumerate(results.seeds):
        outcome = results.outcome(arm, seed)
        if outcome is not None and outcome.status == "done":
            # Of the last figures there is one: those of each epoch are a curve.
            of = "curve" if reading == "last" else reading
            steps, values = results.curve(arm, seed, metric.name, metric.split, of)
            at = np.flatnonzero(steps == epoch * outcome.steps_per_epoch)
            found[place] = values[at[0]] if len(at) else np.nan
    return found


def after_the_peak(results: Results, arm: str, metric: Metric) -> Array:
    """Return how much each seed's curve has lost at its end, (seeds,): + where it fell.

    The best evaluation is that of the other seeds' mean curve: the best point of a curve's own
    noise lies above its end even where nothing falls.
    """
    curves = [results.curve(arm, seed, metric.name, metric.split)[1] for seed in results.seeds]
    if len(curves) < 2 or len({len(values) for values in curves}) > 1 or not len(curves[0]):
        return np.full(len(curves), np.nan)
    sign = 1.0 if metric.of_better == "higher" else -1.0
    upwards = sign * np.array(curves)
    # The mean of the others at each evaluation, (seeds, evaluations).
    others = (upwards.sum(axis=0) - upwards) / (len(curves) - 1)
    best = [int(peak(np.arange(len(row)), row)) if np.isfinite(row).any() else 0 for row in others]
    return upwards[np.arange(len(curves)), best] - upwards[:, -1]


def growth_of_gap(results: Results, arm: str, metric: Metric, reading: Reading) -> Array:
    """Return by how much the gap between the curves grew from half of the training to its end."""
    found = np.full(len(results.seeds), np.nan)
    sign = 1.0 if metric.of_better == "higher" else -1.0
    train = reading if reading in ("running", "batch") else "curve"
    for place, seed in enumerate(results.seeds):
        _, inside = results.curve(arm, seed, metric.name, "train", train)
        _, outside = results.curve(arm, seed, metric.name, metric.split)
        if len(inside) == len(outside) > 1:
            gap = sign * (inside - outside)
            found[place] = gap[-1] - gap[len(gap) // 2 - 1]
    return found


def on_other_pixels(results: Results) -> bool:
    """Return whether any trial was trained on files that stood in for the data set's own."""
    return any(
        str(word).startswith(OTHER_PIXELS)
        for arm, seed in results.trials
        if (found := results.sheet(arm, seed, "noticed")) is not None
        for word in found
    )


def _read(results: Results, arm: str, metric: Metric, reading: Reading) -> Array:
    if reading == "last" or metric.of not in ("last", "gap"):
        return judged(results, arm, metric).copy()
    if metric.of == "last":
        return results.values(arm, metric.name, metric.split, reading)
    train = results.values(arm, metric.name, "train", reading)
    gap: Array = train - results.values(arm, metric.name, metric.split, "last")
    return gap if metric.of_better == "higher" else -gap


def _longest(results: Results) -> float:
    """Return the most updates that any trial made."""
    return float(max(one.outcome.step for one in results.trials.values()))
