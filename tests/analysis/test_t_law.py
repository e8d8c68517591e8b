"""Student's law, held against scipy's, which is another's work."""

from __future__ import annotations

import math

import pytest
from scipy.special import stdtr, stdtrit

from hikaku.analysis.t_law import t_below, t_quantile

DEGREES = (1, 2, 3, 4, 9, 19, 99, 200, 9999)


@pytest.mark.parametrize("df", DEGREES)
def test_the_law_is_that_of_scipy_to_twelve_digits_however_far_out(df: int) -> None:
    for size in (0.0, 1e-3, 0.1, 0.5, 1.0, 2.0, 5.0, 20.0, 1e3):
        for t in (size, -size):
            assert t_below(df, t) == pytest.approx(float(stdtr(df, t)), rel=3e-11, abs=1e-300)


@pytest.mark.parametrize("df", DEGREES)
def test_the_quantile_is_that_of_scipy(df: int) -> None:
    for p in (1e-12, 1e-5, 1e-3, 0.01, 0.025, 0.25, 0.4, 0.6, 0.95, 0.975, 0.9992):
        assert t_quantile(df, p) == pytest.approx(float(stdtrit(df, p)), rel=1e-9)


@pytest.mark.parametrize("df", [4, 9, 200])
@pytest.mark.parametrize("p", [1e-290, 1e-100, 1e-9, 0.003, 0.2, 0.4999])
def test_the_quantile_is_the_inverse_of_the_law(df: int, p: float) -> None:
    assert t_below(df, t_quantile(df, p)) == pytest.approx(p, rel=1e-11)


def test_both_sides_are_alike() -> None:
    assert t_quantile(4, 0.75) == -t_quantile(4, 0.25)
    assert t_below(4, 1.5) + t_below(4, -1.5) == 1.0


def test_what_is_no_question_has_no_answer() -> None:
    assert math.isnan(t_below(0, 1.0)) and math.isnan(t_below(4, math.nan))
    assert math.isnan(t_quantile(0, 0.1)) and math.isnan(t_quantile(4, 1.5))
    assert (t_quantile(4, 1.0), t_below(4, math.inf)) == (math.inf, 1.0)
