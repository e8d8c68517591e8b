"""Who reads the store and cannot remember a look is shown no verdict that nobody has seen."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from result_builder import bound_to, compared

from hikaku.analysis.endings import Endings
from hikaku.analysis.verdict import compare, courses
from hikaku.record import Earlier

BASE = [0.50, 0.52, 0.51, 0.50, 0.51, 0.52, 0.49, 0.50]
GOOD = [0.60, 0.63, 0.62, 0.59, 0.61, 0.61, 0.60, 0.62]
SAID = (
    "a is undecided: nobody has looked at it yet; `hikaku run` looks, and keeps in mind that it "
    "did."
)
PLANS = pytest.mark.parametrize("most", [None, 8, 20])


@PLANS
def test_what_nobody_has_looked_at_shows_nothing(most):
    study, results = compared(BASE, most=most, a=GOOD)
    (found,) = compare(study, results, seen=True)
    assert compare(study, results)[0].verdict == "helps"
    assert (found.verdict, found.unseen, str(found.sentence)) == ("undecided", True, SAID)
    ends = (
        found.effect,
        found.ci_low,
        found.ci_high,
        found.equivalence_low,
        found.equivalence_high,
    )
    assert all(map(math.isnan, ends))
    assert (found.seeds, found.differences, found.looks, found.p) == ((), (), (), 1.0)
    assert found.forecast is found.enough is found.limit is None
    assert math.isnan(found.lottery.unpaired) and math.isnan(found.correlation)
    assert found.notes == () and found.cautions == ()


@PLANS
@pytest.mark.parametrize("arm", ["a", "base"])
def test_nor_how_often_its_arms_diverged(arm, most):
    ends = {"a": GOOD, "base": BASE, arm: ["diverged"] * 8}
    study, results = compared(most=most, **ends)
    assert compare(study, results)[0].by == "divergence"
    (found,) = compare(study, results, seen=True)
    assert (found.verdict, found.by, found.cautions) == ("undecided", "differences", ())
    assert found.variant_endings == found.base_endings == Endings()


@PLANS
def test_what_somebody_has_looked_at_is_shown_as_ever(most):
    study, results = compared(BASE, most=most, a=GOOD)
    shown = bound_to(results, courses(study, results)["a"].spent)
    (found,) = compare(study, shown, seen=True)
    assert repr(found) == repr(compare(study, shown)[0])
    assert (found.verdict, found.unseen) == ("helps", False)


@PLANS
def test_a_verdict_known_by_its_differences_was_seen(most):
    study, results = compared(BASE, most=most, a=GOOD)
    row = Earlier(courses(study, results)["a"].spent, "old a", same_base=False)
    assert compare(study, replace(results, earlier=(row,)), seen=True)[0].verdict == "helps"


def test_each_comparison_stands_for_itself():
    study, results = compared(BASE, a=GOOD, b=GOOD)
    spent = courses(study, results)["b"].spent
    first, second = compare(study, bound_to(results, spent, "b"), seen=True)
    assert (first.unseen, second.unseen) == (True, False)


@pytest.mark.parametrize("n", range(1, 5))
@pytest.mark.parametrize("most", [None, 20])
def test_too_few_seeds_hide_nothing(n, most):
    study, results = compared(BASE[:n], most=most, a=GOOD[:n])
    (found,) = compare(study, results, seen=True)
    assert repr(found) == repr(compare(study, results)[0])
    assert not found.unseen and not math.isnan(found.effect)
    assert n == 1 or "(too few seeds)" in str(found.sentence)


def test_a_fixed_plan_with_holes_says_so():
    study, results = compared(BASE, a=[*GOOD[:7], None])
    (found,) = compare(study, results, seen=True)
    assert str(found.sentence) == "a is undecided: 1 of 8 seeds not finished."
    assert not found.unseen


def test_a_sequence_that_a_failure_stopped_is_not_seen_either():
    study, results = compared(BASE, most=20, worth=1e-6, a=[*BASE[1:7], "failed", 0.5])
    assert compare(study, results)[0].unfinished == 1
    (found,) = compare(study, results, seen=True)
    assert (found.unseen, found.unfinished, str(found.sentence)) == (True, 0, SAID)


def test_where_a_study_explores_it_is_the_same():
    variants = {f"v{i}": GOOD for i in range(16)}
    study, results = compared(BASE, **variants)
    spent = courses(study, results)["v3"].spent
    found = compare(study, bound_to(results, spent, "v3"), seen=True)
    assert [one.verdict for one in found if not one.unseen] == ["helps"]
    assert sum(one.unseen for one in found) == 15
