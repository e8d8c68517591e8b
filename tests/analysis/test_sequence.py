"""The confidence sequence: what each look says, and that interval and p value are one."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from result_builder import paired
from scipy import stats

from hikaku.analysis import anytime, boundary
from hikaku.analysis.paired import pair
from hikaku.analysis.rule import Rule
from hikaku.analysis.sequence import (
    Interval,
    Look,
    first_look,
    look,
    mean_of,
    p_value,
    standard_error,
)


def one_look(n, worth=0.5, family=1):
    return Rule(tuple(range(n)), False, n, worth, family)


def auto(most, horizon=None, worth=0.5, family=1):
    return Rule(tuple(range(most)), True, horizon or min(most, 20), worth, family)


RULES = {
    "horizon": auto(20),
    "short": auto(9),
    "reserve": auto(28),
    "family": auto(20, family=8),
}


def looks(differences, rule, alpha=0.05):
    """All looks at the growing list."""
    found, latest = [], first_look()
    for n in range(1, len(differences) + 1):
        latest = look(latest, paired(differences[:n]), rule, alpha)
        found.append(latest)
    return found


def prefixes(differences):
    return [differences[:n] for n in range(1, len(differences) + 1)]


def own(differences, rule, alpha):
    """The interval of this look alone."""
    half = rule.critical(len(differences), alpha) * stats.sem(differences)
    return np.mean(differences) - half, np.mean(differences) + half


@pytest.mark.parametrize("n", [2, 3, 5, 10, 30])
@pytest.mark.parametrize("family", [1, 7])
def test_one_look_is_the_interval_of_the_t_test(n, family):
    sample, alpha = np.random.default_rng(n).normal(0.2, 1, n).tolist(), 0.05 / family
    found = look(first_look(), paired(sample), one_look(n, family=family), alpha)
    oracle = stats.ttest_1samp(sample, 0)
    for interval, level in ((found.interval, 1 - alpha), (found.narrow, 1 - 2 * alpha)):
        assert (interval.low, interval.high) == pytest.approx(oracle.confidence_interval(level))
    p = p_value(prefixes(sample), one_look(n, family=family))
    assert p == (pytest.approx(oracle.pvalue) if n >= 5 else 1)


def test_earlier_looks_count_for_nothing_where_there_is_one():
    sample = [0.1, 0.2, -0.4, 0.3, 2.0, 1.0, 0.5]
    before = Look(6, 0.0, Interval(0.1, 0.2), Interval(0.1, 0.2))
    assert look(before, paired(sample), one_look(7), 0.05) == look(
        first_look(), paired(sample), one_look(7), 0.05
    )


def test_no_practical_difference_by_looks_is_two_one_sided_tests_at_each_threshold():
    rng = np.random.default_rng(5)
    decided = set()
    for _ in range(40):
        sample = rng.normal(0, 0.5, 20).tolist()
        threshold = [boundary.threshold(n, 20, 0.1) / 2 for n in range(5, 21)]
        rejected = {
            side: [
                stats.ttest_1samp(sample[:n], -s * 0.5, alternative=side).pvalue < p
                for n, p in zip(range(5, 21), threshold, strict=True)
            ]
            for side, s in (("greater", 1), ("less", -1))
        }
        both = np.logical_and(*(np.logical_or.accumulate(one) for one in rejected.values()))
        said = [one.says(0.5) == "no-practical-difference" for one in looks(sample, auto(20))]
        assert said[4:] == both.tolist()
        decided |= set(said)
    assert decided == {True, False}


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_the_interval_never_grows_and_holds_what_all_looks_share(rule):
    rng = np.random.default_rng(1)
    for _ in range(30):
        sample = rng.normal(0.3, 1, rule.most).tolist()
        found = looks(sample, rule, 0.05 / rule.family)
        lows, highs = zip(*((one.interval.low, one.interval.high) for one in found), strict=True)
        assert list(lows) == sorted(lows) and list(highs) == sorted(highs, reverse=True)
        assert lows[3] == -math.inf and math.isfinite(lows[4])
        ends = [own(sample[:n], rule, 0.05 / rule.family) for n in range(5, rule.most + 1)]
        shared = max(low for low, _ in ends), min(high for _, high in ends)
        if shared[0] <= shared[1]:
            assert (lows[-1], highs[-1]) == pytest.approx(shared)


def test_what_has_nothing_in_common_with_before_changes_nothing():
    assert Interval(0, 1).meet(Interval(2, 3)) == Interval(0, 1)
    assert Interval(0, 1).meet(Interval(1, 3)) == Interval(1, 1)
    assert Interval().meet(Interval(2, 3)) == Interval(2, 3)


@pytest.mark.parametrize("rule", [*RULES.values(), one_look(12)], ids=[*RULES, "one look"])
def test_p_is_at_most_alpha_exactly_where_some_look_excludes_no_effect(rule):
    rng = np.random.default_rng(2)
    met = set()
    for effect in (0.0, 0.4, 0.8, 1.2) * 12:
        sample = rng.normal(effect, 1, rule.most).tolist()
        starts = range(5, rule.most + 1) if rule.auto else (rule.most,)
        for alpha in (0.05, 0.01, 0.05 / 15, 0.0005):
            ends = (own(sample[:n], rule, alpha) for n in starts)
            excluded = any(low > 0 or high < 0 for low, high in ends)
            assert (p_value(prefixes(sample), rule) <= alpha) == excluded
            met.add(excluded)
    assert met == {True, False}


def test_p_without_a_look_is_one_and_never_rises():
    rule, sample = auto(20), np.random.default_rng(3).normal(0.5, 1, 20).tolist()
    assert p_value([], rule) == p_value(prefixes(sample[:4]), rule) == 1
    ps = [p_value(prefixes(sample[:n]), rule) for n in range(21)]
    assert ps == sorted(ps, reverse=True) and ps[-1] < 1


def test_a_seed_without_a_pair_is_no_further_look():
    rule, sample = auto(20), np.random.default_rng(3).normal(1, 1, 9).tolist()
    grown = prefixes(sample)
    assert p_value([*grown[:5], grown[4], *grown[5:], grown[8]], rule) == p_value(grown, rule)


def test_past_the_horizon_the_anytime_rule_goes_on():
    rule = auto(28)
    quiet = np.random.default_rng(4).normal(0, 1, 20).tolist()
    late = [*quiet, *[4.0] * 8]
    evidence = [anytime.e_value(stats.ttest_1samp(late[:n], 0).statistic, n) for n in range(21, 29)]
    p = p_value(prefixes(late), rule)
    assert p < p_value(prefixes(quiet), rule)
    assert p == pytest.approx(1 / max(evidence) / 0.2)


@pytest.mark.parametrize("d", [0.03, -2e-5, 7.0])
def test_equal_differences_have_the_p_of_a_sign_test_and_never_an_infinite_t(d):
    for n in (2, 5, 8, 20, 53, 54, 100, 2000):
        t = d / standard_error([d] * n)
        assert math.isfinite(t) and math.copysign(1, t) == math.copysign(1, d)
        if n < 1000:
            assert 2 * stats.t.sf(abs(t), n - 1) == pytest.approx(stats.binomtest(n, n).pvalue)
        found = look(first_look(), paired([d] * n), one_look(n), 0.05).interval
        assert found.low < d < found.high
    assert p_value(prefixes([d] * 100), one_look(100)) < 1e-25


@pytest.mark.parametrize(("family", "decides"), [(1, 9), (5, 11)])
def test_five_equal_differences_decide_nothing_and_many_do(family, decides):
    said = [one.says(0.001) for one in looks([0.03] * 20, auto(20), 0.05 / family)]
    assert said == ["undecided"] * (decides - 1) + ["helps"] * (21 - decides)


def test_identical_arms_are_no_different_from_the_fifth_seed_on():
    found = looks([0.0] * 7, auto(20))
    said = [one.says(1e-9) for one in found]
    assert said == ["undecided"] * 4 + ["no-practical-difference"] * 3
    assert found[4].interval == found[4].narrow == Interval(0, 0)
    assert p_value(prefixes([0.0] * 20), auto(20)) == 1


def test_of_equal_numbers_the_mean_is_that_number():
    assert mean_of([0.1] * 3) == 0.1
    assert math.isnan(mean_of([])) and math.isnan(standard_error([0.1]))
    sample = np.random.default_rng(0).normal(size=9).tolist()
    assert mean_of(sample) == pytest.approx(np.mean(sample))
    assert standard_error(sample) == pytest.approx(stats.sem(sample))


@given(st.lists(st.floats(-1, 1), min_size=5, max_size=20), st.floats(1e-3, 1))
def test_a_decision_by_the_differences_is_never_taken_back(sample, worth):
    said = [one.says(worth) for one in looks(sample, auto(20))]
    first = next((one for one in said if one != "undecided"), None)
    if first:
        after = set(said[said.index(first) :])
        # A help may turn out to be negligible, and no more than that.
        assert after <= {first, "no-practical-difference"}


def test_zeros_of_a_coarse_metric_leave_room_for_what_it_cannot_show():
    """An effect of twice `worth` at a tenth of the seeds: five zeros must not hide it."""
    rule = auto(20, worth=0.001)
    found = look(first_look(), paired([0.0] * 5, resolution=0.02), rule, 0.05)
    assert found.narrow.high == pytest.approx(0.02 * (1 - 0.1 ** (1 / 5)))
    assert found.says(0.001) == "undecided"
    assert found.says(0.01) == "no-practical-difference"
    assert look(first_look(), paired([0.0] * 5), rule, 0.05).says(1e-9) == "no-practical-difference"


def test_an_effect_that_few_seeds_show_is_seldom_called_negligible():
    rng = np.random.default_rng(0)
    worth, wrong = 0.002, 0
    for _ in range(400):
        base = rng.integers(40, 45, 20) / 50
        differences = (rng.random(20) < 0.1) * 0.02
        rule, latest = auto(20, worth=worth), first_look()
        for n in range(1, 21):
            pairs = pair(range(n), base[:n] + differences[:n], base[:n], "higher")
            latest = look(latest, pairs, rule, 0.05)
            if latest.says(worth) != "undecided":
                break
        wrong += latest.says(worth) == "no-practical-difference"
    assert wrong <= 0.07 * 400
