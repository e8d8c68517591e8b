"""At which seeds a comparison may be looked at, and how wide its interval is then."""

from __future__ import annotations

import math

import pytest
from scipy import stats

from hikaku.analysis import anytime, boundary
from hikaku.analysis.rule import Rule

WORTH = 0.01


def auto(most):
    return Rule(tuple(range(most)), True, min(most, 20), WORTH, 1)


def test_without_seeds_past_the_horizon_it_has_the_whole_error():
    for most in (5, 9, 20):
        for alpha in (0.05, 0.01, 0.1):
            for n in range(5, most + 1):
                assert auto(most).critical(n, alpha) == boundary.critical(n, most, alpha)


def test_seeds_past_the_horizon_are_paid_for_by_a_fifth_of_the_error():
    for alpha in (0.1, 0.05, 0.05 / 7):
        for n in range(5, 21):
            assert auto(30).critical(n, alpha) == boundary.critical(n, 20, 0.8 * alpha)
        for n in range(21, 31):
            assert auto(30).critical(n, alpha) == pytest.approx(anytime.critical(n, 0.2 * alpha))
    assert auto(30).critical(20, 0.05) == pytest.approx(2.75, abs=0.01)
    assert auto(30).critical(21, 0.05) == pytest.approx(4.18, abs=0.01)


@pytest.mark.parametrize("most", [5, 19, 20, 21, 45])
@pytest.mark.parametrize("family", [1, 15, 40, 900])
def test_every_look_from_five_seeds_to_the_last_can_decide_and_no_other(most, family):
    for alpha in (0.05 / family, 0.1 / family):
        found = [auto(most).critical(n, alpha) for n in range(most + 3)]
        assert all(map(math.isfinite, found[5 : most + 1]))
        assert set(found[:5]) == {math.inf} == set(found[most + 1 :])


@pytest.mark.parametrize("n", [2, 5, 40])
def test_one_look_is_student_s_quantile(n):
    one = Rule(tuple(range(n)), False, n, WORTH, 1)
    assert one.critical(n, 0.05) == pytest.approx(stats.t.ppf(0.975, n - 1))
    assert one.critical(1, 0.05) == one.critical(0, 0.05) == math.inf


def test_below_the_table_the_looks_errors_are_added_up():
    tails = [2 * stats.t.sf(auto(20).critical(n, 5e-5), n - 1) for n in range(5, 21)]
    assert sum(tails) == pytest.approx(5e-5)
    assert auto(20).critical(12, 5e-5) > auto(20).critical(12, 1e-4)
