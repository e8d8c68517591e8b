"""How many seeds are still needed. A plan for an undecided comparison, not a promise.

Eats: what n pairs showed. Makes: a number of seeds.
"""

from __future__ import annotations

import math

from hikaku.analysis.paired import Paired
from hikaku.analysis.sequence import beyond_zeros, standard_error
from hikaku.analysis.t_law import t_quantile
from hikaku.study.study import FEWEST

MOST = 100
"""Beyond this many more seeds the answer is "more than"."""


def more_seeds(pairs: Paired, worth: float, alpha: float) -> int:
    """Return about how many more seeds would decide, 1 to `MOST`; `MOST` + 1 means more than that.

    The smallest addition after which, were effect and spread to stay as they are, the two-sided
    t interval of one look at 1 - alpha would exclude 0, or the one at 1 - 2 alpha would lie inside
    ± worth. Equal differences stay equal, and have the standard error of `standard_error`; zeros
    stay zeros, and decide once they leave less than `worth` that the metric cannot show.
    With fewer than 2 pairs no spread is known: what is missing up to `FEWEST`.
    """
    if pairs.n < 2:
        return FEWEST - pairs.n
    enough = (
        more
        for more in range(max(1, FEWEST - pairs.n), MOST + 1)
        if _would_decide(pairs, pairs.n + more, worth, alpha)
    )
    return next(enough, MOST + 1)


def _would_decide(pairs: Paired, n: int, worth: float, alpha: float) -> bool:
    effect = abs(pairs.mean)
    if not any(pairs.differences):
        return beyond_zeros(pairs.resolution, n, 2 * alpha) < worth
    error = standard_error([effect] * n) if pairs.equal else pairs.sd / math.sqrt(n)
    wide, narrow = (-t_quantile(n - 1, tail) * error for tail in (alpha / 2, alpha))
    return wide < effect or effect + narrow < worth
