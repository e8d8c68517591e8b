"""The instrument is calibrated: how often `decide` errs and finds, over thousands of made studies.

Each arm's figure at a seed is what the seed gives to all arms, plus noise of the arm's own.
"""

from __future__ import annotations

import numpy as np
import pytest

from hikaku.analysis.paired import pair
from hikaku.analysis.verdict import decide

pytestmark = pytest.mark.slow

STUDIES = 4000
NOISE = 0.02
TINY = NOISE / 1000


def said(n, family, effect=0.0, worth=TINY, studies=STUDIES, noise=None):
    """The verdicts of made studies, (studies, family), where every variant has this effect."""
    rng = np.random.default_rng((n, family, studies))
    draw = noise or (lambda shape: rng.normal(0, NOISE, shape))
    seeds = rng.normal(0.9, 0.05, (studies, 1, n))
    arms = seeds + draw((studies, family + 1, n))
    return np.array(
        [
            [
                decide(pair(range(n), arm + effect, base, "higher"), worth, family)
                for arm in variants
            ]
            for base, *variants in arms
        ]
    )


def rate(verdicts, *words):
    """The share of studies that say one of the words of any variant."""
    return np.isin(verdicts, words).any(axis=1).mean()


@pytest.mark.parametrize("n", [5, 10])
@pytest.mark.parametrize("family", [1, 5])
def test_a_against_a_finds_an_effect_in_one_study_of_twenty(n, family):
    found = rate(said(n, family), "helps", "hurts")
    assert found <= 0.06
    assert found >= 0.02, "so rare an error means that the intervals are wider than they say"


@pytest.mark.parametrize("n", [5, 10])
def test_uncorrected_families_would_err_far_more_often(n):
    rng = np.random.default_rng(n)
    arms = rng.normal(0, NOISE, (1000, 6, n))
    wrong = [
        any(
            decide(pair(range(n), arm, base, "higher"), TINY, 1) in ("helps", "hurts")
            for arm in rest
        )
        for base, *rest in arms
    ]
    assert np.mean(wrong) > 0.12


@pytest.mark.parametrize("n", [5, 10])
def test_accuracies_on_a_small_test_set_keep_the_rate(n):
    rng = np.random.default_rng(n)
    # 200 test examples: figures fall on a grid of .005 and are often equal.
    verdicts = said(n, 5, noise=lambda shape: rng.binomial(200, 0.9, shape) / 200)
    assert rate(verdicts, "helps", "hurts") <= 0.06


@pytest.mark.parametrize("n", [5, 10])
@pytest.mark.parametrize("side", [-1, 1])
def test_an_effect_at_the_margin_is_rarely_called_no_difference(n, side):
    worth = 5 * NOISE
    assert rate(said(n, 1, side * worth, worth), "no-practical-difference") <= 0.06
    assert rate(said(n, 5, side * worth, worth, 1000), "no-practical-difference") <= 0.06


def test_a_planted_effect_is_found_on_its_own_side():
    better, worse = said(10, 5, 3 * NOISE, studies=500), said(10, 5, -3 * NOISE, studies=500)
    assert np.mean(better == "helps") > 0.9
    assert np.mean(worse == "hurts") > 0.9
    assert not np.any(better == "hurts") and not np.any(worse == "helps")


def test_no_effect_is_called_no_practical_difference_when_the_margin_is_wide():
    assert np.mean(said(10, 5, 0.0, 4 * NOISE, 500) == "no-practical-difference") > 0.9
