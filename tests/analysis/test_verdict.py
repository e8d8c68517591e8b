"""Each rule of the verdict, its boundary, and what must not change it."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from result_builder import ACCURACY, LOSS, compared, study_of, trial
from scipy import stats

from hikaku.analysis.endings import Endings
from hikaku.analysis.paired import Paired
from hikaku.analysis.verdict import compare, decide, judge
from hikaku.record import Results
from hikaku.study.study import Metric

STEADY = (-2.0, -1.0, 0.0, 1.0, 2.0)
"""Five deviations of mean 0 and sample standard deviation √2.5."""

STEPS = Metric("accuracy", "validation", "steps-to", better="lower", target=0.9)


def pairs(mean, deviations=STEADY, scale=1.0):
    differences = tuple(mean + scale * deviation for deviation in deviations)
    return Paired(tuple(range(len(differences))), differences)


def half(level, n=5, variance=2.5):
    return stats.t.ppf((1 + level) / 2, n - 1) * math.sqrt(variance / n)


def only(base, metric=ACCURACY, worth=0.01, **variants):
    study, results = compared(base, metric, worth, **variants)
    return compare(study, results)[0]


def test_an_interval_above_zero_helps_and_one_below_hurts():
    edge = half(0.95)
    assert decide(pairs(edge * 1.001), worth=0.01, family=1) == "helps"
    assert decide(pairs(edge * 0.999), worth=0.01, family=1) == "undecided"
    assert decide(pairs(-edge * 0.999), worth=0.01, family=1) == "undecided"
    assert decide(pairs(-edge * 1.001), worth=0.01, family=1) == "hurts"


@pytest.mark.parametrize("family", [1, 2, 5, 20])
def test_the_level_is_shared_among_the_variants(family):
    edge = half(1 - 0.05 / family)
    assert decide(pairs(edge * 1.001), worth=0.01, family=family) == "helps"
    assert decide(pairs(edge * 0.999), worth=0.01, family=family) == "undecided"


def test_a_second_variant_makes_the_first_harder_to_call():
    base = [0.90, 0.91, 0.89, 0.90, 0.92]
    gains = [0.0, 0.01, 0.02, 0.03, 0.04]
    good = [b + g for b, g in zip(base, gains, strict=True)]
    assert only(base, a=good).verdict == "helps"
    assert only(base, a=good, b=base).verdict == "undecided"
    assert only(base, a=good, b=base).level == pytest.approx(0.975)


@pytest.mark.parametrize("family", [1, 5])
def test_no_practical_difference_is_two_one_sided_tests(family):
    alpha = 0.05 / family
    for effect in (0.0, 0.7, -0.7):
        edge = abs(effect) + half(1 - 2 * alpha)
        sample = pairs(effect)
        for worth, said in ((edge * 1.001, "no-practical-difference"), (edge * 0.999, "undecided")):
            assert decide(sample, worth, family) == said
            greater = stats.ttest_1samp(sample.differences, -worth, alternative="greater").pvalue
            less = stats.ttest_1samp(sample.differences, worth, alternative="less").pvalue
            assert (max(greater, less) < alpha) == (said == "no-practical-difference")


def test_a_difference_as_large_as_worth_is_worth_having():
    assert decide(pairs(0.01, scale=0), worth=0.01, family=1) == "helps"
    assert decide(pairs(0.0099, scale=0), worth=0.01, family=1) == "no-practical-difference"


def test_an_effect_that_is_real_but_negligible_is_no_practical_difference():
    tiny = pairs(0.005, scale=1e-4)
    assert tiny.interval(0.95)[0] > 0
    assert decide(tiny, worth=0.01, family=1) == "no-practical-difference"
    assert decide(tiny, worth=0.001, family=1) == "helps"


@pytest.mark.parametrize("n", [0, 1, 2, 3, 4])
def test_below_five_seeds_nothing_is_decided(n):
    finding = only([0.5] * n, a=[0.9] * n)
    assert finding.verdict == "undecided"
    assert only([0.5] * n, a=[0.5] * n).verdict == "undecided"
    assert finding.more_seeds == (5 - n if n else None)


def test_identical_figures_are_no_practical_difference():
    finding = only([0.5, 0.6, 0.7, 0.8, 0.9], a=[0.5, 0.6, 0.7, 0.8, 0.9])
    assert finding.verdict == "no-practical-difference"
    assert finding.differences == (0, 0, 0, 0, 0)
    assert (finding.ci_low, finding.ci_high) == (0, 0)
    assert decide(pairs(0.0, scale=0), worth=0.0, family=1) == "no-practical-difference"


def test_identical_gains_at_every_seed_help():
    finding = only([0.90, 0.81, 0.31, 0.57, 0.01], a=[0.93, 0.84, 0.34, 0.60, 0.04])
    assert finding.verdict == "helps"
    assert finding.ci_low == finding.ci_high == finding.effect == pytest.approx(0.03)


def test_a_loss_that_falls_helps():
    assert only([1.0, 1.1, 1.0, 1.2, 1.1], LOSS, a=[0.5, 0.6, 0.4, 0.6, 0.5]).verdict == "helps"
    assert only([0.5, 0.6, 0.4, 0.6, 0.5], LOSS, a=[1.0, 1.1, 1.0, 1.2, 1.1]).verdict == "hurts"


NO = Endings()


@pytest.mark.parametrize(
    ("said", "variant", "base", "verdict"),
    [
        ("helps", NO, NO, "helps"),
        ("helps", Endings(diverged=1), NO, "unstable"),
        ("hurts", Endings(diverged=1), NO, "unstable"),
        ("undecided", Endings(diverged=1), NO, "unstable"),
        ("no-practical-difference", Endings(diverged=1), NO, "unstable"),
        ("helps", Endings(diverged=1), Endings(diverged=1), "helps"),
        ("hurts", Endings(diverged=2), Endings(diverged=2), "hurts"),
        ("helps", NO, Endings(diverged=1), "helps"),
        ("hurts", NO, Endings(diverged=1), "undecided"),
        ("no-practical-difference", NO, Endings(diverged=1), "undecided"),
        ("helps", Endings(blank=1), NO, "undecided"),
        ("hurts", Endings(blank=1), NO, "hurts"),
        ("no-practical-difference", Endings(blank=1), NO, "undecided"),
        ("helps", NO, Endings(blank=1), "helps"),
        ("hurts", NO, Endings(blank=1), "undecided"),
        ("no-practical-difference", NO, Endings(blank=1), "undecided"),
        ("helps", Endings(blank=2), Endings(blank=2), "helps"),
        ("helps", Endings(blank=1), Endings(diverged=1), "undecided"),
        ("hurts", Endings(blank=1), Endings(diverged=1), "undecided"),
    ],
)
def test_lost_seeds_withhold_the_verdicts_that_they_speak_against(said, variant, base, verdict):
    assert judge(said, variant, base) == verdict


GOOD = [0.90, 0.91, 0.92, 0.91, 0.90, 0.91]
POOR = [0.50, 0.52, 0.51, 0.50, 0.51, 0.52]


def test_a_variant_that_diverges_more_often_is_unstable_however_good_it_is():
    finding = only(POOR, a=["diverged", *GOOD[1:]])
    assert finding.verdict == "unstable"
    assert finding.seeds == (1, 2, 3, 4, 5)
    assert finding.variant_endings == Endings(diverged=1)
    assert finding.ci_low > 0
    assert only(POOR, a=["diverged"] * 6).verdict == "unstable"
    assert only(POOR, a=["diverged"] * 3 + GOOD[3:]).more_seeds is None


def test_divergence_of_both_arms_leaves_a_verdict_on_the_rest():
    assert only(["diverged", *POOR[1:]], a=["diverged", *GOOD[1:]]).verdict == "helps"
    assert only(["diverged", *POOR[1:]], a=GOOD).verdict == "helps"
    assert only(["diverged", *GOOD[1:]], a=POOR).verdict == "undecided"
    # Two seeds lost to the same count of divergences: four pairs are too few.
    finding = only(["diverged", *POOR[1:]], a=[GOOD[0], "diverged", *GOOD[2:]])
    assert (finding.verdict, len(finding.seeds), finding.more_seeds) == ("undecided", 4, 1)


@pytest.mark.parametrize("hole", [None, "failed"])
@pytest.mark.parametrize("other", ["figure", "diverged"])
def test_nothing_is_decided_while_a_planned_seed_is_unfinished(hole, other):
    base = POOR if other == "figure" else [*POOR[:5], "diverged"]
    for finding in (only(base, a=[*GOOD[:5], hole]), only([*POOR[:5], hole], a=[*GOOD[:5], other])):
        assert finding.verdict == "undecided"
        assert finding.unfinished == 1
        assert not finding.is_look
        assert finding.more_seeds is None
    assert only(POOR, a=[*GOOD[:3], hole, None, None]).more_seeds is None
    # Not even unstable, for base may yet diverge too.
    assert only(POOR, a=["diverged", *GOOD[1:5], hole]).verdict == "undecided"


def test_seeds_are_unfinished_once_however_many_arms_lack_them():
    finding = only([*POOR[:4], None, "failed"], a=[*GOOD[:3], "failed", None, None])
    assert finding.unfinished == 3
    assert finding.variant_endings == Endings(failed=1, missing=2)
    assert finding.base_endings == Endings(failed=1, missing=1)


def test_a_target_that_only_base_reaches_is_no_plain_help():
    fast, slow = [10, 11, 12, 11, 10, 12], [30, 31, 32, 31, 30, 33]
    assert only(slow, STEPS, 1, a=fast).verdict == "helps"
    assert only(slow, STEPS, 1, a=["blank", *fast[1:]]).verdict == "undecided"
    assert only(["blank", *slow[1:]], STEPS, 1, a=fast).verdict == "helps"
    assert only(fast, STEPS, 1, a=["blank", *slow[1:]]).verdict == "hurts"
    assert only(["blank", *fast[1:]], STEPS, 1, a=slow).verdict == "undecided"
    assert only(fast, STEPS, 5, a=[*fast[:5], "blank"]).verdict == "undecided"
    assert only(["blank", *slow[1:]], STEPS, 1, a=["blank", *fast[1:]]).verdict == "helps"


def test_more_seeds_are_not_promised_where_they_are_not_what_is_missing():
    fast = [10, 11, 12, 11, 10, 12]
    assert only([30] * 6, STEPS, 1, a=["blank", *fast[1:]]).more_seeds is None
    assert only(["blank"] * 5, STEPS, 1, a=["blank"] * 5).more_seeds is None


def test_findings_come_in_the_order_of_the_variants_whatever_it_is():
    study, results = compared(POOR, a=GOOD, b=POOR)
    forward = compare(study, results)
    backward = compare(replace(study, variants=study.variants[::-1]), results)
    assert [finding.variant for finding in forward] == ["a", "b"]
    assert forward == backward[::-1]


def test_a_finding_says_which_numbers_it_rests_on():
    finding = only(POOR, a=GOOD)
    differences = np.subtract(GOOD, POOR)
    oracle = stats.ttest_rel(GOOD, POOR).confidence_interval(0.95)
    narrower = stats.ttest_rel(GOOD, POOR).confidence_interval(0.90)
    assert (finding.base, finding.metric) == ("base", "test accuracy")
    assert finding.seeds == finding.planned == (0, 1, 2, 3, 4, 5)
    assert finding.differences == pytest.approx(tuple(differences))
    assert finding.effect == pytest.approx(differences.mean())
    assert (finding.ci_low, finding.ci_high) == pytest.approx((oracle.low, oracle.high))
    assert (finding.equivalence_low, finding.equivalence_high) == pytest.approx(
        (narrower.low, narrower.high)
    )
    assert (finding.worth, finding.family, finding.level) == (0.01, 1, 0.95)
    assert finding.is_look


def test_a_study_without_variants_finds_nothing():
    assert compare(study_of([]), Results((0,), {("base", 0): trial()})) == ()


figures = st.lists(
    st.tuples(st.floats(-1, 1), st.floats(-1, 1)).map(lambda p: (round(p[0], 3), round(p[1], 3))),
    min_size=2,
    max_size=9,
)


@given(figures, st.integers(1, 6), st.floats(1e-3, 1))
def test_the_word_never_says_more_than_the_interval(rows, family, worth):
    base, variant = (list(column) for column in zip(*rows, strict=True))
    names = [f"v{i}" for i in range(family)]
    finding = only(base, worth=worth, **dict.fromkeys(names, variant))
    assert finding.ci_low <= finding.effect <= finding.ci_high
    if finding.verdict == "helps":
        assert finding.ci_low > 0
    if finding.verdict == "hurts":
        assert finding.ci_high < 0
    if finding.verdict == "no-practical-difference":
        assert -worth < finding.equivalence_low and finding.equivalence_high < worth
    if finding.verdict in ("helps", "hurts"):
        assert not (-worth < finding.equivalence_low and finding.equivalence_high < worth)
    assert finding.verdict == "undecided" or len(rows) >= 5
    assert str(finding.sentence).startswith("v0 ")


@given(figures.filter(lambda rows: len(rows) >= 5), st.floats(0.01, 0.5), st.floats(0.1, 100))
def test_sign_and_scale_of_the_metric_change_no_verdict(rows, worth, scale):
    base, variant = (np.array(column) for column in zip(*rows, strict=True))
    said = only(base.tolist(), worth=worth, a=variant.tolist()).verdict
    mirror = {"helps": "hurts", "hurts": "helps"}

    def moved(low, high, metric=ACCURACY, worth=worth):
        return only(low.tolist(), metric, worth, a=high.tolist()).verdict

    # A margin within rounding of the interval may fall on either side.
    finding = only(base.tolist(), worth=worth, a=variant.tolist())
    ends = np.abs([finding.equivalence_low, finding.equivalence_high])
    if np.abs(ends - worth).min() > 1e-9:
        assert moved(-base, -variant, LOSS) == said
        assert moved(scale * base + 3, scale * variant + 3, worth=scale * worth) == said
        assert moved(variant, base) == mirror.get(said, said)
