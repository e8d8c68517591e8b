"""Paired differences, and Student's t interval against scipy.stats."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from hikaku.analysis.paired import pair
from hikaku.analysis.student import half_width, mean_interval, spread

nan = math.nan


def paired(variant, base, better="higher"):
    return pair(range(len(base)), np.array(variant, float), np.array(base, float), better)


def test_a_lower_metric_is_turned_so_that_plus_is_better():
    assert paired([1.0, 2.0], [3.0, 3.0], "lower").differences == (2.0, 1.0)
    assert paired([1.0, 2.0], [3.0, 3.0], "higher").differences == (-2.0, -1.0)


def test_only_seeds_where_both_arms_have_a_figure_enter():
    pairs = paired([1.0, nan, 3.0, nan], [0.0, 0.0, nan, nan])
    assert (pairs.seeds, pairs.differences) == ((0,), (1.0,))


def test_without_pairs_nothing_is_known():
    pairs = paired([nan, 1.0], [1.0, nan])
    assert pairs.n == 0
    assert np.isnan([pairs.mean, pairs.sd]).all()


def test_one_pair_has_an_effect_but_no_spread():
    pairs = paired([1.5], [1.0])
    assert pairs.mean == 0.5
    assert math.isnan(pairs.sd)


def test_differences_that_are_equal_but_for_rounding_are_equal():
    # In binary these five differences are not quite equal; rounding is no spread.
    base = np.array([0.90, 0.81, 0.31, 0.57, 0.01])
    pairs = paired(base + 0.01, base)
    assert len(set((base + 0.01 - base).tolist())) > 1
    assert pairs.equal
    assert pairs.sd == 0
    assert pairs.mean == pytest.approx(0.01)


def test_differences_within_rounding_of_zero_are_zero():
    assert paired([0.1 + 0.2] * 5, [0.3] * 5).differences == (0, 0, 0, 0, 0)


def test_figures_of_single_precision_have_the_rounding_of_that():
    right = np.array([871, 480, 263, 674, 91])
    base, better = np.float32(right / 1000), np.float32((right + 4) / 1000)
    raw = better.astype(float) - base.astype(float)
    assert len(set(raw.tolist())) > 1
    assert paired(better, base).equal
    # The same numbers in double precision, of which one was really another.
    assert not paired((right + 4) / 1000 + [0, 0, 0, 0, 1e-8], right / 1000).equal


def test_a_real_difference_is_not_taken_for_rounding():
    pairs = paired([1.0, 1.0, 1.0 + 1e-9], [1.0, 1.0, 1.0])
    assert not pairs.equal


@given(st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6)), max_size=12))
def test_no_figures_make_a_warning_or_a_mean_outside_of_them(figures):
    variant, base = zip(*figures, strict=True) if figures else ((), ())
    pairs = paired(variant, base)
    assert pairs.n == len(figures)
    if figures:
        size = max(map(abs, pairs.differences))
        assert min(pairs.differences) - 1e-9 * size <= pairs.mean
        assert pairs.mean <= max(pairs.differences) + 1e-9 * size


def test_the_figures_handed_in_are_left_as_they_were():
    variant, base = np.array([0.1 + 0.2]), np.array([0.3])
    pair((0,), variant, base, "higher")
    assert (variant[0], base[0]) == (0.1 + 0.2, 0.3)


def test_a_mean_interval_skips_what_is_not_finite():
    sample = [1.0, 2.0, 4.0]
    low, high = stats.t.interval(0.95, 2, np.mean(sample), stats.sem(sample))
    assert mean_interval([1.0, nan, 2.0, 4.0]) == pytest.approx((7 / 3, low, high))


def test_equal_values_have_no_spread_whatever_their_sum_rounds_to():
    assert spread([0.1] * 3) == 0
    assert mean_interval([0.1] * 3) == (0.1, 0.1, 0.1)


def test_small_samples_know_less_and_not_more():
    assert np.isnan([half_width(1, 1.0, 0.95), spread([1.0]), *mean_interval([])]).all()
    widths = [half_width(n, 1.0, 0.95) for n in range(2, 40)]
    assert widths == sorted(widths, reverse=True)


@pytest.mark.parametrize("level", [0.5, 0.9, 0.95, 0.99, 0.998])
def test_the_half_width_is_that_of_the_t_interval(level):
    sample = np.random.default_rng(0).normal(0.9, 0.02, 7)
    oracle = stats.ttest_1samp(sample, 0).confidence_interval(level)
    assert half_width(7, spread(sample), level) == pytest.approx((oracle.high - oracle.low) / 2)
