"""Published figures, each beside what one run shows.

Eats a `Claim` with published figures, and `Results`. Makes one `Level` per figure.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from hikaku.analysis.claim_figures import at_epoch, figures
from hikaku.analysis.one_run import LEVEL, one_run
from hikaku.analysis.sequence import Interval
from hikaku.record import Results
from hikaku.study.study import Claim


@dataclass(frozen=True)
class Level:
    """A published figure of an arm, after `epoch` (0: at the end), and ours over the seeds.

    `measured` is the mean of ours, read as the source read it, `interval` where one further run
    lies in 95 of 100 cases. `honest` is the mean of ours at the end on all of the split; NaN for a
    figure on the way. `far` says that it lies outside the interval that all figures of the claim
    share. NaN and the whole line where nothing was measured.
    """

    arm: str
    epoch: int
    published: float
    measured: float
    interval: Interval
    honest: float
    far: bool = field(compare=False)

    @property
    def inside(self) -> bool:
        """Whether one run of ours might have shown the published figure."""
        return self.interval.low <= self.published <= self.interval.high


def levels(claim: Claim, results: Results) -> tuple[Level, ...]:
    """Return the published figures of a claim, by arm and epoch."""
    return tuple(_levels(claim, results))


def _levels(claim: Claim, results: Results) -> Iterator[Level]:
    among = sum(len(values) for _, values in claim.published)
    for arm, values in claim.published:
        for number, published in enumerate(values, start=1):
            epoch = number if len(values) > 1 else 0
            ours, honest = _ours(claim, results, arm, epoch)
            wide = one_run(ours, 1 - (1 - LEVEL) / among)
            far = not wide.low <= published <= wide.high
            yield Level(arm, epoch, published, _mean(ours), one_run(ours), _mean(honest), far)


def _ours(
    claim: Claim, results: Results, arm: str, epoch: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return our figures as the source read them, and as we do; finite ones alone."""
    if epoch:
        found = at_epoch(results, arm, claim.figure, claim.reading, epoch)
        return found[np.isfinite(found)], np.empty(0)
    both = (figures(results, arm, claim.figure, how) for how in (claim.reading, "last"))
    ours, honest = (found[np.isfinite(found)] for found in both)
    return ours, honest


def _mean(values: NDArray[np.float64]) -> float:
    return float(np.mean(values)) if len(values) else float("nan")
