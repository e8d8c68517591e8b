"""What each arm did by itself."""

from __future__ import annotations

import math

import numpy as np
import pytest
from result_builder import study_of, trial
from scipy import stats

from hikaku.analysis.summary import summarize
from hikaku.record import Results

SEEDS = (0, 1, 2, 3, 4)


def summaries(**arms):
    trials = {(arm, seed): end for arm, ends in arms.items() for seed, end in enumerate(ends)}
    names = [name for name in arms if name != "base"]
    return summarize(study_of(names), Results(SEEDS, trials))


def end(value, seconds=1.0, **how):
    figures = {("last", "test", "accuracy"): value, ("last", "train", "loss"): 2 * value}
    return trial({**figures, ("best", "test", "accuracy"): -1.0}, seconds=seconds, **how)


def test_the_base_comes_first_and_then_the_variants_in_their_order():
    found = summaries(base=[end(0.5)], b=[end(0.5)], a=[end(0.5)])
    assert [(arm.name, arm.is_base) for arm in found] == [
        ("base", True), ("b", False), ("a", False),
    ]  # fmt: skip


def test_a_mean_over_seeds_brings_its_t_interval():
    values = [0.5, 0.6, 0.55, 0.7, 0.65]
    found = summaries(base=[end(value) for value in values])[0].measured["test"]["accuracy"]
    low, high = stats.t.interval(0.95, 4, np.mean(values), stats.sem(values))
    assert (found.mean, found.ci_low, found.ci_high) == pytest.approx((0.6, low, high))
    assert found.by_seed == tuple(values)


def test_a_trial_without_a_figure_is_nan_and_not_in_the_mean():
    found = summaries(base=[end(0.5), end(0.9, status="diverged"), end(0.7)])[0]
    accuracy = found.measured["test"]["accuracy"]
    assert accuracy.mean == pytest.approx(0.6)
    np.testing.assert_equal(accuracy.by_seed, (0.5, math.nan, 0.7, math.nan, math.nan))


def test_one_seed_has_no_interval_and_none_has_no_mean():
    found = summaries(base=[end(0.5)], a=[])
    one, none = (arm.measured["test"]["accuracy"] for arm in found)
    assert one.mean == 0.5
    assert np.isnan([one.ci_low, one.ci_high, none.mean]).all()


def test_every_arm_has_the_same_splits_and_metrics():
    base, a = summaries(base=[end(0.5)], a=[])
    assert {split: list(names) for split, names in base.measured.items()} == {
        "train": ["loss"], "validation": [], "test": ["accuracy"],
    }  # fmt: skip
    assert [list(names) for names in a.measured.values()] == [["loss"], [], ["accuracy"]]


def test_outcomes_count_final_states_only():
    ends = [end(0.5), end(0.5, status="diverged"), end(0.5, status="failed"), end(0.5)]
    base, a = summaries(base=ends, a=[])
    assert base.outcomes == {"done": 2, "diverged": 1, "failed": 1}
    assert a.outcomes == {"done": 0, "diverged": 0, "failed": 0}


def test_seconds_and_attempts_add_up_and_memory_is_the_largest():
    base, a = summaries(base=[end(0.5, 2.0), end(0.5, 5.0, status="failed")], a=[])
    assert base.cost == {"seconds": 7, "attempts": 2, "peak_mib": 50, "stack": 1}
    assert a.cost == {}
    assert (base.parameters, a.parameters) == (1234, None)
