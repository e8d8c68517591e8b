"""The judged figure: the one number per trial that a study's metric asks for.

Eats: `Results`, an arm's name and a `Metric`. Makes: one float per seed, in the order of the seeds.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hikaku.record import Results
from hikaku.records import Reading
from hikaku.study.metrics import SHARES
from hikaku.study.study import SPLITS, Metric

Array = NDArray[np.float64]


def judged(results: Results, arm: str, metric: Metric) -> Array:
    """Return the judged figure of each seed, shape (seeds,), finite or NaN.

    NaN where a trial is missing, failed or diverged, and where a finished trial has no figure:
    a target that was never reached, or a metric that has no value there.

    - last, best: the reading at the end, of all of the split, with those weights.
    - area: the mean height of the curve over the updates, by trapezoids. A trial that stopped
      early is averaged over the updates that it made.
    - steps-to: the number of updates at the first evaluation that reaches the target.
    - gap: train minus split for metrics that rise, split minus train for those that fall, both
      read at the end on all of the split. 0 is no gap, and more is more over-fitting.
    - peak-epoch: the epoch, perhaps a fraction, of the curve's best point; the first of equals.

    Curves are read on the validation split or on the fixed sample of train.
    """
    if metric.of == "last" or metric.of == "best":
        return _ends(results, arm, metric, metric.split, metric.of)
    if metric.of == "gap":
        train = _ends(results, arm, metric, "train", "last")
        return _sign(metric) * (train - _ends(results, arm, metric, metric.split, "last"))
    return np.array([_of_curve(results, arm, seed, metric) for seed in results.seeds])


def step(results: Results, metric: Metric) -> float:
    """Return the smallest difference that the metric can show at one seed; 0: not known.

    A share of n samples moves by 1/n.
    """
    if metric.name not in SHARES or metric.of not in ("last", "best"):
        return 0.0
    ends = {measured.outcome.samples for measured in results.trials.values()}
    sizes = [samples[SPLITS.index(metric.split)] for samples in ends]
    return 1 / max(sizes) if any(sizes) else 0.0


def area(steps: NDArray[np.int64], values: Array) -> float:
    """Return the mean height of a curve over its steps; NaN for an empty or non-finite one."""
    if not len(values) or not np.isfinite(values).all():
        return float("nan")
    if len(values) == 1:
        return float(values[0])
    heights = (values[1:] + values[:-1]) / 2
    return float(np.average(heights, weights=np.diff(steps)))


def steps_to(steps: NDArray[np.int64], values: Array, target: float) -> float:
    """Return the first step whose value is `target` or higher; NaN where none is."""
    reached = steps[values >= target]
    return float(reached[0]) if len(reached) else float("nan")


def peak(steps: NDArray[np.int64], values: Array) -> float:
    """Return the step of the highest finite value, the first of equals; NaN where there is none."""
    known = np.isfinite(values)
    return float(steps[known][np.argmax(values[known])]) if known.any() else float("nan")


def _sign(metric: Metric) -> float:
    return 1.0 if metric.of_better == "higher" else -1.0


def _ends(results: Results, arm: str, metric: Metric, split: str, reading: Reading) -> Array:
    found = results.values(arm, metric.name, split, reading)
    return np.where(np.isfinite(found), found, np.nan)


def _of_curve(results: Results, arm: str, seed: int, metric: Metric) -> float:
    outcome = results.outcome(arm, seed)
    if outcome is None or outcome.status != "done":
        return float("nan")
    steps, values = results.curve(arm, seed, metric.name, metric.split)
    if metric.of == "area":
        return area(steps, values)
    upwards = _sign(metric) * values
    if metric.of == "peak-epoch":
        return peak(steps, upwards) / outcome.steps_per_epoch
    # The decoder lets no steps-to through without a target; NaN is reached by nothing.
    target = float("nan") if metric.target is None else metric.target
    return steps_to(steps, upwards, _sign(metric) * target)
