"""Which test samples a variant newly gets right or wrong, and which of them changed most.

Eats `Results` and which samples each seed tests. Makes `Example`s, the surest first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hikaku.exhibits import Example
from hikaku.record import Results

FEWEST_SEEDS = 2
"""A sample that fewer seeds tested says nothing of its arms: one run is luck."""

Rows = Mapping[int, NDArray[np.int64]]
"""By seed, the samples that it tests, as rows of the data set, in the order of the sheets."""


@dataclass(frozen=True, eq=False)
class Turned:
    """How often each sample was asked of both arms, and had right by each; arrays (samples,)."""

    asked: NDArray[np.int64]
    before: NDArray[np.int64]
    after: NDArray[np.int64]

    @property
    def counted(self) -> NDArray[np.bool_]:
        """Which samples were asked often enough."""
        return self.asked >= FEWEST_SEEDS

    @property
    def gained(self) -> NDArray[np.bool_]:
        """Which samples most seeds have right with the variant and wrong without it."""
        return self.counted & (2 * self.after > self.asked) & (2 * self.before < self.asked)

    @property
    def lost(self) -> NDArray[np.bool_]:
        """Which samples most seeds have wrong with the variant and right without it."""
        return self.counted & (2 * self.after < self.asked) & (2 * self.before > self.asked)


def turned(results: Results, variant: str, rows: Rows) -> Turned:
    """Return how often the variant and what it is compared with had each sample right.

    Only seeds count at which both arms are done, whose samples are known.
    """
    size = 1 + max((int(one.max()) for one in rows.values() if len(one)), default=-1)
    found = Turned(*(np.zeros(size, np.int64) for _ in range(3)))
    for seed, tested in rows.items():
        after, before = answers(results, variant, seed)
        if after is None or before is None or not len(after) == len(before) == len(tested):
            continue
        found.asked[tested] += 1
        found.before[tested] += before
        found.after[tested] += after
    return found


def answers(
    results: Results, variant: str, seed: int
) -> tuple[NDArray[np.bool_] | None, NDArray[np.bool_] | None]:
    """Return which test samples the variant had right, and which its base; None: not known."""
    found = []
    for arm in (variant, results.base_of(variant)):
        end, right = results.outcome(arm, seed), results.sheet(arm, seed, "correct")
        is_known = end is not None and end.status == "done" and right is not None
        found.append(right.astype(np.bool_) if is_known and right is not None else None)
    return found[0], found[1]


def most_changed(
    found: Turned, which: NDArray[np.bool_], true: NDArray[np.int64], most: int
) -> tuple[Example, ...]:
    """Return up to `most` of these samples, those first whose answers changed at most seeds.

    `true` holds the number of the class of each row. Of equals, the one comes first that fewer
    seeds were asked about, then the first in the data set.
    """
    rows = np.flatnonzero(which)
    changes = np.abs(found.after - found.before)[rows]
    order = np.lexsort((rows, found.asked[rows], -changes))[:most]
    return tuple(
        Example(
            row,
            int(true[row]),
            int(found.asked[row]),
            int(found.before[row]),
            int(found.after[row]),
        )
        for row in rows[order].tolist()
    )
