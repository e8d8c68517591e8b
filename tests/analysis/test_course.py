"""How a comparison with automatic seeds goes: in the order of its list, to its first verdict."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from result_builder import ACCURACY, bound_to, compared

from hikaku.analysis.course import course as follow
from hikaku.analysis.course import figures
from hikaku.analysis.rule import Rule
from hikaku.analysis.verdict import compare, courses
from hikaku.record import Results, Spent

MOST = 20


def noise(n, effect=0.0, seed=0):
    """Figures of base and a variant that is better by `effect` spreads of the difference."""
    rng = np.random.default_rng(seed)
    base = rng.normal(0.9, 0.01, n)
    return base.tolist(), (base + rng.normal(effect * 0.01, 0.01, n)).tolist()


def only(base, most=MOST, worth=0.001, **variants):
    return compare(*compared(base, worth=worth, most=most, **variants))[0]


def went(base, most=MOST, worth=0.001, **variants):
    return courses(*compared(base, worth=worth, most=most, **variants))["a"]


def text(finding):
    """All of a finding but what it costs; as text, in which NaN equals NaN."""
    return repr(replace(finding, cost={}))


@pytest.mark.parametrize("effect", [0.0, 0.8, 2.0])
def test_what_lies_beyond_a_gap_is_not_looked_at(effect):
    base, a = noise(MOST, effect)
    for gap in (0, 3, 5, 9, 19):
        prefix = only(base[:gap], a=a[:gap])
        assert text(only(base, a=[*a[:gap], None, *a[gap + 1 :]])) == text(prefix)
        assert text(only([*base[:gap], None, *base[gap + 1 :]], a=a)) == text(prefix)


@settings(deadline=None)
@given(st.permutations(range(2 * MOST)), st.integers(0, 2 * MOST), st.sampled_from([0.0, 1.0]))
def test_the_order_in_which_trials_end_changes_nothing(order, ended, effect):
    base, a = noise(MOST, effect)
    study, results = compared(base, worth=0.001, most=MOST, a=a)
    there = {("base" if i < MOST else "a", i % MOST) for i in order[:ended]}
    trials = {place: results.trials[place] for place in results.trials if place in there}
    gap = next((s for s in range(MOST) if {("base", s), ("a", s)} - there), MOST)
    # Whatever ended beyond the gap, in whatever order it came in.
    shuffled = Results(results.seeds, dict(sorted(trials.items(), key=str, reverse=ended % 2 > 0)))
    assert text(compare(study, shuffled)[0]) == text(only(base[:gap], a=a[:gap]))


def test_the_seeds_are_taken_in_the_order_of_the_list():
    base, a = noise(8, 3.0)
    order = (5, 1, 7, 0, 6, 2, 3, 4)
    study, results = compared(base, worth=0.001, most=20, a=a)
    results = bound_to(results, Spent(order, True, 8, 0.001, 1))
    found = compare(study, results)[0]
    assert found.planned == found.seeds == order[: len(found.seeds)]
    del results.trials["a", 7]
    assert compare(study, results)[0].planned == (5, 1)


@pytest.mark.parametrize("budget", [5, 8, 19])
def test_a_budget_below_the_horizon_is_a_pause(budget):
    base, a = noise(budget, 0.0, seed=3)
    short, long = (went(base, most=most, worth=1e-4, a=a) for most in (budget, MOST))
    assert (short.rule.most, short.rule.horizon, len(short.judged)) == (MOST, MOST, budget)
    assert short.is_open and short.looks == long.looks and short.rule == long.rule


@pytest.mark.parametrize("effect", [2.0, -2.0])
def test_a_comparison_ends_with_its_first_verdict(effect):
    base, a = noise(MOST, effect)
    found = only(base, a=a)
    at = len(found.planned)
    assert found.verdict == ("helps" if effect > 0 else "hurts") and 5 <= at < 15
    assert only(base[: at - 1], a=a[: at - 1]).verdict == "undecided"
    for more in range(at, MOST + 1):
        opposite = [b - effect for b in base[at:more]]
        assert text(only(base[:more], a=[*a[:at], *opposite])) == text(found)


def test_a_failure_after_the_verdict_is_no_hole_in_it():
    base, a = noise(MOST, 2.0)
    found = only(base, a=a)
    at = len(found.planned)
    assert text(only(base, a=[*a[:at], "failed", *a[at + 1 :]])) == text(found)
    assert text(only([*base[: at + 1], "failed"], a=a)) == text(found)


@pytest.mark.parametrize("arm", ["a", "base"])
def test_a_failed_trial_stops_the_comparison_and_is_said(arm):
    base, a = noise(MOST, 0.0, seed=4)
    ends = {"a": a[:12], "base": base[:12]}
    ends[arm] = [*ends[arm][:7], "failed", *ends[arm][8:]]
    found, course = only(**ends), went(**ends)
    assert (found.verdict, found.unfinished, len(found.planned)) == ("undecided", 1, 7)
    assert not course.is_open and found.forecast is None and found.enough is None
    assert str(found.cautions[0]) == (
        f"{arm} failed at seed 7: the comparison goes no further until that is trained; "
        "the next run tries it again"
    )
    assert str(found.sentence).endswith("95 % interval, each seed on its own split.")


def test_a_failure_further_on_waits_for_its_turn():
    base, a = noise(MOST, 0.0, seed=4)
    course = went(base, a=[*a[:3], None, None, "failed", *a[6:]])
    assert course.is_open and not course.holes
    assert len(course.judged) == 3


def test_a_comparison_is_open_until_it_is_decided_or_its_seeds_end():
    base, a = noise(MOST, 0.0, seed=3)
    open_ = [went(base[:n], worth=1e-4, a=a[:n]).is_open for n in range(MOST + 1)]
    assert open_ == [True] * MOST + [False]
    base, a = noise(MOST, 2.0)
    at = len(went(base, a=a).judged)
    assert [went(base[:n], a=a[:n]).is_open for n in (at - 1, at, at + 1)] == [True, False, False]


@pytest.mark.parametrize("n", range(9))
def test_the_fifth_seed_is_the_first_look(n):
    base, a = noise(n, 0.5)
    assert went(base, a=a).is_look == (n >= 5)


def test_seeds_without_a_pair_are_counted_and_bring_no_look():
    base, a = noise(9, 0.0, seed=1)
    found = only(base, a=["diverged", a[1], "diverged", *a[3:]])
    assert (len(found.planned), len(found.seeds)) == (9, 7)
    assert [one.n for one in found.looks] == [5, 6, 7]
    without = only(base[:1] + base[2:3], a=a[:1] + a[2:3])
    assert without.looks == ()


def test_the_looks_are_those_that_a_reader_would_have_had():
    base, a = noise(MOST, 0.0, seed=3)
    found = only(base, worth=1e-4, a=a)
    assert [one.n for one in found.looks] == list(range(5, 21))
    for one in found.looks:
        then = only(base[: one.n], worth=1e-4, a=a[: one.n])
        assert (then.ci_low, then.ci_high) == (one.interval.low, one.interval.high)
        assert then.effect == pytest.approx(one.mean)


def test_a_withheld_verdict_leaves_the_comparison_open():
    base, a = noise(MOST, 3.0)
    lost = ["diverged", *a[1:12]]
    course = went(base[:12], a=lost)
    assert (course.said, course.verdict, course.is_open) == ("helps", "undecided", True)
    assert only(base[:12], a=lost).forecast is None
    # Once base has lost as many, nothing speaks against it.
    base[12] = "diverged"
    assert went(base[:13], a=[*lost, a[12]]).verdict == "helps"


def test_divergence_is_looked_at_after_each_seed_too():
    base, a = noise(MOST, 0.0, seed=3)
    lost = ["diverged"] * 6
    found = only(base, a=[*lost, *a[6:]])
    assert (found.verdict, len(found.planned)) == ("unstable", 6)
    found = only([*lost, *base[6:]], a=a)
    assert (found.verdict, found.by, len(found.planned)) == ("helps", "divergence", 6)
    assert only(base[:5], a=lost[:5]).verdict == "undecided"


def test_the_p_value_agrees_with_the_verdict_where_any_effect_is_worth_having():
    for seed in range(30):
        base, a = noise(12, 0.8, seed)
        results = compared(base, a=a)[1]
        short = Rule(tuple(range(12)), True, 12, 1e-9, 1)
        course = follow(figures(results, "a", ACCURACY), short, 0.05)
        assert (course.p <= 0.05) == (course.verdict in ("helps", "hurts"))


def test_a_fixed_plan_with_holes_has_no_p_value_yet():
    base, a = noise(8, 3.0)
    for ends, p in ((a, True), ([*a[:7], None], False), ([*a[:7], "failed"], False)):
        study, results = compared(base, a=ends)
        assert (courses(study, results)["a"].p < 1) == p
