"""What the charts show: mean curves with bands, best-epoch marks, confusions, paired values.

Eats: `Results`. Makes: arrays ready to draw, over finished trials alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hikaku.analysis.figures import judged, peak
from hikaku.analysis.student import mean_interval
from hikaku.record import Outcome, Results
from hikaku.records import Reading
from hikaku.study.study import Metric


@dataclass(frozen=True)
class Band:
    """A mean curve over seeds with a pointwise t band; all arrays have shape (points,).

    `steps` are updates (divide by `steps_per_epoch` for epochs), `low` to `high` the 95 % interval
    of the mean at that step alone, NaN where one seed is left, `n` how many seeds stand there.
    """

    steps: NDArray[np.int64]
    mean: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    n: NDArray[np.int64]
    steps_per_epoch: int


@dataclass(frozen=True)
class PairedValues:
    """The judged figures of a variant and of base as they were measured, NaN where there is none.

    Both follow `seeds`, the study's list.
    """

    variant: str
    seeds: tuple[int, ...]
    values: tuple[float, ...]
    base_values: tuple[float, ...]


def trained(results: Results, arm: str) -> dict[int, Outcome]:
    """Return by seed how the trials of this arm ended that came to their end."""
    ends = ((seed, results.outcome(arm, seed)) for seed in results.seeds)
    return {seed: end for seed, end in ends if end and end.status == "done"}


def band(
    results: Results, arm: str, metric: str, split: str, reading: Reading = "curve"
) -> Band | None:
    """Return the arm's mean curve, None where no finished trial has one.

    A trial that stopped early has a shorter curve. At each step the mean is over the seeds that
    have reached it, and the curve ends where fewer than two are left (with one seed in all, where
    that one ends), so a late dip may be the leaving of seeds: `n` tells, and `last_whole` from
    where on. Values that are not finite are left out.
    """
    done = trained(results, arm)
    curves = [results.curve(arm, seed, metric, split, reading) for seed in done]
    fewest = min(2, sum(len(steps) > 0 for steps, _ in curves))
    if not fewest:
        return None
    steps, values = map(np.concatenate, zip(*curves, strict=True))
    known = np.isfinite(values)
    # Stable: the mean of a step is over its seeds in their order.
    order = np.flatnonzero(known)[np.argsort(steps[known], kind="stable")]
    at, n = np.unique(steps[known], return_counts=True)
    heights = np.split(values[order], np.cumsum(n)[:-1])
    kept = n >= fewest
    if not kept.any():
        return None
    ends = [mean_interval(heights[i]) for i in np.flatnonzero(kept)]
    mean, low, high = np.array(ends).T
    return Band(
        steps=at[kept],
        mean=mean,
        low=low,
        high=high,
        n=n[kept],
        steps_per_epoch=next(iter(done.values())).steps_per_epoch,
    )


def last_whole(n: NDArray[np.int64]) -> int:
    """Return the position up to which a mean is over all seeds that it ever has.

    `n`, shape (points,), is how many seeds stand at each point of a curve. A value that was not
    finite on the way is no leaving: its seed is there again.
    """
    return int(np.flatnonzero(n == n.max())[-1])


def best_step(results: Results, arm: str) -> float:
    """Return the median over seeds of the step of the best validation loss; NaN without any.

    The first of equals in each trial. In updates; `Band.steps_per_epoch` turns it into epochs.
    """
    curves = [results.curve(arm, seed, "loss", "validation") for seed in trained(results, arm)]
    best = [peak(steps, -values) for steps, values in curves]
    known = [step for step in best if np.isfinite(step)]
    return float(np.median(known)) if known else float("nan")


def confusion(results: Results, arm: str) -> NDArray[np.int64] | None:
    """Return the confusion matrix summed over seeds, (classes, classes), rows true; None: none."""
    sheets = [results.sheet(arm, seed, "confusion") for seed in trained(results, arm)]
    counts = [sheet.astype(np.int64) for sheet in sheets if sheet is not None]
    return np.sum(counts, axis=0, dtype=np.int64) if counts else None


def paired_values(results: Results, variant: str, metric: Metric) -> PairedValues:
    """Return the judged figures of `variant` and of base, seed by seed, not oriented."""
    return PairedValues(
        variant=variant,
        seeds=results.seeds,
        values=tuple(judged(results, variant, metric).tolist()),
        base_values=tuple(judged(results, results.base_of(variant), metric).tolist()),
    )
