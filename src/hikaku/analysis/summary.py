"""What each arm did by itself: means with intervals, outcomes, parameters and cost.

Eats: a `Study` and its `Results`. Makes: one `ArmSummary` per arm, base first. No verdict may be
read from two of them: their intervals can overlap although the paired difference is clear.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hikaku.analysis.student import mean_interval
from hikaku.record import Outcome, Results, Status
from hikaku.study.study import SPLITS, Arm, Study

OUTCOMES: tuple[Status, ...] = ("done", "diverged", "failed")


@dataclass(frozen=True)
class Estimate:
    """The mean of one metric over seeds with its 95 % t interval, in the metric's unit.

    `by_seed` follows the study's seeds; NaN where a trial has no figure, and those are not in the
    mean. The ends are NaN for fewer than two seeds, the mean for none.
    """

    mean: float
    ci_low: float
    ci_high: float
    by_seed: tuple[float, ...]


@dataclass(frozen=True)
class ArmSummary:
    """One arm over its seeds: `measured` gives each metric by split and name, at the end.

    `outcomes` counts the trials that ended, by how. `parameters` is None before one has ended that
    did not fail. `arithmetic` is how they were computed, more than one way after "; ", None before
    any. `cost` is the sum of `seconds` and `attempts` over them and the largest `peak_mib`, as far
    as they were measured, and `stack`, how many trials were one program at most, 1 for each alone.
    """

    name: str
    is_base: bool
    seeds: tuple[int, ...]
    measured: dict[str, dict[str, Estimate]]
    outcomes: dict[Status, int]
    parameters: int | None
    arithmetic: str | None
    cost: dict[str, float]


def summarize(study: Study, results: Results) -> tuple[ArmSummary, ...]:
    """Return the summary of each arm, base first; all have the same splits and metrics."""
    columns = _columns(results)
    return tuple(_summary(arm, results, columns) for arm in study.arms)


def _columns(results: Results) -> dict[str, tuple[str, ...]]:
    """Return which metrics were read at the end of any trial, by split, in the order met."""
    met = dict.fromkeys(
        (split, metric)
        for measured in results.trials.values()
        for reading, split, metric in measured.figures.layout.places
        if reading == "last"
    )
    return {split: tuple(name for at, name in met if at == split) for split in SPLITS}


def _summary(arm: Arm, results: Results, columns: dict[str, tuple[str, ...]]) -> ArmSummary:
    ended = [outcome for seed in results.seeds if (outcome := results.outcome(arm.name, seed))]
    return ArmSummary(
        name=arm.name,
        is_base=arm.is_base,
        seeds=results.seeds,
        measured={
            split: {name: _estimate(results, arm.name, name, split) for name in names}
            for split, names in columns.items()
        },
        outcomes={how: sum(outcome.status == how for outcome in ended) for how in OUTCOMES},
        parameters=next((one.parameters for one in ended if one.status != "failed"), None),
        arithmetic="; ".join(dict.fromkeys(e.arithmetic for e in ended if e.arithmetic)) or None,
        cost=_cost(ended),
    )


def _estimate(results: Results, arm: str, metric: str, split: str) -> Estimate:
    values = results.values(arm, metric, split, "last")
    return Estimate(*mean_interval(values), tuple(values.tolist()))


def _cost(ended: Sequence[Outcome]) -> dict[str, float]:
    def bill(name: str) -> list[float]:
        return [outcome.cost[name] for outcome in ended if name in outcome.cost]

    sums = {name: sum(bill(name)) for name in ("seconds", "attempts") if bill(name)}
    most = {"peak_mib": max(bill("peak_mib"))} if bill("peak_mib") else {}
    lanes = {"stack": max((1.0, *bill("stack")))} if bill("seconds") else {}
    return sums | most | lanes
