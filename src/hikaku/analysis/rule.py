"""`Rule`: at which seeds a comparison may be looked at, and how wide its interval is then.

Eats the number of pairs and an error. Makes: a critical value.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from hikaku.analysis import anytime, boundary
from hikaku.analysis.t_law import t_quantile
from hikaku.record import Spent
from hikaku.study.study import FEWEST

ALPHA = 0.05
"""The share of studies without any true effect in which some variant may be called an effect."""

KEPT_BACK = 0.2
"""The part of the error that is kept for the seeds past the horizon, where there are any."""

SMALLEST = 1e-4
"""The smallest error for which the horizon's boundaries were simulated."""

FAMILY = 15
"""With more variants than this a study explores: false discoveries are held, not every error."""


@dataclass(frozen=True)
class Rule:
    """What one comparison may use: these seeds in this order, this margin, this share of the error.

    With `auto` it is looked at after each seed, up to `horizon` pairs and, where there are more
    seeds than that, past it. Without, once, when all seeds have ended. `family` is the number of
    variants among which the error is shared. `bound` is where this was set by an earlier verdict.
    """

    seeds: tuple[int, ...]
    auto: bool
    horizon: int
    worth: float
    family: int
    bound: Spent | None = field(default=None, compare=False)

    @property
    def most(self) -> int:
        """The largest number of pairs that there can be."""
        return len(self.seeds)

    def critical(self, n: int, alpha: float) -> float:
        """Return by how many standard errors the interval reaches to both sides at n pairs.

        For normal differences all the intervals of all looks together miss the true effect in at
        most `alpha` of comparisons. Infinite where there is no look. One look: Student's quantile
        t_{n-1, 1-alpha/2}. Automatic seeds: the horizon's boundary (`analysis.boundary`); where
        seeds go past the horizon, that has 4/5 of alpha and the anytime-valid t mixture
        (`analysis.anytime`) the rest.
        """
        if not self.auto:
            return t_quantile(n - 1, 1 - alpha / 2) if n >= 2 else math.inf
        if n < FEWEST or n > self.most:
            return math.inf
        if self.most <= self.horizon:
            return _horizon(n, self.horizon, alpha)
        if n <= self.horizon:
            return _horizon(n, self.horizon, (1 - KEPT_BACK) * alpha)
        return anytime.critical(n, KEPT_BACK * alpha)

    @property
    def spent(self) -> Spent:
        """What a verdict under this rule binds the comparison to."""
        return Spent(self.seeds, self.auto, self.horizon, self.worth, self.family)


def _horizon(n: int, horizon: int, alpha: float) -> float:
    if alpha >= SMALLEST:
        return boundary.critical(n, horizon, alpha)
    # Past what was simulated: the looks' errors, in the boundary's proportions, simply added up.
    share = n / sum(range(FEWEST, horizon + 1))
    return -t_quantile(n - 1, alpha * share / 2)
