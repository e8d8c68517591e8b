"""What the charts show."""

from __future__ import annotations

import math

import numpy as np
import pytest
from result_builder import ACCURACY, compared, trial
from scipy import stats

from hikaku.analysis.curves import band, best_step, confusion, paired_values
from hikaku.record import Results

AT = ("validation", "loss")


def results(*ends):
    trials = {("a", seed): made for seed, made in enumerate(ends) if made is not None}
    return Results(tuple(range(len(ends))), trials)


def curve(*values, status="done"):
    return trial(curves={AT: [(10 * (i + 1), v) for i, v in enumerate(values)]}, status=status)


def shown(*ends):
    return band(results(*ends), "a", "loss", "validation")


def test_the_band_is_the_pointwise_t_interval_of_the_mean():
    found = shown(curve(0.9, 0.5), curve(0.8, 0.4), curve(0.4, 0.3))
    low, high = stats.t.interval(0.95, 2, 0.4, stats.sem([0.5, 0.4, 0.3]))
    assert found.steps.tolist() == [10, 20]
    assert found.mean == pytest.approx([0.7, 0.4])
    assert (found.low[1], found.high[1]) == pytest.approx((low, high))
    assert (found.n.tolist(), found.steps_per_epoch) == ([3, 3], 10)


def test_a_mean_curve_ends_where_fewer_than_two_seeds_are_left():
    found = shown(curve(0.9, 0.5, 0.4, 0.3), curve(0.7, 0.5, 0.2), curve(0.8))
    assert found.steps.tolist() == [10, 20, 30]
    assert found.n.tolist() == [3, 2, 2]
    assert found.mean == pytest.approx([0.8, 0.5, 0.3])


def test_a_single_seed_shows_its_curve_without_a_band():
    found = shown(curve(0.9, 0.5), None, curve(0.1, status="diverged"))
    assert found.mean.tolist() == [0.9, 0.5]
    assert np.isnan([found.low, found.high]).all()


def test_without_a_finished_trial_there_is_no_curve():
    assert shown(None, curve(0.5, status="failed")) is None
    assert shown(trial()) is None


def test_a_value_that_is_not_finite_is_left_out():
    found = shown(curve(0.9, math.nan), curve(0.7, 0.5), curve(0.8, 0.3))
    assert found.n.tolist() == [3, 2]
    assert found.mean == pytest.approx([0.8, 0.4])


def test_the_best_step_is_the_median_over_seeds_of_the_lowest_validation_loss():
    made = results(curve(0.9, 0.5, 0.6), curve(0.4, 0.5, 0.6), curve(0.4, 0.3, 0.2), None)
    assert best_step(made, "a") == 20
    assert math.isnan(best_step(results(None, trial(), curve(0.1, status="diverged")), "a"))


def test_confusions_add_up_over_finished_seeds():
    made = results(
        trial(confusion=[[3, 1], [0, 4]]), trial(confusion=[[2, 2], [1, 3]]), trial(),
        trial(confusion=[[9, 9], [9, 9]], status="diverged"),
    )  # fmt: skip
    assert confusion(made, "a").tolist() == [[5, 3], [1, 7]]
    assert confusion(results(trial(), None), "a") is None


def test_paired_values_are_the_figures_as_measured():
    _, made = compared([0.5, 0.6, "diverged"], a=[0.7, None, 0.9])
    found = paired_values(made, "a", ACCURACY)
    assert (found.variant, found.seeds) == ("a", (0, 1, 2))
    np.testing.assert_equal(found.values, (0.7, math.nan, 0.9))
    np.testing.assert_equal(found.base_values, (0.5, 0.6, math.nan))
