"""How many more seeds an undecided comparison will take, and with what chance it is decided.

Eats the differences so far and the rule. Makes: a `Forecast`, a prediction and no promise.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hikaku.analysis.course import Course, judge
from hikaku.analysis.paired import Paired
from hikaku.analysis.rule import Rule
from hikaku.analysis.sequence import Said, beyond_zeros, standard_error
from hikaku.study.study import FEWEST

DRAWS = 2000
UNLIKELY = 0.1
"""Below this chance the seeds that are left will hardly decide."""


@dataclass(frozen=True)
class Forecast:
    """What the seeds that are left will probably do.

    `chance` is the probability that they decide at all; where they do, `more` is the median number
    of further seeds, `low` to `high` holds 80 % of cases. `within[k]` is the chance of a verdict
    by k more seeds, k from 0. Without any verdict in sight `more` is all that are left.
    """

    more: int
    low: int
    high: int
    chance: float
    within: tuple[float, ...]


def forecast(course: Course) -> Forecast | None:
    """Return what further seeds will do; None where none are left or no spread is known yet.

    None, too, where the differences have decided and the verdict is withheld: it waits for what
    cannot be foretold. A verdict that would be withheld now counts as none.

    Effect and spread are drawn from their posterior under Jeffreys' prior, σ² ~ (n-1) s² / χ²_{n-1}
    and μ ~ N(d̄, σ²/n), further differences from N(μ, σ²), and each course so drawn goes through
    the same looks as the real one will. The draws are seeded: equal data, equal forecast.
    """
    rule, ds = course.rule, np.array(course.pairs.differences)
    left = rule.most - len(course.judged)
    waits = course.is_open and course.said == "undecided"
    if not waits or not rule.auto or left < 1 or len(ds) < 2:
        return None
    first = _first_decided(course, rule, ds, left)
    decided = first[first <= left]
    within = tuple(float(np.mean(first <= k)) for k in range(left + 1))
    if not decided.size:
        return Forecast(left, left, left, 0.0, within)
    low, more, high = np.quantile(decided, (0.1, 0.5, 0.9), method="nearest")
    return Forecast(int(more), int(low), int(high), within[-1], within)


def _first_decided(
    course: Course, rule: Rule, ds: NDArray[np.float64], left: int
) -> NDArray[np.int64]:
    """Return for each draw after how many more seeds it is decided, `left` + 1 for never."""
    n = len(ds)
    draws = np.random.Generator(np.random.PCG64(n))
    sd = standard_error(course.pairs.differences) * math.sqrt(n)
    sds = sd * np.sqrt((n - 1) / draws.chisquare(n - 1, DRAWS))
    means = draws.normal(ds.mean(), sds / math.sqrt(n))
    future = draws.normal(means[:, None], sds[:, None], (DRAWS, left))
    counts = n + np.arange(1, left + 1)
    mean = (ds.sum() + future.cumsum(1)) / counts
    squares = (ds @ ds + (future**2).cumsum(1)) - counts * mean**2
    error = np.sqrt(np.maximum(squares, 0) / (counts - 1) / counts)
    wide, narrow = (
        _reach(course.pairs, rule, counts, error, alpha)
        for alpha in (course.alpha, 2 * course.alpha)
    )
    held = course.latest
    # Before the first look an end may be infinite times nothing; fmax and fmin pass over that.
    with np.errstate(invalid="ignore"):
        low = _running(np.fmax, mean - wide, held.interval.low)
        high = _running(np.fmin, mean + wide, held.interval.high)
        inside_low = _running(np.fmax, mean - narrow, held.narrow.low)
        inside_high = _running(np.fmin, mean + narrow, held.narrow.high)
    decided = (
        (_stands("helps", course) & (low > 0))
        | (_stands("hurts", course) & (high < 0))
        | (
            _stands("no-practical-difference", course)
            & (inside_low > -rule.worth)
            & (inside_high < rule.worth)
        )
    )
    decided[:, counts < FEWEST] = False
    return np.where(decided.any(1), decided.argmax(1) + 1, left + 1)


def _reach(
    pairs: Paired, rule: Rule, counts: NDArray[np.int64], error: NDArray[np.float64], alpha: float
) -> NDArray[np.float64]:
    """Return how far the interval of each look reaches to both sides, (draws, looks) or (looks,).

    Zeros are foretold to stay zeros.
    """
    if not any(pairs.differences):
        return np.array([beyond_zeros(pairs.resolution, n, alpha) for n in counts.tolist()])
    with np.errstate(invalid="ignore"):
        return np.array([rule.critical(n, alpha) for n in counts.tolist()]) * error


def _stands(said: Said, course: Course) -> bool:
    """Return whether this verdict would not be withheld, by the seeds without a figure so far."""
    return judge(said, course.variant_endings, course.base_endings, None) == said


def _running(better: np.ufunc, ends: NDArray[np.float64], before: float) -> NDArray[np.float64]:
    return np.asarray(better(better.accumulate(ends, axis=1), before))
