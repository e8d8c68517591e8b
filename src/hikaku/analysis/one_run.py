"""What one more run would show: the interval that a published figure is held against.

Eats the figures of independent runs. Makes a prediction interval, for one run or for the
difference of two.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from hikaku.analysis.sequence import Interval
from hikaku.analysis.student import spread
from hikaku.analysis.t_law import t_quantile

LEVEL = 0.95


def one_run(values: NDArray[np.float64], level: float = LEVEL) -> Interval:
    """Return where one further run lies with this chance: mean ± t_{n-1} s √(1 + 1/n).

    `values` is (n,), finite. For normal figures the chance is exact: it is that of the run and of
    the n together. The whole line for n < 2, where a spread cannot be known.
    """
    n = len(values)
    if n < 2:
        return Interval()
    half = t_quantile(n - 1, (1 + level) / 2) * spread(values) * math.sqrt(1 + 1 / n)
    mean = float(np.mean(values))
    return Interval(mean - half, mean + half)


def one_difference(
    first: NDArray[np.float64], second: NDArray[np.float64], level: float = LEVEL
) -> float:
    """Return half the width of the interval for the difference of two further runs, unpaired.

    t_{n-1} √((s₁² + s₂²)(1 + 1/n)), both (n,): the runs of an article had weights and order of
    their own. It is at least as wide as it should be, for the spreads of two arms have more than
    n - 1 degrees of freedom. NaN for n < 2.
    """
    n = len(first)
    if n < 2:
        return math.nan
    variance = spread(first) ** 2 + spread(second) ** 2
    return t_quantile(n - 1, (1 + level) / 2) * math.sqrt(variance * (1 + 1 / n))
