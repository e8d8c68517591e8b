"""Each rule of the verdict at one look, its boundary, and what must not change it."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from result_builder import ACCURACY, LOSS, compared, paired, study_of, trial
from scipy import stats

from hikaku.analysis.endings import Endings
from hikaku.analysis.rule import Rule
from hikaku.analysis.sequence import first_look, look
from hikaku.analysis.verdict import compare, courses
from hikaku.record import Results

STEADY = (-2.0, -1.0, 0.0, 1.0, 2.0)
"""Five deviations of mean 0 and sample standard deviation √2.5."""


def around(mean, deviations=STEADY, scale=1.0):
    return tuple(mean + scale * deviation for deviation in deviations)


def decide(differences, worth, family):
    """What one look at these differences says."""
    n = len(differences)
    rule = Rule(tuple(range(n)), False, n, worth, family)
    return look(first_look(), paired(differences), rule, 0.05 / family).says(worth)


def half(level, n=5, variance=2.5):
    return stats.t.ppf((1 + level) / 2, n - 1) * math.sqrt(variance / n)


def only(base, metric=ACCURACY, worth=0.01, most=None, **variants):
    study, results = compared(base, metric, worth, most, **variants)
    return compare(study, results)[0]


def looked(base, most=None, **variants):
    """Whether showing the first comparison spends its error."""
    went = courses(*compared(base, most=most, **variants))
    return went[next(iter(variants))].is_look


def test_an_interval_above_zero_helps_and_one_below_hurts():
    edge = half(0.95)
    assert decide(around(edge * 1.001), worth=0.01, family=1) == "helps"
    assert decide(around(edge * 0.999), worth=0.01, family=1) == "undecided"
    assert decide(around(-edge * 0.999), worth=0.01, family=1) == "undecided"
    assert decide(around(-edge * 1.001), worth=0.01, family=1) == "hurts"


@pytest.mark.parametrize("family", [1, 2, 5, 20])
def test_the_level_is_shared_among_the_variants(family):
    edge = half(1 - 0.05 / family)
    assert decide(around(edge * 1.001), worth=0.01, family=family) == "helps"
    assert decide(around(edge * 0.999), worth=0.01, family=family) == "undecided"


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
        sample = around(effect)
        for worth, said in ((edge * 1.001, "no-practical-difference"), (edge * 0.999, "undecided")):
            assert decide(sample, worth, family) == said
            greater = stats.ttest_1samp(sample, -worth, alternative="greater").pvalue
            less = stats.ttest_1samp(sample, worth, alternative="less").pvalue
            assert (max(greater, less) < alpha) == (said == "no-practical-difference")


def test_a_difference_as_large_as_worth_is_worth_having():
    tight = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1e-9, -1e-9)
    assert decide(around(0.01, tight), worth=0.01, family=1) == "helps"
    assert decide(around(0.0099, tight), worth=0.01, family=1) == "no-practical-difference"


def test_an_effect_that_is_real_but_negligible_is_no_practical_difference():
    tiny = around(0.005, scale=1e-4)
    assert decide(tiny, worth=0.01, family=1) == "no-practical-difference"
    assert decide(tiny, worth=0.001, family=1) == "helps"


@pytest.mark.parametrize("n", [0, 1, 2, 3, 4])
def test_below_five_seeds_nothing_is_decided_and_nothing_spent(n):
    near = [0.9, 0.91, 0.9, 0.91][:n]
    for most in (None, 20) if n else (20,):
        finding = only([0.5] * n, most=most, a=near)
        assert finding.verdict == "undecided"
        assert only([0.5] * n, most=most, a=[0.5] * n).verdict == "undecided"
        assert not looked([0.5] * n, most=most, a=near)
    assert only([0.5] * n, a=near).enough == (5 if n > 1 else None)


def test_identical_figures_are_no_practical_difference():
    figures = [0.5, 0.6, 0.7, 0.8, 0.9]
    assert only(figures, worth=0.01, a=figures).verdict == "undecided"  # it counts by tenths
    finding = only(figures, worth=0.05, a=figures)
    assert finding.verdict == "no-practical-difference"
    assert finding.differences == (0, 0, 0, 0, 0)
    assert finding.ci_high == -finding.ci_low == pytest.approx(0.1 * (1 - 0.05**0.2))


def test_identical_gains_decide_as_a_sign_test_does():
    base = [0.90, 0.81, 0.31, 0.57, 0.01, 0.44]
    gained = [figure + 0.03 for figure in base]
    assert only(base[:5], a=gained[:5]).verdict == "undecided"
    assert only(base[:5], a=gained[:5]).enough == 6
    finding = only(base, a=gained)
    assert finding.verdict == "helps"
    assert 0 < finding.ci_low < finding.effect < finding.ci_high
    assert finding.effect == pytest.approx(0.03)
    # 2 / 2^6 is more than .05 / 2.
    assert only(base, a=gained, b=base).verdict == "undecided"


def test_a_loss_that_falls_helps():
    assert only([1.0, 1.1, 1.0, 1.2, 1.1], LOSS, a=[0.5, 0.6, 0.4, 0.6, 0.5]).verdict == "helps"
    assert only([0.5, 0.6, 0.4, 0.6, 0.5], LOSS, a=[1.0, 1.1, 1.0, 1.2, 1.1]).verdict == "hurts"


GOOD = [0.90, 0.91, 0.92, 0.91, 0.90, 0.91]
POOR = [0.50, 0.52, 0.51, 0.50, 0.51, 0.52]


@pytest.mark.parametrize("hole", [None, "failed"])
@pytest.mark.parametrize("other", ["figure", "diverged"])
def test_nothing_is_decided_while_a_seed_of_a_fixed_plan_is_unfinished(hole, other):
    base = POOR if other == "figure" else [*POOR[:5], "diverged"]
    for finding in (only(base, a=[*GOOD[:5], hole]), only([*POOR[:5], hole], a=[*GOOD[:5], other])):
        assert finding.verdict == "undecided"
        assert finding.unfinished == 1
        assert finding.enough is None
    assert not looked(base, a=[*GOOD[:5], hole])
    assert only(POOR, a=[*GOOD[:3], hole, None, None]).enough is None
    # Not even unstable, for base may yet diverge too.
    assert only([*POOR, 0.5], a=["diverged"] * 6 + [hole]).verdict == "undecided"


@pytest.mark.parametrize("hole", [None, "failed"])
def test_a_fixed_plan_with_holes_shows_its_effect_and_no_interval(hole):
    finding = only([*POOR, 0.5], a=[*GOOD, hole])
    assert finding.effect == pytest.approx(np.mean(np.subtract(GOOD, POOR)))
    ends = (finding.ci_low, finding.ci_high, finding.equivalence_low, finding.equivalence_high)
    assert all(map(math.isnan, ends)) and finding.looks == () and finding.p == 1
    assert len(only([*POOR, 0.5], a=[*GOOD, 0.9]).looks) == 1


def test_seeds_are_unfinished_once_however_many_arms_lack_them():
    finding = only([*POOR[:4], None, "failed"], a=[*GOOD[:3], "failed", None, None])
    assert finding.unfinished == 3
    assert finding.variant_endings == Endings(failed=1, missing=2)
    assert finding.base_endings == Endings(failed=1, missing=1)


def test_findings_come_in_the_order_of_the_variants_whatever_it_is():
    study, results = compared(POOR, a=GOOD, b=POOR)
    forward = compare(study, results)
    backward = compare(replace(study, variants=study.variants[::-1]), results)
    assert [finding.variant for finding in forward] == ["a", "b"]
    # As text, in which NaN equals NaN.
    assert [repr(one) for one in forward] == [repr(one) for one in backward[::-1]]


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
    assert looked(POOR, a=GOOD)


def test_a_study_without_variants_finds_nothing():
    assert compare(study_of([]), Results((0,), {("base", 0): trial()})) == ()


figures = st.lists(
    st.tuples(st.floats(-1, 1), st.floats(-1, 1)).map(lambda p: (round(p[0], 3), round(p[1], 3))),
    min_size=2,
    max_size=9,
)


@settings(deadline=None)
@given(figures, st.integers(1, 6), st.floats(1e-3, 1), st.sampled_from([None, 9, 20]))
def test_the_word_never_says_more_than_the_interval(rows, family, worth, most):
    base, variant = (list(column) for column in zip(*rows, strict=True))
    names = [f"v{i}" for i in range(family)]
    finding = only(base, worth=worth, most=most, **dict.fromkeys(names, variant))
    if most is None:
        assert finding.ci_low <= finding.effect <= finding.ci_high
    else:
        assert math.isnan(finding.ci_low) if len(rows) < 5 else finding.ci_low <= finding.ci_high
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


@settings(deadline=None)
@given(
    figures.filter(lambda rows: len(rows) >= 5),
    st.floats(0.01, 0.5),
    st.floats(0.1, 100),
    st.sampled_from([None, 20]),
)
def test_sign_and_scale_of_the_metric_change_no_verdict(rows, worth, scale, most):
    base, variant = (np.array(column) for column in zip(*rows, strict=True))
    finding = only(base.tolist(), worth=worth, most=most, a=variant.tolist())
    said = finding.verdict
    mirror = {"helps": "hurts", "hurts": "helps"}

    def moved(low, high, metric=ACCURACY, worth=worth):
        return only(low.tolist(), metric, worth, most, a=high.tolist()).verdict

    # A margin within rounding of an interval may fall on either side.
    ends = np.abs([(one.narrow.low, one.narrow.high) for one in finding.looks])
    if np.abs(ends - worth).min() > 1e-9:
        assert moved(-base, -variant, LOSS) == said
        assert moved(scale * base + 3, scale * variant + 3, worth=scale * worth) == said
        assert moved(variant, base) == mirror.get(said, said)
