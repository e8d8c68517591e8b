"""How often one run before and one after mislead, and whether seeds pair."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hikaku.analysis.lottery import (
    Lottery,
    correlation,
    lottery,
    said,
    said_of_pairing,
)

NAN = float("nan")


def of(variant, base, better="higher", worth=0.01, verdict="helps") -> tuple[float, float]:
    found = lottery(np.array(variant), np.array(base), better, worth, verdict)
    return found.paired, found.unpaired


def test_a_single_run_against_the_mean_is_counted_with_one_seed_and_with_two() -> None:
    # Paired: +2, +2, -1. Crossed: 3-2, 3-6; 4-1, 4-6; 5-1, 5-2: two of six fall.
    assert of([3.0, 4.0, 5.0], [1.0, 2.0, 6.0]) == (1 / 3, 2 / 6)
    # The other arm is better by the same count, and so where less is better.
    assert of([1.0, 2.0, 6.0], [3.0, 4.0, 5.0], verdict="hurts") == (1 / 3, 2 / 6)
    assert of([1.0, 2.0, 6.0], [3.0, 4.0, 5.0], better="lower") == (1 / 3, 2 / 6)


def test_no_difference_is_half_the_opposite() -> None:
    assert of([1.0, 3.0], [1.0, 2.0]) == (1 / 4, 1 / 2)


def test_differences_of_rounding_are_none() -> None:
    assert of([0.1 + 0.2, 0.5], [0.3, 0.4])[0] == 1 / 4
    assert of([0.96, 0.95], [0.95, 0.94], verdict="no-practical-difference")[0] == 0


def test_against_no_practical_difference_stands_one_that_is_worth_having() -> None:
    assert of([0.50, 0.53], [0.50, 0.50], verdict="no-practical-difference") == (1 / 2, 1 / 2)
    assert of([0.47, 0.50], [0.50, 0.50], verdict="no-practical-difference") == (1 / 2, 1 / 2)
    # Nothing differs on the whole, and still a single run may.
    assert of([0.5, 0.6], [0.6, 0.5], verdict="no-practical-difference") == (1, 0)


def test_seeds_without_a_figure_are_left_out() -> None:
    assert of([3.0, NAN, 4.0, 5.0], [1.0, 9.0, 2.0, 6.0])[0] == 1 / 3
    # The base of the second seed still meets the variant of others: three more, all against.
    assert of([3.0, NAN, 4.0, 5.0], [1.0, 9.0, 2.0, 6.0])[1] == 5 / 9


@pytest.mark.parametrize(
    ("variant", "base"),
    [([], []), ([1.0], [0.0]), ([1.0, NAN], [0.0, 0.0]), ([1.0, 0.0], [0.0, 1.0])],
)
def test_without_two_seeds_or_a_direction_nothing_is_opposite(variant, base) -> None:
    assert np.isnan(of(variant, base)).all()
    assert said(Lottery(*of(variant, base)), "undecided") is None


FIGURES = st.lists(st.integers(-9, 9), min_size=2, max_size=7)


@given(st.data(), FIGURES)
def test_it_is_the_count_over_all_pairs_of_different_seeds(data, base) -> None:
    variant = data.draw(st.lists(st.integers(-9, 9), min_size=len(base), max_size=len(base)))
    way = np.sign(np.mean(np.subtract(variant, base)))
    crossed = [way * (variant[i] - base[j]) for i, j in permutations(range(len(base)), 2)]
    wrong = np.mean([1.0 if one < 0 else 0.5 if one == 0 else 0.0 for one in crossed])
    found = of([float(x) for x in variant], [float(x) for x in base])
    assert np.isnan(found[1]) if way == 0 else found[1] == pytest.approx(wrong)


def test_shared_luck_misleads_less_when_it_is_paired() -> None:
    draws = np.random.default_rng(0)
    luck = draws.normal(size=20)
    paired, unpaired = of(luck + 0.5 + 0.1 * draws.normal(size=20), luck)
    assert paired == 0 and unpaired > 0.3


def test_the_sentence_fits_the_verdict() -> None:
    found = Lottery(0.12, 0.314)
    assert str(said(found, "helps")) == (
        "a single run would have said the opposite in 31 % of cases (12 % with the same seed)"
    )
    assert "a difference worth having in 31 %" in str(said(found, "no-practical-difference"))
    assert "the other way than the mean in 31 %" in str(said(found, "undecided"))


def test_only_never_reads_as_never() -> None:
    assert "in <1 % of cases (0 % with" in str(said(Lottery(0, 0.001), "helps"))
    assert "in 100 % of cases (>99 % with" in str(said(Lottery(0.999, 1), "hurts"))


def test_the_correlation_is_that_of_the_seeds_with_both_figures() -> None:
    assert correlation(np.array([1.0, 2, 3, NAN]), np.array([2.0, 4, 7, 9])) == pytest.approx(
        np.corrcoef([1, 2, 3], [2, 4, 7])[0, 1]
    )
    assert str(said_of_pairing(0.8312)).endswith("correlate with 0.83 over seeds")


@pytest.mark.parametrize(
    ("variant", "base"),
    [([1.0, 2], [3.0, 4]), ([0.1 + 0.2, 0.3, 0.3], [1.0, 2, 3]), ([NAN] * 3, [1.0, 2, 3])],
)
def test_too_few_seeds_or_no_spread_have_no_correlation(variant, base) -> None:
    found = correlation(np.array(variant), np.array(base))
    assert np.isnan(found) and said_of_pairing(found) is None
