"""The prediction interval for one run covers as often as it says."""

from __future__ import annotations

import math

import numpy as np
import pytest

from hikaku.analysis.one_run import one_difference, one_run

TRIES = 2000
NOISE = 3 * math.sqrt(0.05 * 0.95 / TRIES)


@pytest.mark.parametrize("n", [3, 5, 10])
def test_one_further_run_lies_inside_in_95_of_100_cases(n: int) -> None:
    drawn = np.random.default_rng(n).normal(3.0, 2.0, (TRIES, n + 1))
    inside = [one_run(row[:n]).low <= row[n] <= one_run(row[:n]).high for row in drawn]
    assert np.mean(inside) == pytest.approx(0.95, abs=NOISE)


def test_the_difference_of_two_further_runs_lies_inside_at_least_as_often() -> None:
    first, second = np.random.default_rng(1).normal(0.0, 1.0, (2, TRIES, 6))
    inside = [
        abs(a[5] - b[5] - (a[:5] - b[:5]).mean()) <= one_difference(a[:5], b[:5])
        for a, b in zip(first, 3 * second, strict=True)
    ]
    assert 0.95 - NOISE < np.mean(inside) < 0.99


def test_the_interval_is_students_for_one_more() -> None:
    # t at 3 degrees of freedom is 3.1824; s is 1.29099, √(1 + 1/4) 1.11803.
    found = one_run(np.array([1.0, 2.0, 3.0, 4.0]))
    assert found.high - found.low == pytest.approx(2 * 3.18245 * 1.29099 * 1.11803, rel=1e-5)


def test_of_one_run_nothing_is_known() -> None:
    assert math.isinf(one_run(np.array([1.0])).low)
    assert math.isnan(one_difference(np.array([1.0]), np.array([2.0])))
