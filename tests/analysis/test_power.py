"""How many more seeds would decide."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from hikaku.analysis.paired import Paired
from hikaku.analysis.power import MOST, more_seeds


def pairs(*differences):
    return Paired(tuple(range(len(differences))), differences)


def test_the_addition_is_the_smallest_that_would_exclude_zero():
    sample = pairs(-1.0, 0.0, 1.0, 2.0, 3.0)
    more = more_seeds(sample, worth=0.01, alpha=0.05)
    widths = {k: stats.t.ppf(0.975, 4 + k) * sample.sd / math.sqrt(5 + k) for k in (more - 1, more)}
    assert widths[more] < sample.mean <= widths[more - 1]


def test_the_addition_is_the_smallest_that_would_lie_inside_the_margin():
    sample = pairs(-2.0, -1.0, 0.0, 1.0, 2.0)
    more = more_seeds(sample, worth=1.0, alpha=0.05)
    widths = {k: stats.t.ppf(0.95, 4 + k) * sample.sd / math.sqrt(5 + k) for k in (more - 1, more)}
    assert widths[more] < 1.0 <= widths[more - 1]


def test_below_five_pairs_at_least_five_are_asked_for():
    assert more_seeds(pairs(), 0.01, 0.05) == 5
    assert more_seeds(pairs(1.0), 0.01, 0.05) == 4
    assert more_seeds(pairs(1.0, 1.1, 0.9), 0.01, 0.05) == 2
    assert more_seeds(pairs(0.0, 0.0, 0.0), 0.01, 0.05) == 2


def test_beyond_a_hundred_the_answer_is_more_than_that():
    assert more_seeds(pairs(-1.0, 1.0, -1.0, 1.0, 0.001), 1e-6, 0.05) == MOST + 1


@given(
    st.lists(st.floats(-1, 1), min_size=5, max_size=12), st.floats(1e-3, 1), st.floats(0.001, 0.05)
)
def test_a_stricter_level_never_needs_fewer_seeds(differences, worth, alpha):
    sample = pairs(*differences)
    assert more_seeds(sample, worth, alpha / 2) >= more_seeds(sample, worth, alpha)


@pytest.mark.parametrize(("alpha", "n"), [(0.05, 6), (0.01, 8), (0.05 / 15, 10)])
def test_equal_differences_need_as_many_seeds_as_a_sign_test(alpha, n):
    assert stats.binomtest(n, n).pvalue <= alpha < stats.binomtest(n - 1, n - 1).pvalue
    assert more_seeds(pairs(0.3, 0.3, 0.3), 0.01, alpha) == n - 3
