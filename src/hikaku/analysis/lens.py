"""A published gap, taken apart into technique, way of measuring, and luck.

Eats a `Claim` with published figures of both arms, and `Results`. Makes `Lens`es.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from hikaku.analysis.claim_figures import figures
from hikaku.analysis.one_run import one_difference
from hikaku.analysis.twin import alike
from hikaku.record import Results
from hikaku.study.study import Claim


@dataclass(frozen=True)
class Lens:
    """What a published difference `arm` - `other` is made of; the three parts add up to it.

    `technique` is the mean paired difference of ours, read at the end on all of the split.
    `measuring` is what the same trials show more when they are read as the source read them.
    `luck` is what is left: one run of each arm on one seed, and, on other pixels or settings,
    those too. Differences of one run each, read so, lie within ± `spread` of their mean in 95 of
    100 cases. All in the unit of the figure, not oriented; NaN where nothing was measured.
    """

    arm: str
    other: str
    published: float
    technique: float
    measuring: float
    luck: float
    spread: float

    @property
    def is_luck(self) -> bool:
        """Whether what is left is no more than two single runs may differ by."""
        return abs(self.luck) <= self.spread


def lenses(claim: Claim, results: Results) -> tuple[Lens, ...]:
    """Return one lens per pair of arms that has a published figure of each, at the end."""
    return tuple(_lenses(claim, results))


def _lenses(claim: Claim, results: Results) -> Iterator[Lens]:
    ends = {arm: values[0] for arm, values in claim.published if len(values) == 1}
    for arm, other in zip(claim.arms, claim.against, strict=False):
        if arm in ends and other in ends:
            yield _lens(claim, results, (arm, other), ends[arm] - ends[other])


def _lens(claim: Claim, results: Results, pair: tuple[str, str], published: float) -> Lens:
    names = alike(results, *pair)
    honest = [figures(results, name, claim.figure) for name in names]
    theirs = [figures(results, name, claim.figure, claim.reading) for name in names]
    known = np.isfinite(honest + theirs).all(axis=0)
    if not known.any():
        nan = float("nan")
        return Lens(*pair, published, nan, nan, nan, nan)
    technique = float(np.mean((honest[0] - honest[1])[known]))
    expected = float(np.mean((theirs[0] - theirs[1])[known]))
    spread = one_difference(theirs[0][known], theirs[1][known])
    return Lens(*pair, published, technique, expected - technique, published - expected, spread)
