"""Divergence as an endpoint of its own: does one arm diverge more often than the other?

Eats, seed by seed, which arms diverged. Makes: which arm does so more often, if that is decided.

A seed where both arms diverge, or neither, says nothing (McNemar 1947). Under "no difference" the
discordant seeds are fair coins, so every probability here is exact.
"""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from math import comb
from typing import Literal

NEVER = 10**9
"""More discordant seeds on one side than there can be."""


def diverges_more(
    variant_only: int, base_only: int, most: int, alpha: float, *, auto: bool
) -> Literal["variant", "base"] | None:
    """Return the arm that diverges more often, None where that is not decided.

    `variant_only` and `base_only` count the seeds at which one arm alone diverged, of at most
    `most`. Two-sided at `alpha`: at one look by the binomial test, and with `auto`, where a look
    follows every seed, by a boundary whose crossing has the probability `alpha` at most.
    """
    count = variant_only + base_only
    needed = boundary(alpha, most)[count] if auto else at_one_look(count, alpha)
    if max(variant_only, base_only) < needed:
        return None
    return "variant" if variant_only > base_only else "base"


def at_one_look(count: int, alpha: float) -> int:
    """Return how many of `count` discordant seeds must lie on one side: the exact binomial test."""
    return next(
        (k for k in range(count // 2 + 1, count + 1) if _two_sided_tail(count, k) <= alpha), NEVER
    )


@cache
def boundary(alpha: float, most: int) -> tuple[int, ...]:
    """Return by the count of discordant seeds, 0 to `most`, how many decide on one side.

    Each count takes the smallest number with which the probability of having crossed by then
    stays within `alpha`, so the earliest decisions are spent first: 6 of 6 at .05, 8 of 8 at .01.
    """
    needed, spent = [NEVER], 0.0
    # The probability of each number of heads among paths that have not crossed yet.
    alive = [1.0]
    for count in range(1, most + 1):
        alive = [(a + b) / 2 for a, b in pairwise([0.0, *alive, 0.0])]
        k = count + 1
        while k - 1 > count / 2 and spent + _outside(alive, k - 1) <= alpha:
            k -= 1
        if not _outside(alive, k):
            k = NEVER
        spent += _outside(alive, k)
        alive = [p if max(i, count - i) < k else 0.0 for i, p in enumerate(alive)]
        needed.append(k)
    return tuple(needed)


def _outside(alive: list[float], k: int) -> float:
    count = len(alive) - 1
    return sum(p for heads, p in enumerate(alive) if max(heads, count - heads) >= k)


def _two_sided_tail(count: int, k: int) -> float:
    return 2 * sum(comb(count, i) for i in range(k, count + 1)) / 2.0**count
