"""The sequential t test with a horizon: look after every pair, and err no more often for it.

Eats: the number of pairs, the horizon and the level. Makes: the p-value or |t| at which a look
decides, and the p-value of a whole path of looks.

After each of n = 5 … N pairs the ordinary two-sided one-sample t p-value p_n is held against
a · n / N: stricter at first than a threshold the same at all looks (Pocock 1977), more lenient than
O'Brien and Fleming (1979). The constant a is such that, for independent normal differences of mean
0, the chance that any look reaches its threshold is alpha. The joint law of the t statistics does
not depend on the unknown spread, so a is a quantile that simulation gives once and for all:
boundaries.csv, made by scripts/boundaries.py.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from hikaku.analysis.t_law import t_quantile
from hikaku.study.study import FEWEST

LONGEST = 20
"""The longest horizon in the table."""


def threshold(n: int, horizon: int, alpha: float) -> float:
    """Return the two-sided p-value at or below which the look after n pairs decides.

    a · n / horizon; over all looks up to `horizon` a true null hypothesis is rejected with
    probability `alpha`. 0 where there is no look: n < 5 or n > horizon.
    ValueError where the table does not reach: `horizon` above 20, `alpha` outside [0.0001, 1].
    """
    return _constant(horizon, alpha) * n / horizon if FEWEST <= n <= horizon else 0.0


@cache
def critical(n: int, horizon: int, alpha: float) -> float:
    """Return the |t| with n - 1 degrees of freedom at which the look after n pairs decides.

    mean ± critical · s / √n over the looks covers the true mean at all of them together with
    probability 1 - alpha. Infinite where there is no look; ValueError as for `threshold`.
    """
    p = threshold(n, horizon, alpha)
    return -t_quantile(n - 1, p / 2) if p else math.inf


def p_process(p_values: Sequence[float], horizon: int) -> float:
    """Return the p-value of the looks so far, in [0, 1]: at most alpha once a look has decided.

    `p_values` are those of the looks after 5, 6, … pairs, none left out; beyond `horizon` there is
    no look. F(min of p_k / (k / horizon)), with F the null law of that minimum over all looks, so
    P(ever at most alpha) = alpha for each alpha >= 0.0001 (interpolation and simulation move it by
    less than .0002 below alpha = .1, .002 above), whenever one stops. 1 without a look.

    Below the table it is bounded by Σ P(p_k <= m k / horizon) = m Σ k / horizon (Bonferroni).
    """
    shares = np.arange(FEWEST, horizon + 1) / horizon
    looks = np.asarray(p_values, dtype=np.float64)[: len(shares)]
    if not looks.size:
        return 1.0
    least = float((looks / shares[: looks.size]).min())
    alphas, constants = _rows(horizon)
    if least < constants[0]:
        return min(float(alphas[0]), least * float(shares.sum()))
    return float(np.exp(np.interp(np.log(least), np.log(constants), np.log(alphas))))


def _constant(horizon: int, alpha: float) -> float:
    """Return a: interpolated between the rows, both sides in the logarithm."""
    alphas, constants = _rows(horizon)
    if not alphas[0] <= alpha <= alphas[-1]:
        raise ValueError(f"alpha is {alpha}: the table holds {alphas[0]} to {alphas[-1]}")
    return float(np.exp(np.interp(np.log(alpha), np.log(alphas), np.log(constants))))


def _rows(horizon: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the levels, ascending, and the constants of this horizon."""
    if horizon > LONGEST:
        raise ValueError(f"the horizon is {horizon}: the table ends at {LONGEST}")
    table = _table()
    return table[:, 0], table[:, 1 + horizon - FEWEST]


@cache
def _table() -> NDArray[np.float64]:
    """Return boundaries.csv: a column of levels, then one column a horizon."""
    with (files("hikaku.analysis") / "boundaries.csv").open(encoding="utf-8") as lines:
        return np.loadtxt(lines, delimiter=",")
