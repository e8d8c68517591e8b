"""Paired differences: what a variant changed at each seed, and what that says of all seeds.

Eats: the judged figures of two arms. Makes: `Paired`, oriented so that + is better.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from hikaku.analysis.student import half_width, spread

SAME = 1e-12
"""Differences closer than this share of the figures are equal: rounding is no spread."""


@dataclass(frozen=True)
class Paired:
    """The differences variant - base, one per seed where both have a figure, + is better.

    Differences that agree up to rounding are stored as equal, and those within rounding of 0 as 0.
    """

    seeds: tuple[int, ...]
    differences: tuple[float, ...]

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

    @property
    def identical(self) -> bool:
        """Whether all differences are 0: the two arms gave the same figures."""
        return self.equal and self.differences[0] == 0

    def interval(self, level: float) -> tuple[float, float]:
        """Return the two-sided t interval of the mean difference at `level` in (0, 1).

        d̄ ± t_{n-1} s/√n, exact for normal differences. NaN ends for fewer than 2 pairs. Equal
        differences give an interval without width: the resolution of a metric cannot be known
        from its values, so no honest floor exists, and the finding carries a caution instead.
        """
        half = half_width(self.n, self.sd, level)
        return self.mean - half, self.mean + half


def pair(
    seeds: Sequence[int],
    variant: NDArray[np.float64],
    base: NDArray[np.float64],
    better: Literal["higher", "lower"],
) -> Paired:
    """Return the differences over the seeds where both figures, shape (seeds,), are finite."""
    both = np.isfinite(variant) & np.isfinite(base)
    higher, lower = (variant, base) if better == "higher" else (base, variant)
    differences = higher[both] - lower[both]
    size = max(np.abs(variant[both]).max(initial=0), np.abs(base[both]).max(initial=0))
    differences[np.abs(differences) <= SAME * size] = 0
    if differences.size and np.ptp(differences) <= SAME * size:
        differences[:] = differences[0]
    return Paired(
        tuple(seed for seed, used in zip(seeds, both, strict=True) if used),
        tuple(differences.tolist()),
    )
