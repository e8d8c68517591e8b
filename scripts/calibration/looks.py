"""All looks at many comparisons at once: `hikaku.analysis.course` again, by columns, for volume.

The real code judges about a thousand comparisons a second, this several hundred thousand. A test
holds the two equal, verdict by verdict and seed by seed. The widths of the intervals come from the
real `Rule.critical`; a comparison in which trials diverge is left to the real code.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from hikaku.analysis.rule import ALPHA, Rule
from hikaku.study.study import FEWEST, HORIZON

Array = NDArray[np.float64]
Ends = tuple[Array, Array]

TINY = 1e-9
"""A `worth` so small that "no practical difference" hides no error."""


@dataclass(frozen=True)
class Looked:
    """What came of each path: `effect` 1, -1 or 0, and whether it is no practical difference.

    `seeds` counts those used up to the verdict, or all of them. `low` and `high` are the ends of
    the printed interval at each look, (looks, paths), whether or not a verdict came before it.
    """

    effect: NDArray[np.int64]
    equal: NDArray[np.bool_]
    seeds: NDArray[np.int64]
    low: Array
    high: Array

    @property
    def declared(self) -> NDArray[np.bool_]:
        """Where helps or hurts was said."""
        return np.not_equal(self.effect, 0)

    def covers(self, truth: float) -> NDArray[np.bool_]:
        """Return where every printed interval of all looks holds the true effect."""
        missed = (self.low > truth) | (truth > self.high)
        return np.logical_not(missed.any(axis=0))


def automatic(seeds: int = HORIZON, family: int = 1, worth: float = TINY) -> Rule:
    """Return the rule of automatic seeds; past the horizon of 20 it keeps a reserve."""
    return Rule(tuple(range(seeds)), True, min(seeds, HORIZON), worth, family)


def follow(differences: Array, rule: Rule, alpha: float = ALPHA) -> Looked:
    """Return what the looks at these paths, (paths, seeds of the rule), come to."""
    paths, most = differences.shape
    means, errors = means_and_errors(differences)
    wide = narrow = (np.full(paths, -np.inf), np.full(paths, np.inf))
    effect, equal = np.zeros(paths, dtype=np.int64), np.zeros(paths, dtype=np.bool_)
    seeds, ends = np.full(paths, most), []
    for n in range(FEWEST, most + 1) if rule.auto else (most,):
        at = means[:, n - 1], errors[:, n - 1]
        wide = _meet(wide, *at, rule.critical(n, alpha))
        narrow = _meet(narrow, *at, rule.critical(n, 2 * alpha))
        ends.append(wide)
        open_ = (effect == 0) & ~equal
        equal |= open_ & (-rule.worth < narrow[0]) & (narrow[1] < rule.worth)
        effect += (open_ & ~equal) * ((wide[0] > 0).astype(np.int64) - (wide[1] < 0))
        seeds[open_ & ((effect != 0) | equal)] = n
    low, high = (np.array(side) for side in zip(*ends, strict=True))
    return Looked(effect, equal, seeds, low, high)


def t_statistics(differences: Array) -> Array:
    """Return mean / standard error after each seed, (paths, seeds); NaN after the first."""
    means, errors = means_and_errors(differences)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(errors == 0, 0.0, means / errors)


def means_and_errors(differences: Array) -> tuple[Array, Array]:
    """Return the mean and its standard error after each seed, both (paths, seeds)."""
    n = np.arange(1, differences.shape[1] + 1)
    # From the first value on: sums of squares of what lies far from 0 would lose its spread.
    shifted = differences - differences[:, :1]
    means = shifted.cumsum(axis=1) / n
    squares = np.maximum((shifted**2).cumsum(axis=1) - n * means**2, 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        errors = np.sqrt(squares / (n - 1) / n)
        # Differences without spread, as `sequence.standard_error` has it.
        for_equal = np.abs(differences[:, :1]) / stdtrit(np.maximum(n - 1, 1), 1 - 2.0**-n)
    alike = np.maximum.accumulate(np.abs(shifted), axis=1) == 0
    return means + differences[:, :1], np.where(alike, for_equal, errors)


def _meet(before: Ends, mean: Array, error: Array, critical: float) -> Ends:
    """Return what both intervals hold; where that is nothing, the one before."""
    if math.isinf(critical):
        return before
    low = np.maximum(before[0], mean - critical * error)
    high = np.minimum(before[1], mean + critical * error)
    held = low <= high
    return np.where(held, low, before[0]), np.where(held, high, before[1])


Said = Literal["helps", "hurts", "no-practical-difference", "undecided"]


def words(looked: Looked) -> list[Said]:
    """Return the verdicts as the real code words them."""
    of_effect: dict[int, Said] = {1: "helps", -1: "hurts", 0: "undecided"}
    pairs = zip(looked.effect.tolist(), looked.equal.tolist(), strict=True)
    return ["no-practical-difference" if equal else of_effect[effect] for effect, equal in pairs]
