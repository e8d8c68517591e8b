"""Seeds that bring no pair: what they withhold, and what they decide by themselves."""

from __future__ import annotations

import pytest
from result_builder import ACCURACY, compared

from hikaku.analysis.course import judge
from hikaku.analysis.endings import Endings
from hikaku.analysis.verdict import compare
from hikaku.study.study import Metric

STEPS = Metric("accuracy", "validation", "steps-to", better="lower", target=0.9)


def only(base, metric=ACCURACY, worth=0.01, **variants):
    study, results = compared(base, metric, worth, **variants)
    return compare(study, results)[0]


NO = Endings()


@pytest.mark.parametrize(
    ("said", "variant", "base", "more", "verdict"),
    [
        ("helps", NO, NO, None, "helps"),
        # One more divergence is no verdict, but it withholds those that it speaks against.
        ("helps", Endings(diverged=1), NO, None, "undecided"),
        ("hurts", Endings(diverged=1), NO, None, "hurts"),
        ("undecided", Endings(diverged=1), NO, None, "undecided"),
        ("no-practical-difference", Endings(diverged=1), NO, None, "undecided"),
        ("helps", Endings(diverged=1), Endings(diverged=1), None, "helps"),
        ("hurts", Endings(diverged=2), Endings(diverged=2), None, "hurts"),
        ("helps", NO, Endings(diverged=1), None, "helps"),
        ("hurts", NO, Endings(diverged=1), None, "undecided"),
        ("no-practical-difference", NO, Endings(diverged=1), None, "undecided"),
        ("helps", Endings(blank=1), NO, None, "undecided"),
        ("hurts", Endings(blank=1), NO, None, "hurts"),
        ("no-practical-difference", Endings(blank=1), NO, None, "undecided"),
        ("helps", NO, Endings(blank=1), None, "helps"),
        ("hurts", NO, Endings(blank=1), None, "undecided"),
        ("no-practical-difference", NO, Endings(blank=1), None, "undecided"),
        ("helps", Endings(blank=2), Endings(blank=2), None, "helps"),
        ("helps", Endings(blank=1), Endings(diverged=1), None, "undecided"),
        ("hurts", Endings(blank=1), Endings(diverged=1), None, "undecided"),
        # That one arm diverges more often is decided.
        ("helps", Endings(diverged=6), NO, "variant", "unstable"),
        ("hurts", Endings(diverged=6), NO, "variant", "unstable"),
        ("no-practical-difference", Endings(diverged=6), NO, "variant", "unstable"),
        ("undecided", NO, Endings(diverged=6), "base", "helps"),
        ("no-practical-difference", NO, Endings(diverged=6), "base", "helps"),
        ("hurts", NO, Endings(diverged=6), "base", "undecided"),
        ("undecided", Endings(blank=6), Endings(diverged=6), "base", "undecided"),
    ],
)
def test_lost_seeds_withhold_the_verdicts_that_they_speak_against(
    said, variant, base, more, verdict
):
    assert judge(said, variant, base, more) == verdict


GOOD = [0.90, 0.91, 0.92, 0.91, 0.90, 0.91]
POOR = [0.50, 0.52, 0.51, 0.50, 0.51, 0.52]


def test_a_variant_that_alone_diverges_at_six_seeds_is_unstable_however_good_it_is():
    lost = ["diverged"] * 6
    finding = only(POOR + POOR, a=lost + GOOD)
    assert (finding.verdict, finding.by) == ("unstable", "divergence")
    assert finding.seeds == (6, 7, 8, 9, 10, 11)
    assert finding.variant_endings == Endings(diverged=6)
    assert finding.ci_low > 0
    assert finding.enough is None
    assert only(POOR, a=lost).verdict == "unstable"
    assert only(POOR + POOR, a=[*lost[:5], 0.9, *GOOD]).verdict == "undecided"


def test_a_base_that_always_diverges_is_helped_by_what_does_not():
    finding = only(["diverged"] * 6, a=GOOD)
    assert (finding.verdict, finding.by, finding.seeds) == ("helps", "divergence", ())
    assert only(["diverged"] * 5, a=GOOD[:5]).verdict == "undecided"
    for n, verdict in ((8, "helps"), (7, "undecided")):
        others = dict.fromkeys("bcde", ["diverged"] * n)
        assert only(["diverged"] * n, a=[0.9] * n, **others).verdict == verdict


def test_no_single_difference_contradicts_what_divergences_decided():
    finding = only(["diverged"] * 6 + [0.93, 0.5], a=[*GOOD, 0.91, 0.92])
    assert (finding.verdict, finding.by, len(finding.seeds)) == ("helps", "divergence", 2)
    told = " ".join(map(str, finding.notes))
    assert "pointed the other way than the mean" in told
    assert "said the opposite" not in told


def test_one_divergence_of_the_variant_is_not_unstable_and_no_help_but_hurts_stands():
    finding = only(POOR, a=["diverged", *GOOD[1:]])
    assert (finding.verdict, finding.ci_low > 0) == ("undecided", True)
    assert finding.variant_endings == Endings(diverged=1)
    assert only(GOOD, a=["diverged", *POOR[1:]]).verdict == "hurts"
    assert only(GOOD, worth=1, a=["diverged", *POOR[1:]]).verdict == "undecided"


def test_divergence_of_both_arms_leaves_a_verdict_on_the_rest():
    assert only(["diverged", *POOR[1:]], a=["diverged", *GOOD[1:]]).verdict == "helps"
    assert only(["diverged", *POOR[1:]], a=GOOD).verdict == "helps"
    assert only(["diverged", *GOOD[1:]], a=POOR).verdict == "undecided"
    # Two seeds lost to the same count of divergences: four pairs are too few.
    finding = only(["diverged", *POOR[1:]], a=[GOOD[0], "diverged", *GOOD[2:]])
    assert (finding.verdict, len(finding.seeds), finding.enough) == ("undecided", 4, 5)


def test_a_target_that_only_base_reaches_is_no_plain_help():
    fast, slow = [10, 11, 12, 11, 10, 12], [30, 31, 32, 31, 30, 33]
    assert only(slow, STEPS, 1, a=fast).verdict == "helps"
    assert only(slow, STEPS, 1, a=["blank", *fast[1:]]).verdict == "undecided"
    assert only(["blank", *slow[1:]], STEPS, 1, a=fast).verdict == "helps"
    assert only(fast, STEPS, 1, a=["blank", *slow[1:]]).verdict == "hurts"
    assert only(["blank", *fast[1:]], STEPS, 1, a=slow).verdict == "undecided"
    assert only(fast, STEPS, 5, a=[*fast[:5], "blank"]).verdict == "undecided"
    assert only(["blank", *slow[1:]], STEPS, 1, a=["blank", *fast[1:]]).verdict == "helps"
    # It never diverges, and never gets anywhere: not a help either.
    assert only(["diverged"] * 6, STEPS, 1, a=["blank"] * 6).verdict == "undecided"


def test_more_seeds_are_not_promised_where_they_are_not_what_is_missing():
    fast = [10, 11, 12, 11, 10, 12]
    assert only([30] * 6, STEPS, 1, a=["blank", *fast[1:]]).enough is None
    assert only(["blank"] * 5, STEPS, 1, a=["blank"] * 5).enough is None
