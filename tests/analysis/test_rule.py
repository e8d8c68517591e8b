"""At which seeds a comparison may be looked at, with which share of the error, and who says so."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from result_builder import compared, study_of
from scipy import stats

from hikaku.analysis import anytime, boundary
from hikaku.analysis.rule import Rule, rule
from hikaku.analysis.verdict import compare, courses
from hikaku.record import Results, Spent

BASE = [0.50, 0.52, 0.51, 0.50, 0.51, 0.52, 0.49, 0.50]
GOOD = [0.60, 0.63, 0.62, 0.59, 0.61, 0.61, 0.60, 0.62]
WORTH = 0.01


def auto(most):
    return Rule(tuple(range(most)), True, min(most, 20), WORTH, 1)


def fixed(seeds, worth=WORTH, family=1):
    return Spent(tuple(seeds), False, len(seeds), worth, family)


def automatic(most, worth=WORTH, family=1):
    return Spent(tuple(range(most)), True, min(most, 20), worth, family)


def bound(study, *rows):
    return rule(study, Results(study.seeds, {}, spent={"a": rows}), "a")


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


def test_an_unbound_comparison_follows_its_study():
    study = replace(study_of(["a", "b"], 34), auto=True)
    assert bound(study) == Rule(study.seeds, True, 20, WORTH, 2)
    assert bound(study_of(["a"], 34)) == Rule(tuple(range(34)), False, 34, WORTH, 1)
    assert bound(replace(study_of(["a"], 7), auto=True)).horizon == 7


def test_an_edited_worth_is_that_of_the_first_verdict():
    study = study_of(["a"], 8, worth=0.5)
    assert bound(study, fixed(range(8))).worth == WORTH
    assert bound(study, fixed(range(8), worth=math.nan)).worth == 0.5


def test_raised_seeds_are_not_looked_at():
    assert bound(study_of(["a"], 12), fixed(range(8))).seeds == tuple(range(8))
    more = replace(study_of(["a"], 40), auto=True)
    found = bound(more, automatic(20))
    assert (found.seeds, found.horizon, found.auto) == (tuple(range(20)), 20, True)
    assert not bound(more, fixed(range(8))).auto


@pytest.mark.parametrize(("now", "before", "shared"), [(1, 4, 4), (4, 1, 4), (2, 2, 2), (3, 0, 3)])
def test_the_error_is_shared_by_as_many_as_it_ever_was(now, before, shared):
    study = study_of([f"{name}" for name in "abcdef"[:now]], 8)
    assert bound(study, fixed(range(8), family=before)).family == shared


def test_the_oldest_verdict_binds_and_the_largest_family_counts():
    study = study_of(["a"], 8)
    found = bound(study, fixed(range(5), family=2), fixed(range(3, 9), worth=1, family=7))
    assert (found.seeds, found.worth, found.family) == (tuple(range(5)), WORTH, 7)


def test_other_seeds_are_another_comparison():
    study = replace(study_of(["a"], 8), seeds=tuple(range(20, 28)))
    assert bound(study, fixed(range(8), worth=1, family=9)) == Rule(study.seeds, False, 8, WORTH, 1)
    spent = {"a": (fixed(range(8)),)}
    study = study_of(["a", "b"], 8)
    assert rule(study, Results(study.seeds, {}, spent=spent), "b").bound is None


def judged(rows, seeds=8, **asked):
    """The finding of a study over the first seeds, of a comparison that these rows bind."""
    study, results = compared(BASE[:seeds], a=GOOD[:seeds])
    study = replace(study, **asked)
    return compare(study, replace(results, spent={"a": rows}))[0]


def test_a_verdict_stays_that_of_its_first_seeds():
    first = judged((), seeds=5)
    later = judged((fixed(range(5)),), seeds=8)
    assert later.differences == first.differences
    assert (later.ci_low, later.ci_high) == (first.ci_low, first.ci_high)


def test_seeds_of_a_bound_plan_that_the_study_lacks_are_missing():
    finding = judged((fixed(range(12)),))
    assert (finding.verdict, finding.unfinished) == ("undecided", 4)
    assert any("of which this study has 8" in str(one) for one in finding.cautions)


def test_a_bound_sequence_goes_on_where_the_study_now_has_one_look():
    finding = judged((automatic(20),))
    assert finding.rule.auto
    assert finding.planned == tuple(range(len(finding.planned)))
    assert finding.verdict == "helps"


def test_what_a_verdict_binds_to_is_its_own_rule():
    study, results = compared(BASE, a=GOOD, most=20)
    went = courses(study, results)["a"]
    assert went.rule.spent == automatic(20)
    again = courses(study, replace(results, spent={"a": (went.rule.spent,)}))["a"]
    assert replace(again.rule, bound=None) == went.rule
    assert (again.judged, again.verdict, again.looks) == (went.judged, went.verdict, went.looks)
