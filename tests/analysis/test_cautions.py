"""What is said beside a finding."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from result_builder import ACCURACY, compared
from scipy import stats

from hikaku.analysis.cautions import has_outlier, skewness
from hikaku.analysis.verdict import compare
from hikaku.study.study import Metric

BASE = [0.90, 0.91, 0.89, 0.90, 0.92]
GOOD = [0.92, 0.94, 0.93, 0.95, 0.93]


def said(base=BASE, metric=ACCURACY, looks=(), extra=0, **variants):
    study, results = compared(base, metric, 0.01, **variants)
    results = replace(results, looks={"a": looks}, extra_seeds={"a": extra})
    return [str(caution) for caution in compare(study, results)[0].cautions]


def test_an_ordinary_comparison_needs_no_caution():
    assert said(a=GOOD) == []


def test_divergence_is_counted_for_both_arms():
    assert said(["diverged", *BASE], a=["diverged", "diverged", *GOOD[1:]])[0] == (
        "diverged: a at 2 of 6 seeds, base at 1; these pairs are left out"
    )


def test_failures_and_holes_are_told_apart():
    assert said(a=["failed", None, *GOOD[2:]]) == [
        "2 of 5 seeds not finished: no verdict before they all are",
        "failed: a at 1 of 5 seeds, base at 0",
    ]


def test_a_target_never_reached_is_counted():
    metric = Metric("accuracy", "validation", "steps-to", better="lower", target=0.9)
    assert said([10, 11, 12, 11, 10], metric, a=["blank", 11, 12, 11, 13])[0] == (
        "never reached 0.9: a at 1 of 5 seeds, base at 0; these pairs are left out"
    )


def test_a_finished_trial_without_its_figure_is_counted():
    assert said(a=["blank", *GOOD[1:]])[0] == (
        "no figure: a at 1 of 5 seeds, base at 0; these pairs are left out"
    )


@pytest.mark.parametrize(
    ("looks", "cautioned"),
    [
        ((), False),
        (((0, 1, 2, 3, 4),), False),
        (((4, 3, 2, 1, 0),), False),
        (((0, 1, 2),), True),
        (((0, 1, 2, 3, 4), (0, 1, 2, 3, 4, 5)), True),
        (((5, 6, 7, 8, 9),), True),
    ],
)
def test_seeds_changed_after_a_look_are_cautioned(looks, cautioned):
    found = [caution for caution in said(looks=looks, a=GOOD) if "looked before" in caution]
    assert bool(found) == cautioned


def test_a_look_is_compared_with_the_planned_seeds_and_not_with_those_that_entered():
    both = ["diverged", *GOOD]
    found = said(["diverged", *BASE], looks=((0, 1, 2, 3, 4, 5),), a=both)
    assert not any("looked before" in caution for caution in found)


def test_a_look_at_another_variant_does_not_count():
    study, results = compared(BASE, a=GOOD, b=GOOD)
    results = replace(results, looks={"b": ((0, 1),)}, extra_seeds={"b": 3})
    first, second = compare(study, results)
    assert (len(first.cautions), len(second.cautions)) == (0, 2)


def test_seeds_left_in_the_store_are_mentioned():
    assert said(extra=7, a=GOOD) == [
        "the store holds 7 more seeds of this comparison that are not judged here"
    ]
    assert said(extra=1, a=GOOD) == [
        "the store holds 1 more seed of this comparison that is not judged here"
    ]


def test_one_seed_is_no_plural():
    ends = (["diverged"], ["failed"], [None], ["blank"])
    told = [
        caution
        for end in ends
        for metric in (ACCURACY, Metric("loss", "train", "steps-to", target=0.9))
        for caution in said(BASE[:1], metric, a=end)
    ]
    assert len(told) >= 2 * len(ends)
    assert all("1 of 1 seed" in caution for caution in told)
    assert not [caution for caution in told if "1 seeds" in caution]


def test_equal_differences_are_doubted():
    assert "identical" in said([0.1, 0.2, 0.3, 0.4, 0.5], a=[0.2, 0.3, 0.4, 0.5, 0.6])[0]
    assert "check that the variant changes anything" in said(a=BASE)[0]


def test_skewed_differences_are_doubted():
    assert said([0.0] * 5, a=[0.01, 0.011, 0.012, 0.013, 0.10]) == [
        "the differences are skewed: the interval may be optimistic"
    ]


def test_an_outlier_is_doubted_even_without_skew():
    differences = [0.0, 0.01, 0.011, 0.012, 0.013, 0.014, 0.024]
    assert abs(skewness(differences)) < 1
    assert said([0.0] * 7, a=differences) == [
        "one difference lies far from the others: the interval may be optimistic"
    ]


def test_fewer_than_five_differences_have_no_shape():
    assert said([0.0] * 4, a=[0.01, 0.011, 0.012, 0.10]) == []


def test_skewness_is_that_of_scipy():
    sample = np.random.default_rng(0).exponential(size=9)
    assert skewness(sample) == pytest.approx(stats.skew(sample))
    assert skewness(sample * 1e-150) == pytest.approx(stats.skew(sample))
    assert skewness([1.0, 1.0, 1.0]) == 0


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=9))
def test_no_sample_makes_a_warning(values):
    assert np.isfinite(skewness(values))
    assert has_outlier(values) in (True, False)


def test_a_pair_that_was_trained_under_two_environments_is_doubted():
    study, results = compared([0.9] * 5, variant=[0.91, 0.92, 0.93, 0.92, 0.91])
    assert not any(
        "environments" in str(caution) for caution in compare(study, results)[0].cautions
    )
    moved = results.trials["variant", 3]
    other = replace(moved, outcome=replace(moved.outcome, environment="torch 9"))
    mixed = replace(results, trials=results.trials | {("variant", 3): other})
    (caution,) = [c for c in compare(study, mixed)[0].cautions if "environments" in str(c)]
    assert "here / torch 9" in str(caution)
