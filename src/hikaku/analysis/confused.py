"""Which classes a variant confuses more or less than what it is compared with, beyond noise.

Eats `Results`. Makes `Confused`: the difference of two confusion matrices, and the cells of it
that more than chance has moved.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hikaku.analysis.t_law import t_below, t_quantile
from hikaku.record import Results
from hikaku.study.study import FEWEST

FALSE = 0.05
"""The share of cells that are told and only chance has moved, at most, on the mean."""

ENDLESS = 1e6
"""Degrees of freedom at which Student's law is the normal one."""

ONE = 1
"""Counts move in steps of one: the normal law, which does not, is asked one closer to 0."""

Counts = NDArray[np.int64]


@dataclass(frozen=True)
class Cell:
    """How much oftener samples of class `true` are taken for `answer`, over all seeds together.

    `low` to `high` is its interval at the level at which the cells that are told hold, as far as
    it is possible: a cell loses no more than base had in it, and gains no more than was asked.
    """

    true: int
    answer: int
    more: int
    low: float
    high: float

    @property
    def is_better(self) -> bool:
        """Whether that is good: fewer mistakes, or more right answers."""
        return (self.more > 0) == (self.true == self.answer)


@dataclass(frozen=True, eq=False)
class Confused:
    """Counts of `variant` less those of `base`, (classes, classes), rows true, over `seeds`.

    `cells` are those that differ beyond noise, the largest difference first; None where there are
    too few seeds to tell.
    """

    variant: str
    base: str
    seeds: int
    counts: Counts
    cells: tuple[Cell, ...] | None


def confused(results: Results, variant: str) -> Confused | None:
    """Return how the confusion of a variant differs from base's, None where it cannot be said.

    Only seeds count at which both arms were asked about as many samples of each class.
    """
    base = results.base_of(variant)
    pairs = [_pair(results, variant, base, seed) for seed in results.seeds]
    found = [one for one in pairs if one is not None]
    if len({one[0].shape for one in found}) != 1:
        return None
    after, before = np.stack(found, axis=1)
    cells = beyond_noise(after, before) if len(found) >= FEWEST else None
    return Confused(variant, base, len(found), (after - before).sum(axis=0), cells)


def beyond_noise(after: Counts, before: Counts) -> tuple[Cell, ...]:
    """Return the cells in which counts, (seeds, classes, classes) each, differ by more than chance.

    Of each cell with a mistake per seed and arm, the t test of the mean paired difference d over
    seeds. Its variance is half the cell's own and half that of cells of its size in this very
    comparison, with twice the degrees of freedom, for five seeds alone tell little of it; and no
    smaller than if every answer that moved had been tossed for (Σ|d|, as McNemar has it). Those
    cells are told of which 5 % are false (Benjamini and Hochberg 1995), with the intervals that go
    with them (Benjamini and Yekutieli 2005).
    """
    moved, sizes = after - before, _mistakes((after + before).mean(axis=0))
    own = moved.var(axis=0, ddof=1)
    typical = sizes * float(own.sum() / max(sizes.sum(), 1))
    spread = (own + typical) / 2
    held, asked = before.sum(axis=0), before.sum(axis=(0, 2))
    tests = [
        _Moved(
            true,
            answer,
            moved[:, true, answer],
            float(spread[true, answer]),
            (-int(held[true, answer]), int(asked[true] - held[true, answer])),
        )
        for true, answer in np.argwhere(sizes >= 2).tolist()
    ]
    level = _level([one.p for one in tests])
    told = [one.cell(level) for one in tests if one.p <= level]
    return tuple(sorted(told, key=lambda cell: -abs(cell.more)))


def _mistakes(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return counts with right answers as the mistakes of their class, for so many can move."""
    wrong = counts * ~np.eye(len(counts), dtype=bool)
    return wrong + np.diag(wrong.sum(axis=1))


@dataclass(frozen=True, eq=False)
class _Moved:
    """The differences at one cell, (seeds,), their variance, and between which their sum lies."""

    true: int
    answer: int
    differences: Counts
    variance: float
    possible: tuple[int, int]

    @property
    def seeds(self) -> int:
        return len(self.differences)

    @property
    def df(self) -> int:
        return 2 * (self.seeds - 1)

    @property
    def errors(self) -> tuple[float, float]:
        """The standard errors of the sum over seeds: by their spread, and by tosses."""
        tossed = float(np.abs(self.differences).sum())
        return math.sqrt(self.variance * self.seeds), math.sqrt(tossed)

    @property
    def p(self) -> float:
        """The larger p value of both, two-sided; 1 where nothing moved."""
        more, (spread, tossed) = abs(int(self.differences.sum())), self.errors
        if not more:
            return 1.0
        by_spread = t_below(self.df, -more / spread) if spread else 0.0
        return 2 * max(by_spread, t_below(ENDLESS, (ONE - more) / tossed))

    def cell(self, level: float) -> Cell:
        """Return what is told of it, with its interval at 1 - `level`."""
        more, (spread, tossed) = int(self.differences.sum()), self.errors
        by_spread = -t_quantile(self.df, level / 2) * spread
        half = max(by_spread, ONE - t_quantile(ENDLESS, level / 2) * tossed)
        least, most = self.possible
        low, high = max(more - half, float(least)), min(more + half, float(most))
        return Cell(self.true, self.answer, more, low, high)


def _pair(results: Results, variant: str, base: str, seed: int) -> tuple[Counts, Counts] | None:
    ends = [results.outcome(arm, seed) for arm in (variant, base)]
    if not all(end and end.status == "done" for end in ends):
        return None
    after, before = (results.sheet(arm, seed, "confusion") for arm in (variant, base))
    if after is None or before is None or after.shape != before.shape:
        return None
    counts = after.astype(np.int64), before.astype(np.int64)
    asked = [one.sum(axis=1) for one in counts]
    return counts if np.array_equal(*asked) else None


def _level(p: Sequence[float]) -> float:
    """Return the p value up to which cells are told; 0 where none is."""
    fits = [
        rank for rank, chance in enumerate(sorted(p), start=1) if chance <= FALSE * rank / len(p)
    ]
    return FALSE * fits[-1] / len(p) if fits else 0.0
