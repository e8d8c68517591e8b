"""Student's t: how far a mean of n values may lie from the truth.

Eats: a sample, or its size and spread. Makes: an interval.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from hikaku.analysis.t_law import t_quantile


def half_width(n: int, sd: float, level: float) -> float:
    """Return half the width of the two-sided t interval of a mean, in the unit of `sd`.

    t_{n-1, (1+level)/2} · sd / √n, with `sd` the sample standard deviation (n - 1) and `level` in
    (0, 1). NaN for n < 2, where a spread cannot be known.
    """
    if n < 2:
        return float("nan")
    return t_quantile(n - 1, (1 + level) / 2) * sd / math.sqrt(n)


def spread(values: ArrayLike) -> float:
    """Return the sample standard deviation (n - 1): exactly 0 for equal values, NaN for n < 2."""
    sample = np.asarray(values, dtype=np.float64)
    if sample.size < 2:
        return float("nan")
    # The rounded mean of equal values can differ from them, which would make a spread of nothing.
    return 0.0 if np.ptp(sample) == 0 else float(sample.std(ddof=1))


def mean_interval(values: ArrayLike, level: float = 0.95) -> tuple[float, float, float]:
    """Return (mean, low, high) of the finite `values`, a sample of any size.

    The mean of none is NaN, and so are the ends for fewer than two.
    """
    sample = np.asarray(values, dtype=np.float64)
    sample = sample[np.isfinite(sample)]
    if not sample.size:
        return float("nan"), float("nan"), float("nan")
    mean = float(sample.mean()) if np.ptp(sample) else float(sample[0])
    half = half_width(sample.size, spread(sample), level)
    return mean, mean - half, mean + half
