"""What is said beside a finding."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from result_builder import ACCURACY, compared
from scipy import stats

from hikaku.analysis import boundary
from hikaku.analysis.cautions import has_outlier, skewness
from hikaku.analysis.verdict import compare
from hikaku.record import Earlier, Spent
from hikaku.study.study import Metric

BASE = [0.90, 0.91, 0.89, 0.90, 0.92]
GOOD = [0.92, 0.94, 0.93, 0.95, 0.93]


def said(base=BASE, metric=ACCURACY, worth=0.01, most=None, spent=(), **variants):
    study, results = compared(base, metric, worth, most, **variants)
    results = replace(results, spent={"a": spent})
    return [str(caution) for caution in compare(study, results)[0].cautions]


def shown(seeds, worth=0.01, family=1, auto=False):
    """What a comparison over these many seeds is bound to."""
    return Spent(tuple(range(seeds)), auto, min(seeds, 20) if auto else seeds, worth, family)


def test_an_ordinary_comparison_needs_no_caution():
    assert said(a=GOOD) == []


def test_divergence_is_counted_for_both_arms():
    assert said(["diverged", *BASE], a=["diverged", "diverged", *GOOD[1:]])[0] == (
        "diverged: a at 2 of 6 seeds, base at 1; these pairs are left out"
    )


def test_failures_and_holes_are_told_apart():
    assert said(a=["failed", None, *GOOD[2:]]) == [
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


def test_a_comparison_that_is_bound_to_what_the_study_asks_needs_no_caution():
    assert said(spent=(shown(5),), a=GOOD) == []
    assert said(spent=(shown(20, auto=True),), most=20, worth=0.01, a=GOOD) == said(most=20, a=GOOD)


@pytest.mark.parametrize(
    ("asked", "caution"),
    [
        (
            {"worth": 0.05, "spent": (shown(5),)},
            "judged with worth = 0.01, as when its verdict was first shown, and not with 0.05: "
            "`--fresh` starts on unused seeds",
        ),
        (
            {"base": [*BASE, 0.9], "a": [*GOOD, 0.8], "spent": (shown(5),)},
            "a verdict was shown for 5 seeds, and no later seed can change it: `--fresh` starts "
            "on unused seeds",
        ),
        (
            {"most": 30, "spent": (shown(20, auto=True),)},
            "its seeds end at 20, as when its verdict was first shown: `--fresh` starts on "
            "unused seeds",
        ),
        (
            {"spent": (shown(8),)},
            "its first verdict was shown for a plan of 8 seeds, of which this study has 5: ask "
            "for all of them, or start on unused seeds by `--fresh`",
        ),
        (
            {"spent": (shown(5, family=4),)},
            "its error is shared among 4 variants: with so many has this study shown a verdict",
        ),
        (
            {"most": 5, "spent": (shown(5),)},
            "a verdict was shown for 5 seeds, and no later seed can change it: `--fresh` starts "
            "on unused seeds",
        ),
        (
            {"most": 5, "spent": (shown(8),)},
            "its first verdict was shown for a plan of 8 seeds, of which this study has 5: ask "
            "for all of them, or start on unused seeds by `--fresh`",
        ),
        (
            {"spent": (shown(20, auto=True),)},
            "looked at after each of its seeds, as when its verdict was first shown, and not once: "
            "`--fresh` starts on unused seeds",
        ),
        (
            {"b": BASE, "spent": (shown(5),)},
            "judged again, its error now shared among 2 variants and not 1",
        ),
    ],
)
def test_what_an_earlier_verdict_has_settled_is_said(asked, caution):
    assert caution in said(**{"a": GOOD, **asked})


def test_what_an_older_version_remembered_says_nothing_of_worth_and_family():
    old = Spent((0, 1, 2, 3, 4), False, 5, math.nan, 0)
    assert said(spent=(old,), a=GOOD) == []
    assert said(spent=(old,), worth=0.05, a=GOOD, b=GOOD) == []


def test_a_verdict_of_another_variant_binds_this_one_to_nothing():
    study, results = compared(BASE, a=GOOD, b=GOOD)
    spent = {"b": (shown(5, worth=1),)}
    first, second = compare(study, replace(results, spent=spent))
    assert (len(first.cautions), len(second.cautions)) == (0, 2)


def afresh(*rows, first=0, **asked):
    """The cautions of a study over five seeds from the first on, after these verdicts."""
    study, results = compared(BASE, a=GOOD, b=GOOD)
    seeds = tuple(range(first, first + 5))
    trials = {(arm, seed + first): one for (arm, seed), one in results.trials.items()}
    told = replace(results, seeds=seeds, trials=trials, spent={"a": rows}, **asked)
    first_one, other = compare(replace(study, seeds=seeds), told)
    assert other.cautions == ()
    return [str(caution) for caution in first_one.cautions]


def test_verdicts_that_were_shown_over_other_seeds_are_counted():
    fresh = "before, over other seeds: who begins afresh until one is found will find one"
    one = f"a verdict was shown once {fresh}"
    assert (
        afresh(shown(5), first=20)
        == afresh(shown(5), Spent(tuple(range(20, 25)), False, 5, 0.01, 2), first=20)
        == [one]
    )
    assert afresh(shown(5), Spent(tuple(range(5, 20)), False, 15, 0.01, 2), first=20) == [
        f"a verdict was shown 2 times {fresh}"
    ]
    assert not any("afresh" in one for one in afresh(shown(5, family=2)))


def test_what_lies_beyond_a_small_budget_is_not_other_seeds():
    """Of automatic seeds: all up to the horizon are the comparison's."""
    told = said(most=5, spent=(Spent(tuple(range(10, 30)), True, 20, 0.01, 1),), a=GOOD)
    assert not any("afresh" in one for one in told)


@pytest.mark.parametrize(("n", "figures"), [(1, "another figure"), (3, "3 other figures")])
def test_other_figures_that_the_trials_were_judged_by_are_counted(n, figures):
    assert afresh(other_figures={"a": n}) == [
        f"these trials were judged by {figures} too: who chooses the figure after a look errs "
        "more often"
    ]


def test_a_family_that_outgrew_the_study_is_said_of_what_was_never_looked_at_too():
    study, results = compared(BASE, a=GOOD)
    gone = Earlier(shown(5, family=2), "base gone", same_base=True)
    (found,) = compare(study, replace(results, earlier=(gone,)))
    assert [str(one) for one in found.cautions][:1] == [
        "its error is shared among 2 variants: with so many has this study shown a verdict"
    ]


EARLY = "decided early, when the effect looked large: its true size is probably smaller"


def test_a_verdict_before_the_last_seed_looks_larger_than_it_is():
    gains = [0.05, 0.052, 0.049, 0.051, 0.05]
    better, worse = ([b + s * g for b, g in zip(BASE, gains, strict=True)] for s in (1, -1))
    assert said(most=20, a=better) == said(most=20, a=worse) == [EARLY]
    assert said(a=better) == []
    # At the last seed there is nothing to stop for, and equality is no large effect. A budget of
    # five seeds is a pause, and no last seed.
    assert EARLY not in said(most=20, spent=(shown(5, auto=True),), a=better)
    assert said(most=5, a=better) == [EARLY]
    assert said(most=20, worth=0.2, a=better) == []
    assert EARLY not in said(["diverged"] * 6, most=20, a=[0.9] * 6)


@pytest.mark.parametrize(
    ("most", "seeds", "reach"),
    [
        (None, 5, stats.t.ppf(0.95, 4)),
        (20, 20, boundary.critical(20, 20, 0.1)),
        (30, 20, boundary.critical(20, 20, 0.08)),
    ],
)
def test_a_worth_that_the_seeds_cannot_tell_is_too_fine(most, seeds, reach):
    a = [b + 0.002 * e for b, e in zip(BASE, (1.1, -0.8, 0.9, -1.2, 0.0), strict=True)]
    half = reach * np.std(np.subtract(a, BASE), ddof=1) / seeds**0.5
    assert said(most=most, worth=0.99 * half, a=a) == [
        f"worth = {0.99 * half:g} is finer than {seeds} seeds with this spread can tell "
        f"(±{half:.3g}), so it cannot be shown that there is no practical difference"
    ]
    assert not any("finer" in one for one in said(most=most, worth=1.01 * half, a=a))


def test_one_seed_is_no_plural():
    ends = (["diverged"], ["failed"], ["blank"])
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
    assert said([0.1, 0.2, 0.3, 0.4, 0.5], a=[0.2, 0.3, 0.4, 0.5, 0.6])[0] == (
        "all differences are identical, so their spread is not known: check that the seeds "
        "really differ"
    )
    assert said(a=BASE) == ["all differences are 0: check that the variant changes anything"]


def test_skewed_differences_are_doubted():
    assert said([0.0] * 5, worth=0.1, a=[0.01, 0.011, 0.012, 0.013, 0.10]) == [
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


def test_trials_of_another_engine_are_told_as_left_out():
    study, results = compared([0.9] * 5, variant=[0.91, 0.92, 0.93, 0.92, 0.91])
    aside = replace(results, aside={("variant", 3): "book cpu", ("other", 1): "book cpu"})
    (caution,) = [c for c in compare(study, aside)[0].cautions if "book cpu" in str(c)]
    assert "at 1 seed: left out" in str(caution)
