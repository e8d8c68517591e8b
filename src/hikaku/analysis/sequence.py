"""The looks at a comparison as its seeds come in: a confidence sequence, and what each look says.

Eats the differences in the order of the seeds and a `Rule`. Makes: `Look`s.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from hikaku.analysis import anytime, boundary
from hikaku.analysis.paired import Paired
from hikaku.analysis.rule import KEPT_BACK, Rule
from hikaku.analysis.student import spread
from hikaku.analysis.t_law import t_below, t_quantile
from hikaku.study.study import FEWEST

LEAST = 1e-300
"""The smallest probability that is worked with."""

Said = Literal["helps", "hurts", "no-practical-difference", "undecided"]


@dataclass(frozen=True)
class Interval:
    """Two ends; of nothing known, the whole line."""

    low: float = -math.inf
    high: float = math.inf

    def meet(self, other: Interval) -> Interval:
        """Return what both hold; where they have nothing in common, this one as it is.

        That is rarer than the error that is allowed, and no interval would be right then.
        """
        low, high = max(self.low, other.low), min(self.high, other.high)
        return Interval(low, high) if low <= high else self


@dataclass(frozen=True)
class Look:
    """What n pairs say: the mean difference, and what all looks so far leave of two intervals.

    `interval` is for the direction, at 1 - alpha, `narrow` for the comparison with ± worth, at
    1 - 2 alpha. The ends are infinite before the first look.
    """

    n: int
    mean: float
    interval: Interval
    narrow: Interval

    def says(self, worth: float) -> Said:
        """Return the verdict of the differences alone.

        No practical difference, where `narrow` lies strictly inside ± worth: that is two one-sided
        tests (Schuirmann 1987) at alpha each. It comes first, so that an effect that is real but
        negligible is not called a help. Else helps or hurts, where `interval` excludes 0.
        """
        if self.n < FEWEST:
            return "undecided"
        if -worth < self.narrow.low and self.narrow.high < worth:
            return "no-practical-difference"
        if self.interval.low > 0:
            return "helps"
        return "hurts" if self.interval.high < 0 else "undecided"


def first_look() -> Look:
    """Return what is known before any pair."""
    return Look(0, math.nan, Interval(), Interval())


def look(before: Look, pairs: Paired, rule: Rule, alpha: float) -> Look:
    """Return what these pairs say, after what was said `before`.

    The interval of one look is d̄ ± c_n s/√n with c_n of the rule; the printed one is what all
    looks share, so it never grows. Under "one look" the earlier ones count for nothing.
    """
    before = before if rule.auto else first_look()
    return Look(
        pairs.n,
        pairs.mean,
        before.interval.meet(_interval(pairs, rule, alpha)),
        before.narrow.meet(_interval(pairs, rule, 2 * alpha)),
    )


def mean_of(differences: Sequence[float]) -> float:
    """Return the mean; of equal numbers it is that number, and not its sum rounded and divided."""
    if not differences:
        return math.nan
    if len(set(differences)) == 1:
        return differences[0]
    return math.fsum(differences) / len(differences)


def standard_error(differences: Sequence[float]) -> float:
    """Return s/√n, and for equal differences what stands for it; NaN for fewer than 2.

    n equal differences other than 0 have no spread, and t would be infinite. All that they show
    is that none of n signs was the other one, which happens by chance in 2 · 2^-n of cases. So
    their standard error is the one whose t has that p: |d| / t_{n-1, 1 - 2^-n}.
    """
    n = len(differences)
    if n < 2:
        return math.nan
    if len(set(differences)) > 1:
        return spread(differences) / math.sqrt(n)
    # The lower tail, for 1 - 2^-n is 1 from n = 54 on, and 2^-n itself is 0 in the end.
    return abs(differences[0]) / -t_quantile(n - 1, max(2.0**-n, LEAST))


def p_value(looked: Sequence[Sequence[float]], rule: Rule) -> float:
    """Return the p value of "no effect" over all looks at these growing lists of differences.

    P(ever <= a) <= a without an effect, whenever one stops; it is at most alpha exactly where
    some look's own interval at 1 - alpha excludes 0. 1 without a look.
    """
    # A seed without a pair leaves the list as it was, and is no further look.
    ts = list({len(ds): (len(ds), _t(ds)) for ds in looked if len(ds) >= FEWEST}.values())
    if not ts:
        return 1.0
    if not rule.auto:
        return _two_sided(*ts[-1])
    early = [_two_sided(n, t) for n, t in ts if n <= rule.horizon]
    p = boundary.p_process(early, rule.horizon)
    if rule.most <= rule.horizon:
        return p
    late = [1 / anytime.e_value(t, n) for n, t in ts if n > rule.horizon]
    return min(1.0, p / (1 - KEPT_BACK), *(one / KEPT_BACK for one in late))


def _interval(pairs: Paired, rule: Rule, alpha: float) -> Interval:
    critical, error = rule.critical(pairs.n, alpha), standard_error(pairs.differences)
    if math.isinf(critical) or math.isnan(error):
        return Interval()
    zeros = not any(pairs.differences)
    half = beyond_zeros(pairs.resolution, pairs.n, alpha) if zeros else critical * error
    return Interval(pairs.mean - half, pairs.mean + half)


def beyond_zeros(resolution: float, n: int, alpha: float) -> float:
    """Return how large the effect may be, to either side, where none of n seeds shows any.

    n seeds without a difference leave, at 1 - alpha, that there is one at a share of up to
    1 - alpha^(1/n) of all seeds; and where there is, it is by the metric's resolution. It is nested
    in n, so looking at every n costs nothing. Without a resolution that is known, 0.
    """
    return resolution * float(1 - alpha ** (1 / n))


def _t(differences: Sequence[float]) -> float:
    mean, error = mean_of(differences), standard_error(differences)
    return mean / error if error else 0.0


def _two_sided(n: int, t: float) -> float:
    return 2 * t_below(n - 1, -abs(t))
