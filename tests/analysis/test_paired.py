"""Paired differences and their t interval, against scipy.stats."""

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


@pytest.mark.parametrize("n", [2, 3, 5, 10, 30])
@pytest.mark.parametrize("level", [0.5, 0.9, 0.95, 0.99, 0.998])
def test_the_interval_is_that_of_the_paired_t_test(n, level):
    rng = np.random.default_rng(n)
    variant, base = rng.normal(0.9, 0.02, n), rng.normal(0.88, 0.02, n)
    oracle = stats.ttest_rel(variant, base).confidence_interval(level)
    assert paired(variant, base).interval(level) == pytest.approx((oracle.low, oracle.high))


def test_a_lower_metric_is_turned_so_that_plus_is_better():
    assert paired([1.0, 2.0], [3.0, 3.0], "lower").differences == (2.0, 1.0)
    assert paired([1.0, 2.0], [3.0, 3.0], "higher").differences == (-2.0, -1.0)


def test_only_seeds_where_both_arms_have_a_figure_enter():
    pairs = paired([1.0, nan, 3.0, nan], [0.0, 0.0, nan, nan])
    assert (pairs.seeds, pairs.differences) == ((0,), (1.0,))


def test_without_pairs_nothing_is_known():
    pairs = paired([nan, 1.0], [1.0, nan])
    assert pairs.n == 0
    assert np.isnan([pairs.mean, pairs.sd, *pairs.interval(0.95)]).all()


def test_one_pair_has_an_effect_but_no_interval():
    pairs = paired([1.5], [1.0])
    assert pairs.mean == 0.5
    assert np.isnan([pairs.sd, *pairs.interval(0.95)]).all()


def test_equal_differences_have_an_interval_without_width():
    # In binary these five differences are not quite equal; rounding is no spread.
    base = np.array([0.90, 0.81, 0.31, 0.57, 0.01])
    pairs = paired(base + 0.01, base)
    assert pairs.equal and not pairs.identical
    assert pairs.sd == 0
    assert pairs.interval(0.95) == (pairs.mean, pairs.mean)
    assert pairs.mean == pytest.approx(0.01)


def test_differences_within_rounding_of_zero_are_zero():
    pairs = paired([0.1 + 0.2] * 5, [0.3] * 5)
    assert pairs.identical
    assert pairs.interval(0.95) == (0, 0)


def test_a_real_difference_is_not_taken_for_rounding():
    pairs = paired([1.0, 1.0, 1.0 + 1e-9], [1.0, 1.0, 1.0])
    assert not pairs.equal


@given(
    st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6)), max_size=12),
    st.sampled_from([0.9, 0.95, 0.99]),
)
def test_no_figures_make_a_warning_or_a_backward_interval(figures, level):
    variant, base = zip(*figures, strict=True) if figures else ((), ())
    pairs = paired(variant, base)
    low, high = pairs.interval(level)
    assert low <= pairs.mean <= high if pairs.n >= 2 else math.isnan(low)


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
