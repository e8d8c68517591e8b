"""Paired differences: what a variant changed at each seed, and what that says of all seeds.

Eats: the judged figures of two arms. Makes: `Paired`, oriented so that + is better.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from hikaku.analysis.student import spread

SAME = 1e-12
"""Differences closer than this share of the figures are equal: rounding is no spread."""

SAME_SINGLE = 5e-7
"""The same where the figures are single-precision numbers, as torch hands them out."""


@dataclass(frozen=True)
class Paired:
    """The differences variant - base, one per seed where both have a figure, + is better.

    Differences that agree up to rounding are stored as equal, and those within rounding of 0 as 0.
    `resolution` is the smallest gap between two figures of either arm, 0 where all are the same:
    a metric that counts samples cannot show a smaller difference at one seed.
    """

    seeds: tuple[int, ...]
    differences: tuple[float, ...]
    resolution: float = 0.0

    @property
    def n(self) -> int:
        """How many pairs there are."""
        return len(self.differences)

    @property
    def mean(self) -> float:
        """The effect: the mean difference, NaN without pairs."""
        if not self.n:
            return float("nan")
        # The mean of equal numbers is that number, and not its sum rounded and divided.
        return self.differences[0] if self.equal else float(np.mean(self.differences))

    @property
    def sd(self) -> float:
        """The sample standard deviation (n - 1) of the differences, NaN for fewer than 2 pairs."""
        return spread(self.differences)

    @property
    def equal(self) -> bool:
        """Whether all differences are the same number."""
        return len(set(self.differences)) == 1


def pair(
    seeds: Sequence[int],
    variant: NDArray[np.float64],
    base: NDArray[np.float64],
    better: Literal["higher", "lower"],
    step: float = 0.0,
) -> Paired:
    """Return the differences over the seeds where both figures, shape (seeds,), are finite.

    `step` is the metric's resolution, where that is known; else the figures tell.
    """
    both = np.isfinite(variant) & np.isfinite(base)
    higher, lower = (variant, base) if better == "higher" else (base, variant)
    differences = higher[both] - lower[both]
    rounding = _rounding(np.concatenate([variant[both], base[both]]))
    differences[np.abs(differences) <= rounding] = 0
    if differences.size and np.ptp(differences) <= rounding:
        differences[:] = differences[0]
    return Paired(
        tuple(seed for seed, used in zip(seeds, both, strict=True) if used),
        tuple(differences.tolist()),
        step or _resolution(np.concatenate([variant[both], base[both]]), rounding),
    )


def _resolution(figures: NDArray[np.float64], rounding: float) -> float:
    gaps = np.diff(np.sort(figures))
    return float(gaps[gaps > rounding].min(initial=np.inf)) if (gaps > rounding).any() else 0.0


def _rounding(figures: NDArray[np.float64]) -> float:
    """Return by how much the differences of these figures may be off for rounding alone."""
    size = float(np.abs(figures).max(initial=0))
    if size > np.finfo(np.float32).max:
        return SAME * size
    single = np.array_equal(figures.astype(np.float32), figures)
    return (SAME_SINGLE if single else SAME) * size
