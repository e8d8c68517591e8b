"""What a variant costs is told as multiples of base, of pairs that were measured alike."""

from __future__ import annotations

from dataclasses import replace
from math import isnan

import pytest

from hikaku.analysis.cost import overhead
from hikaku.record import Measured, Outcome, Results


def trial(
    seconds: float | None = 1.0,
    status: str = "done",
    environment: str = "here",
    parameters: int = 10,
    **cost: float,
) -> Measured:
    known = cost if seconds is None else {"seconds": seconds, **cost}
    arithmetic = "plain"
    return Measured(
        Outcome("key", status, 1, 1, 1, parameters, arithmetic, environment, cost=known)
    )


def results(base: list[Measured | None], variant: list[Measured | None]) -> Results:
    arms = {"base": base, "v": variant}
    trials = {
        (arm, seed): measured
        for arm, row in arms.items()
        for seed, measured in enumerate(row)
        if measured is not None
    }
    return Results(tuple(range(len(base))), trials)


def test_ratios_are_paired_by_seed_before_their_median_is_taken() -> None:
    base = [trial(1), trial(10), trial(2)]
    found = overhead(results(base, [trial(2), trial(11), trial(6)]), "v", "base")
    assert (found.seconds_ratio, found.seconds_low, found.seconds_high) == (2, 1.1, 3)
    assert (found.pairs, found.parameters, found.base_parameters) == (3, 10, 10)


def test_an_even_number_of_pairs_gives_the_mean_of_the_two_in_the_middle() -> None:
    found = overhead(results([trial(1), trial(1)], [trial(1), trial(2)]), "v", "base")
    assert found.seconds_ratio == 1.5


def test_memory_and_operations_are_compared_too() -> None:
    base = [trial(peak_mib=100.0, flops=1e9)] * 2
    found = overhead(results(base, [trial(peak_mib=150.0, flops=2e9)] * 2), "v", "base")
    assert (found.mib_ratio, found.flops_ratio) == (1.5, 2)


@pytest.mark.parametrize(
    "other",
    [None, trial(status="diverged"), trial(status="failed"), trial(environment="there")],
    ids=["missing", "diverged", "failed", "elsewhere"],
)
def test_only_pairs_that_were_measured_alike_count(other: Measured | None) -> None:
    found = overhead(results([trial(1), trial(1)], [trial(3), other]), "v", "base")
    assert (found.pairs, found.seconds_ratio) == (1, 3)
    alone = overhead(results([trial(1)], [other]), "v", "base")
    assert alone.pairs == 0
    assert isnan(alone.seconds_ratio) and isnan(alone.seconds_low) and isnan(alone.seconds_high)


def test_what_one_arm_does_not_know_is_unknown_and_not_zero() -> None:
    found = overhead(results([trial(1, flops=3.0)], [trial(2)]), "v", "base")
    assert found.seconds_ratio == 2
    assert isnan(found.flops_ratio) and isnan(found.mib_ratio)
    assert isnan(overhead(results([trial(0)], [trial(1)]), "v", "base").seconds_ratio)


def test_parameters_are_those_of_the_trials_that_are_done() -> None:
    failed = trial(status="failed", parameters=0)
    found = overhead(results([failed, trial()], [failed, failed]), "v", "base")
    assert (found.parameters, found.base_parameters) == (None, 10)
    more = [replace(m, outcome=replace(m.outcome, parameters=14)) for m in [trial()]]
    assert overhead(results([trial()], more), "v", "base").parameters == 14


@pytest.mark.parametrize("side", ["base", "variant", "both"])
def test_a_stacks_time_and_memory_are_no_ones_and_operations_are_counted(side: str) -> None:
    alone = trial(2, peak_mib=100.0, flops=1e9)
    share = trial(1, peak_mib=900.0, flops=1e9, stack=32.0)
    base, variant = share if side != "variant" else alone, share if side != "base" else alone
    found = overhead(results([base] * 2, [variant] * 2), "v", "base")
    assert isnan(found.seconds_ratio) and isnan(found.seconds_low) and isnan(found.mib_ratio)
    assert (found.flops_ratio, found.pairs, found.stacked, found.is_together) == (1, 2, 2, True)


def test_pairs_that_were_trained_alone_tell_the_time_of_all() -> None:
    base = [trial(1, flops=1.0, stack=1.0), trial(1, flops=1.0, stack=4.0)]
    found = overhead(results(base, [trial(3, flops=2.0), trial(9, flops=4.0)]), "v", "base")
    assert (found.seconds_ratio, found.flops_ratio, found.stacked) == (3, 3, 1)
    assert not found.is_together


@pytest.mark.parametrize("status", ["diverged", "failed"])
def test_a_trial_that_ended_badly_in_a_stack_tells_that_there_was_one(status: str) -> None:
    ended = trial(1, status=status, flops=1.0, stack=4.0)
    found = overhead(results([trial(1, flops=1.0)], [ended]), "v", "base")
    assert found.in_stack and isnan(found.flops_ratio)
    assert not overhead(results([trial(1)], [trial(1)]), "v", "base").in_stack
