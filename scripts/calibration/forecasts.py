"""The forecasts of undecided comparisons: do their chances and their numbers of seeds come true?"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from calibration import gates
from calibration.gates import STATED, Item, Line, mean, near, rate
from calibration.handmade import judged
from calibration.looks import Array, automatic, follow
from hikaku.analysis.forecast import Forecast, forecast
from hikaku.study.study import HORIZON

AT = (5, 8, 12)
"""The seeds so far."""
WORTH, WIDE = 0.5, 3.0
"""`worth`, and the spread of the true effects, in standard deviations of the differences."""
DRAWN = 10
"""Comparisons that are drawn for one that is forecast; at 12 seeds about a fifth are undecided."""


def forecasts(comparisons: int) -> Item:
    """Measure whether the chance of a verdict is the share of verdicts, and the seeds those."""
    rng = np.random.default_rng(11)
    drawn = DRAWN * comparisons
    paths = rng.normal(rng.normal(0, WIDE, (drawn, 1)), 1.0, (drawn, HORIZON))
    looked = follow(paths, automatic(worth=WORTH))
    ends = np.where(looked.declared | looked.equal, looked.seeds, HORIZON + 1)
    return Item(
        "Do the forecasts come true?",
        "What is said of a comparison that is undecided after n seeds: with what chance the seeds "
        "that are left decide it, and how many of them that takes. The true effects are drawn from "
        f"a normal law with a spread of {WIDE:g} sd of the differences, `worth` is {WORTH:g} sd. "
        "The mean chance foretold is held against the share that was decided; of these the last "
        "line counts those whose number of further seeds lay between the two that were named, "
        "nominally .8: seeds are whole numbers, and both ends count.",
        tuple(line for n in AT for line in _at(n, paths, ends, comparisons)),
    )


def _at(n: int, paths: Array, ends: NDArray[np.int64], most: int) -> tuple[Line, ...]:
    undecided = np.flatnonzero(ends > n)[:most]
    ahead = [_ahead(paths[path, :n]) for path in undecided]
    chances = np.array([one.chance for one in ahead])
    more, came = ends[undecided] - n, ends[undecided] <= HORIZON
    inside = np.array([one.low <= k <= one.high for one, k in zip(ahead, more, strict=True)])
    foretold, near_it = float(chances.mean()), gates.OF_FORECAST
    return (
        mean(f"after {n} seeds: chance of a verdict, foretold", chances, STATED),
        rate(f"after {n} seeds: verdicts that came", came, near(foretold, near_it)),
        rate(f"after {n} seeds: after as many seeds as foretold", inside[came], STATED),
    )


def _ahead(differences: Array) -> Forecast:
    known = judged(differences.tolist(), [0.0] * len(differences), automatic(worth=WORTH))
    ahead = forecast(known)
    assert ahead, "an undecided comparison with seeds left has a forecast"
    return ahead
