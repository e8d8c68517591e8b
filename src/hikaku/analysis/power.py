"""How many seeds are still needed. A plan for an undecided comparison, not a promise.

Eats: what n pairs showed. Makes: a number of seeds.
"""

from __future__ import annotations

from hikaku.analysis.paired import Paired
from hikaku.analysis.student import half_width

FEWEST = 5
"""Below this many pairs there is no verdict: the t interval would rest on a guessed spread."""

MOST = 100
"""Beyond this many more seeds the answer is "more than"."""


def more_seeds(pairs: Paired, worth: float, alpha: float) -> int:
    """Return about how many more seeds would decide, 1 to `MOST`; `MOST` + 1 means more than that.

    The smallest addition after which, were effect and spread to stay as they are, the two-sided
    t interval at 1 - alpha would exclude 0, or the one at 1 - 2 alpha would lie inside ± worth.
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
    return (
        half_width(n, pairs.sd, 1 - alpha) < effect
        or effect + half_width(n, pairs.sd, 1 - 2 * alpha) < worth
    )
