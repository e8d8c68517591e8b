"""How far curves lie apart: a variant from base while they train, train from validation at the end.

Eats: `Results`. Makes: arrays ready to draw, over finished trials alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hikaku.analysis.student import mean_interval
from hikaku.record import Results
from hikaku.study.metrics import METRICS

Array = NDArray[np.float64]

SAME_EPOCH = 6
"""Epochs that agree in so many decimals are one: steps of batches of two sizes may end together."""


@dataclass(frozen=True)
class DifferenceCurves:
    """Variant minus base while they train, in the metric's unit and not oriented.

    `by_seed` is (seeds, points), NaN where one of both arms has no value; the mean over seeds and
    its pointwise 95 % t interval are (points,), as are `epochs`; the interval is NaN where fewer
    than three seeds are left.
    """

    seeds: tuple[int, ...]
    epochs: Array
    by_seed: Array
    mean: Array
    low: Array
    high: Array


@dataclass(frozen=True)
class Gap:
    """Where an arm ends on train and on validation, on all of each split, as means over seeds.

    `gap` is the mean of how much better train is, trial by trial, with its 95 % t interval, over
    `seeds` of them.
    """

    arm: str
    train: float
    validation: float
    gap: float
    low: float
    high: float
    seeds: int


def difference_curves(
    results: Results, variant: str, metric: str, split: str = "validation"
) -> DifferenceCurves | None:
    """Return how the variant's curve goes beside base's at each seed; None where no seed has both.

    Compared is what was read at the same epoch. The curves end where fewer than two seeds are left
    (with one seed in all, where that one ends).
    """
    base = results.base_of(variant)
    found = {
        seed: _less(_curve(results, variant, seed, metric, split), other)
        for seed in results.seeds
        if (other := _curve(results, base, seed, metric, split))
    }
    found = {seed: curve for seed, curve in found.items() if curve}
    epochs = sorted({epoch for curve in found.values() for epoch in curve})
    matrix = np.array([[curve.get(at, np.nan) for at in epochs] for curve in found.values()])
    if not matrix.size:
        return None
    kept = np.isfinite(matrix).sum(axis=0) >= min(2, len(found))
    if not kept.any():
        return None
    by_seed = matrix[:, kept]
    mean, low, high = np.array([mean_interval(column) for column in by_seed.T]).T
    # Where all seeds but two have stopped, the band of those two would hide every curve.
    banded = np.isfinite(by_seed).sum(axis=0) >= min(3, len(found))
    low, high = (np.where(banded, end, np.nan) for end in (low, high))
    return DifferenceCurves(tuple(found), np.array(epochs)[kept], by_seed, mean, low, high)


def gap(results: Results, arm: str, metric: str) -> Gap | None:
    """Return how far the arm's train and validation lie apart at the end.

    None for a metric that hikaku does not know which way is better, and where no seed has both.
    """
    if metric not in METRICS:
        return None
    upwards = 1 if METRICS[metric].better == "higher" else -1
    train, validation = (
        results.values(arm, metric, split, "last") for split in ("train", "validation")
    )
    both = np.isfinite(train) & np.isfinite(validation)
    if not both.any():
        return None
    mean, low, high = mean_interval(upwards * (train - validation))
    ends = float(train[both].mean()), float(validation[both].mean())
    return Gap(arm, *ends, mean, low, high, int(both.sum()))


def _curve(results: Results, arm: str, seed: int, metric: str, split: str) -> dict[float, float]:
    """Return a finished trial's finite values by epoch; none of any other."""
    end = results.outcome(arm, seed)
    if end is None or end.status != "done":
        return {}
    steps, values = results.curve(arm, seed, metric, split)
    epochs = np.round(steps / end.steps_per_epoch, SAME_EPOCH)
    pairs = zip(epochs.tolist(), values.tolist(), strict=True)
    return {epoch: value for epoch, value in pairs if np.isfinite(value)}


def _less(values: dict[float, float], others: dict[float, float]) -> dict[float, float]:
    return {at: value - others[at] for at, value in values.items() if at in others}
