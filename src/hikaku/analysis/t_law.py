"""Student's t law: how likely a t of so many degrees of freedom is to lie below, and its inverse.

Eats: degrees of freedom, and a t or a probability. Makes: the other one.

P(T > t) = I_x(ν/2, 1/2) / 2 with x = ν / (ν + t²), where I is the regularized incomplete beta
function, by its continued fraction (DLMF 8.17.22). Written out, because whoever reads results
waits a fifth of a second for `scipy.special` to load, which knows it too; tests hold one against
the other.
"""

from __future__ import annotations

import math
from functools import cache
from itertools import count

TINY = 1e-300
"""Stands for a zero by which the continued fraction would divide."""

WIDEST = 350.0
"""|ln t| of the smallest and largest t that are looked for: their squares are still numbers."""

EXACT = 1e-15
"""Where a step changes no more than this share, nothing is left to compute."""


def t_below(df: float, t: float) -> float:
    """Return P(T <= t) for `df` >= 1 degrees of freedom; small values keep all their digits.

    >>> round(t_below(1, 1.0), 4), t_below(4, -math.inf)
    (0.75, 0.0)
    """
    if math.isnan(t) or df < 1:
        return math.nan
    return _beyond(df, -t) if t < 0 else 1 - _beyond(df, t)


@cache
def t_quantile(df: float, p: float) -> float:
    """Return the t with P(T <= t) = p; NaN where `df` < 1 or p is no probability.

    >>> round(t_quantile(4, 0.975), 4), t_quantile(4, 0.5), t_quantile(4, 0.0)
    (2.7764, 0.0, -inf)
    """
    if df < 1 or not 0 <= p <= 1:
        return math.nan
    if p > 0.5:
        return -t_quantile(df, 1 - p)
    if p in (0, 0.5):
        return -math.inf if p == 0 else 0.0
    # Newton's steps in ln t, where ln P(T > t) is nearly a line; what leaves the bracket is halved.
    low, log_t, high = -WIDEST, 0.0, WIDEST
    for _ in range(200):
        t = math.exp(log_t)
        beyond = _beyond(df, t)
        low, high = (log_t, high) if beyond > p else (low, log_t)
        before, log_t = log_t, (low + high) / 2
        if beyond:
            slope = math.exp(before + _log_density(df, t) - math.log(beyond))
            wanted = before + math.log(beyond / p) / slope
            log_t = wanted if low <= wanted <= high else log_t
        if abs(log_t - before) < EXACT * max(1.0, abs(log_t)):
            break
    return -math.exp(log_t)


def _beyond(df: float, t: float) -> float:
    """Return P(T > t) for t >= 0."""
    if math.isinf(t):
        return 0.0
    x, y = 1 / (1 + t * t / df), 1 / (1 + df / (t * t)) if t else 0.0
    a, b = df / 2, 0.5
    if not y or not x:
        return 0.5 if x else 0.0
    front = math.exp(_log_inverse_beta(df) + a * math.log(x) + b * math.log(y))
    if x < (a + 1) / (a + b + 2):
        return front * _fraction(a, b, x) / a / 2
    return (1 - front * _fraction(b, a, y) / b) / 2


def _log_density(df: float, t: float) -> float:
    power = -(df + 1) / 2 * math.log1p(t * t / df)
    return _log_inverse_beta(df) + power - math.log(df) / 2


def _log_inverse_beta(df: float) -> float:
    """Return -ln B(df / 2, 1 / 2)."""
    return math.lgamma((df + 1) / 2) - math.lgamma(df / 2) - math.log(math.pi) / 2


def _fraction(a: float, b: float, x: float) -> float:
    """Return 1 / (1 + d1 / (1 + d2 / (1 + …))) of the incomplete beta function, by Lentz."""
    value, c, d = 1.0, 1.0, 0.0
    for n in count(1):
        m = n // 2
        if n % 2:
            term = -(a + m) * (a + b + m) * x / ((a + n - 1) * (a + n))
        else:
            term = m * (b - m) * x / ((a + n - 1) * (a + n))
        d = 1 / ((1 + term * d) or TINY)
        c = (1 + term / c) or TINY
        value *= c * d
        if abs(c * d - 1) < EXACT or n > 10_000:
            break
    return 1 / value
