"""What a variant costs beside base: time, memory, operations and parameters.

Eats: `Results`. Makes: `Overhead`, ratios over the seeds where both arms were measured alike.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from hikaku.record import Outcome, Results

UNKNOWN = float("nan")


@dataclass(frozen=True)
class Overhead:
    """What the trials of `variant` cost, as multiples of base's: 1.2 is a fifth more.

    Each ratio is the median, over the `pairs` of trials of one seed that both ended "done" in the
    same environment, of variant over base; `seconds_low` and `seconds_high` are the lowest and the
    highest. `mib_ratio` compares the largest memory of the whole process, libraries and data
    included; `flops_ratio` operations of all updates made. NaN where no pair has the figure.
    `parameters` are those that train, None where no trial of the arm has ended "done".

    A stack's time and memory are those of all its trials together and tell nothing of one of them:
    of the `stacked` pairs, where one side or both were trained in a stack with other trials, only
    operations are compared, which are counted. `in_stack` says whether any trial of either arm was
    trained so, whatever it ended with.
    """

    variant: str
    pairs: int
    seconds_ratio: float
    seconds_low: float
    seconds_high: float
    mib_ratio: float
    flops_ratio: float
    parameters: int | None
    base_parameters: int | None
    stacked: int = 0
    in_stack: bool = False

    @property
    def is_together(self) -> bool:
        """Whether time is not known, of trials that were trained in stacks."""
        return self.in_stack and math.isnan(self.seconds_ratio)


def overhead(results: Results, variant: str, base: str) -> Overhead:
    """Return what the arm `variant` cost beside the arm `base`, by the study's seeds."""
    pairs = tuple(_pairs(results, variant, base))
    alone = tuple(pair for pair in pairs if not any(map(_in_a_stack, pair)))
    seconds = _ratios(alone, "seconds")
    return Overhead(
        variant=variant,
        pairs=len(pairs),
        seconds_ratio=_median(seconds),
        seconds_low=min(seconds, default=UNKNOWN),
        seconds_high=max(seconds, default=UNKNOWN),
        mib_ratio=_median(_ratios(alone, "peak_mib")),
        flops_ratio=_median(_ratios(pairs, "flops")),
        parameters=_parameters(results, variant),
        base_parameters=_parameters(results, base),
        stacked=len(pairs) - len(alone),
        in_stack=any(map(_in_a_stack, _ended(results, variant, base))),
    )


def _ended(results: Results, *arms: str) -> Iterator[Outcome]:
    ends = (results.outcome(arm, seed) for arm in arms for seed in results.seeds)
    return (end for end in ends if end is not None)


def _in_a_stack(outcome: Outcome) -> bool:
    return outcome.cost.get("stack", 1) > 1


def _done(results: Results, arm: str, seed: int) -> Outcome | None:
    found = results.outcome(arm, seed)
    return found if found is not None and found.status == "done" else None


def _pairs(results: Results, variant: str, base: str) -> Iterator[tuple[Outcome, Outcome]]:
    """Yield both outcomes of each seed; clocks of two machines are not compared."""
    for seed in results.seeds:
        one, other = _done(results, variant, seed), _done(results, base, seed)
        if one and other and one.environment == other.environment:
            yield one, other


def _ratios(pairs: tuple[tuple[Outcome, Outcome], ...], name: str) -> list[float]:
    found = [(one.cost.get(name, UNKNOWN), other.cost.get(name, UNKNOWN)) for one, other in pairs]
    return [one / other for one, other in found if one >= 0 and other > 0]


def _median(ratios: list[float]) -> float:
    return float(np.median(ratios)) if ratios else UNKNOWN


def _parameters(results: Results, arm: str) -> int | None:
    ended = (_done(results, arm, seed) for seed in results.seeds)
    return next((outcome.parameters for outcome in ended if outcome), None)
