"""What binds a comparison: verdicts of it that were shown before, and who shares its error."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from result_builder import compared, study_of

from hikaku.analysis.binding import rules
from hikaku.analysis.rule import Rule
from hikaku.analysis.verdict import compare, courses
from hikaku.record import Earlier, Results, Spent

BASE = [0.50, 0.52, 0.51, 0.50, 0.51, 0.52, 0.49, 0.50]
GOOD = [0.60, 0.63, 0.62, 0.59, 0.61, 0.61, 0.60, 0.62]
WORTH = 0.01


def fixed(seeds, worth=WORTH, family=1):
    return Spent(tuple(seeds), False, len(seeds), worth, family)


def automatic(most, worth=WORTH, family=1):
    return Spent(tuple(range(most)), True, min(most, 20), worth, family)


def bound(study, *rows):
    """The rule of variant a, whose comparison these rows bind."""
    results = Results(study.seeds, {}, spent={"a": rows})
    return rules(study, results, {one.name: {} for one in study.variants})["a"]


def test_an_unbound_comparison_follows_its_study():
    study = replace(study_of(["a", "b"], 34), auto=True)
    assert bound(study) == Rule(study.seeds, True, 20, WORTH, 2)
    assert bound(study_of(["a"], 34)) == Rule(tuple(range(34)), False, 34, WORTH, 1)
    assert bound(study_of(["a"], 7)) == Rule(tuple(range(7)), False, 7, WORTH, 1)


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
    results = Results(study.seeds, {}, spent=spent)
    assert rules(study, results, {"a": {}, "b": {}})["b"].bound is None


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


@pytest.mark.parametrize("first", [0, 40])
@pytest.mark.parametrize("budget", [5, 10, 19])
def test_automatic_seeds_reach_the_horizon_whatever_their_budget(first, budget):
    seeds = tuple(range(first, first + budget))
    study = replace(study_of(["a"]), seeds=seeds, auto=True)
    assert bound(study) == Rule(tuple(range(first, first + 20)), True, 20, WORTH, 1)
    assert bound(replace(study, auto=False)).seeds == seeds


def test_a_short_horizon_that_a_verdict_was_shown_with_stays():
    study = replace(study_of(["a"], 12), auto=True)
    found = bound(study, automatic(9))
    assert (found.seeds, found.horizon, found.most) == (tuple(range(9)), 9, 9)


def test_a_verdict_over_seeds_beyond_the_budget_binds_as_its_own_would_have():
    study = replace(study_of(["a"], 8), auto=True)
    row = fixed(range(15, 20), worth=1)
    assert bound(study, row).bound == row
    assert bound(study, fixed(range(20, 25), worth=1)).bound is None


DIFFERENCES = dict(enumerate([0.1, 0.11, 0.11, 0.09, 0.1, 0.09, 0.11, 0.12]))
OTHER = {seed: 0.02 * (seed + 1) for seed in range(8)}


def gone(differences=(), pair="x y", same_base=False, **changed):
    """What a comparison that the study has no more was bound to."""
    found = tuple(differences.items())[:5] if differences else ()
    row = replace(fixed(range(8), worth=1.0), differences=found, **changed)
    return Earlier(row, pair, same_base)


def after(*earlier, seeds=8, **found):
    """The rules of variants with these differences, after these rows."""
    study = study_of(list(found), seeds)
    return rules(study, Results(study.seeds, {}, earlier=earlier), found)


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("same_base", [True, False])
def test_a_comparison_is_known_again_by_its_differences(sign, same_base):
    """The text of an arm has changed and what it does has not; or base and variant were swapped."""
    row = gone({seed: sign * d for seed, d in DIFFERENCES.items()}, same_base=same_base)
    found = after(row, a=DIFFERENCES, b=OTHER)
    assert found["a"].bound == row.spent and found["a"].worth == 1.0
    assert found["b"].bound is None and found["b"].worth == WORTH
    assert found["a"].family == found["b"].family == 2


@pytest.mark.parametrize(
    "before",
    [
        {},
        {seed: DIFFERENCES[seed] for seed in (0, 1)},
        {**DIFFERENCES, 2: 0.12},
        {**DIFFERENCES, 0: -DIFFERENCES[0]},
        {seed + 100: d for seed, d in DIFFERENCES.items()},
        {seed: d + 1e-9 for seed, d in DIFFERENCES.items()},
        dict.fromkeys(DIFFERENCES, math.nan),
    ],
    ids=["none", "two", "one is another", "a sign is", "other seeds", "nearly", "no number"],
)
def test_what_has_other_differences_or_too_few_is_another_comparison(before):
    assert after(gone(before), a=DIFFERENCES)["a"].bound is None


def test_three_shared_seeds_with_equal_differences_are_enough():
    before = {seed: DIFFERENCES[seed] for seed in (1, 4, 6)}
    assert after(gone(before), a=DIFFERENCES)["a"].bound
    assert after(gone(DIFFERENCES), a=before)["a"].bound is None, "of five, only two are shared"
    assert after(gone(before), a={seed: DIFFERENCES[seed] for seed in (1, 4)})["a"].bound is None


def test_its_own_verdict_binds_before_one_that_is_known_by_its_differences():
    study, own = study_of(["a"], 8), fixed(range(8), worth=0.5)
    row = gone(DIFFERENCES, family=7)
    results = Results(study.seeds, {}, spent={"a": (own,)}, earlier=(row,))
    found = rules(study, results, {"a": DIFFERENCES})["a"]
    assert (found.bound, found.worth, found.family) == (own, 0.5, 7)


def test_the_family_counts_every_other_variant_that_was_judged_on_the_same_base():
    rows = (
        gone(OTHER, "base x", same_base=True),
        gone({}, "base y", same_base=True),
        gone({}, "base y", same_base=True, worth=0.3),
        gone({}, "other x"),
    )
    assert after(*rows, a=DIFFERENCES)["a"].family == 3
    assert after(*rows, a=DIFFERENCES, b=OTHER)["a"].family == 3, "x is b, and y another one"
    assert after(a=DIFFERENCES)["a"].family == 1


def test_a_variant_whose_text_alone_has_changed_counts_once():
    row = gone(DIFFERENCES, "base a", same_base=True)
    assert after(row, a=DIFFERENCES)["a"].family == 1
    # Before it is known again, it might be another one.
    assert after(row, a={})["a"].family == 2


def test_what_was_shown_over_other_seeds_counts_nothing():
    far = {"seeds": tuple(range(20, 28)), "family": 9}
    rows = (gone(DIFFERENCES, **far), gone({}, "base x", same_base=True, **far))
    found = after(*rows, a=DIFFERENCES)["a"]
    assert (found.bound, found.family) == (None, 1)


def test_two_edits_that_change_nothing_are_judged_as_before():
    """The whole way: figures, differences, verdict; and swapped, the mirrored one."""
    study, results = compared(BASE, a=GOOD)
    before = courses(study, results)["a"]
    row = Earlier(replace(before.spent, worth=0.05), "old a", same_base=False)
    study = replace(study, worth=0.5)
    assert compare(study, results)[0].verdict == "no-practical-difference"
    (again,) = compare(study, replace(results, earlier=(row,)))
    assert (again.verdict, again.worth) == ("helps", 0.05)
    swapped = compared(GOOD, worth=0.5, a=BASE)[1]
    (mirrored,) = compare(study, replace(swapped, earlier=(row,)))
    assert (mirrored.verdict, mirrored.worth) == ("hurts", 0.05)
    assert mirrored.effect == pytest.approx(-again.effect)
