"""The one-seed lottery: what people would have said who trained once before and once after.

Eats: the judged figures of two arms over the same seeds. Makes: shares of single runs that would
have misled, the correlation that pairing lives on, and the sentences about both.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from hikaku.analysis.course import Verdict
from hikaku.analysis.numbers import percent, plain
from hikaku.analysis.paired import SAME, pair
from hikaku.words import Message, message

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Lottery:
    """The share of single before/after runs, in [0, 1], that would have said the opposite.

    `paired` are those with the same seed before and after, `unpaired` those with two different
    seeds, as people do it. NaN where there is nothing that could be contradicted.
    """

    paired: float
    unpaired: float


@dataclass(frozen=True)
class Truth:
    """What all seeds say, by which single runs are judged: oriented so that + is better.

    `mean` is their effect; where it is `negligible`, only what is worth having contradicts it.
    Differences up to `rounding` are none, and `worth` is as much wider.
    """

    mean: float
    worth: float
    rounding: float
    negligible: bool

    def opposed(self, seen: Array) -> Array:
        """Return for each difference seen 1 where it says the opposite, 0 where it does not.

        One half where no difference is seen and all seeds show one: a coin decides what is said.
        """
        if self.negligible:
            return (np.abs(seen) > self.worth + self.rounding).astype(np.float64)
        against = np.where(np.abs(seen) <= self.rounding, 0, -np.sign(self.mean) * seen)
        return np.heaviside(against, 0.5)


def lottery(
    values: Array,
    base_values: Array,
    better: Literal["higher", "lower"],
    worth: float,
    verdict: Verdict,
) -> Lottery:
    """Return how often one run of each arm would have said the opposite.

    `values` and `base_values`, shape (seeds,), are the judged figures of variant and base, NaN
    where there is none. Opposite to "no-practical-difference" is a difference beyond ± `worth`;
    to all else a difference against the mean one, and no difference counts half. Both shares are
    over all pairs of finite figures: of one seed, or of any two different seeds. NaN for fewer than
    two seeds with both figures, and where the mean difference is 0 and the verdict another.
    """
    pairs = pair(range(len(values)), values, base_values, better)
    negligible = verdict == "no-practical-difference"
    if pairs.n < 2 or (pairs.mean == 0 and not negligible):
        return Lottery(math.nan, math.nan)
    truth = Truth(pairs.mean, worth, rounding(values, base_values), negligible)
    sign = 1 if better == "higher" else -1

    def misled(differences: Array) -> tuple[float, int]:
        known = sign * differences[np.isfinite(differences)]
        return float(truth.opposed(known).sum()), len(known)

    same, pairs_of_same = misled(values - base_values)
    # Seed by seed: thousands of seeds are millions of pairs.
    crossed = [misled(value - np.delete(base_values, seed)) for seed, value in enumerate(values)]
    other, pairs_of_others = np.sum(crossed, axis=0)
    return Lottery(same / pairs_of_same, float(other / pairs_of_others))


def rounding(values: Array, base_values: Array) -> float:
    """Return by how much a difference of these figures may be off for rounding alone."""
    return SAME * max(float(np.nanmax(np.abs(row))) for row in (values, base_values))


def single_runs(
    values: Array, base_values: Array, better: Literal["higher", "lower"], most: int = 100
) -> Array:
    """Return what each run of the variant seems to bring over each run of base of another seed.

    Oriented so that + is better, in rising order; over the first `most` seeds, of n finite figures
    in both arms n (n - 1) differences.
    """
    own, other = values[:most, None], base_values[None, :most]
    found = (own - other if better == "higher" else other - own)[~np.eye(len(own), dtype=bool)]
    return np.sort(found[np.isfinite(found)])


def correlation(values: Array, base_values: Array) -> float:
    """Return Pearson's correlation of the arms' figures over the seeds where both are finite.

    Pairing narrows the interval by as much as this is above 0. NaN for fewer than three such seeds,
    and where an arm's figures do not spread.
    """
    both = np.isfinite(values) & np.isfinite(base_values)
    arms = (values[both], base_values[both])
    if both.sum() < 3 or any(np.ptp(arm) <= SAME * np.abs(arm).max() for arm in arms):
        return math.nan
    return float(np.corrcoef(*arms)[0, 1])


def said(found: Lottery, verdict: Verdict) -> Message | None:
    """Return how often a single run misleads, in words; None where that cannot be known."""
    if math.isnan(found.unpaired):
        return None
    shares = {"share": percent(found.unpaired), "paired": percent(found.paired)}
    if verdict == "no-practical-difference":
        return message(
            "a single run would have shown a difference worth having in {share} % of cases "
            "({paired} % with the same seed)",
            **shares,
        )
    if verdict in ("helps", "hurts"):
        return message(
            "a single run would have said the opposite in {share} % of cases "
            "({paired} % with the same seed)",
            **shares,
        )
    return message(
        "a single run would have pointed the other way than the mean in {share} % of cases "
        "({paired} % with the same seed)",
        **shares,
    )


def said_of_pairing(found: float) -> Message | None:
    """Return what `correlation` found, in words; None where it is not known."""
    if math.isnan(found):
        return None
    return message(
        "pairing: the arms' figures correlate with {correlation} over seeds",
        correlation=plain(found, 2),
    )
