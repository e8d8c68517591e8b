"""The anytime-valid t test against the mixture that it is the closed form of."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import quad

from hikaku.analysis.anytime import critical, e_value


def mixture(t, n, phi):
    """The likelihood ratio of t, noncentral against central, over effects ~ Normal(0, 1 / phi)."""
    prior = stats.norm(0, 1 / math.sqrt(phi))

    def weighed(effect):
        return stats.nct.pdf(t, n - 1, effect * math.sqrt(n)) * prior.pdf(effect)

    return quad(weighed, -6, 6, points=[0, t / math.sqrt(n)])[0] / stats.t.pdf(t, n - 1)


@pytest.mark.parametrize(
    ("t", "n", "phi"), [(0.0, 2, 2.0), (1.3, 5, 2.0), (-2.4, 9, 1.0), (3.0, 20, 2.0), (4.1, 7, 5.0)]
)
def test_the_closed_form_is_the_mixture(t, n, phi):
    assert e_value(t, n, phi) == pytest.approx(mixture(t, n, phi), rel=1e-5)


@pytest.mark.parametrize(("n", "phi"), [(2, 2.0), (5, 2.0), (6, 0.5), (20, 2.0), (60, 4.0)])
def test_the_expected_evidence_under_the_null_hypothesis_is_one(n, phi):
    # In u = ln t, since the evidence of a few values has a tail that falls slowly.
    def weighed(u):
        t = math.exp(u)
        return 2 * t * e_value(t, n, phi) * stats.t.pdf(t, n - 1)

    assert quad(weighed, -30, 60, limit=400, points=[0, 2, 4])[0] == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("alpha", [0.05, 0.01, 0.05 / 15])
@pytest.mark.parametrize("phi", [0.5, 2.0, 10.0])
def test_the_critical_value_is_where_the_evidence_reaches_one_over_alpha(alpha, phi):
    finite = [n for n in range(2, 200) if math.isfinite(critical(n, alpha, phi))]
    assert finite == list(range(finite[0], 200))
    for n in finite:
        assert e_value(critical(n, alpha, phi), n, phi) == pytest.approx(1 / alpha)
    for n in range(2, finite[0]):
        assert e_value(math.inf, n, phi) <= 1 / alpha


@pytest.mark.parametrize(
    ("n", "alpha", "t"),
    [
        *zip(
            (6, 8, 10, 12, 16, 20, 30), [0.05] * 7, (9.1, 4.8, 4.1, 3.8, 3.5, 3.4, 3.3), strict=True
        ),
        (21, 0.01, 4.18),
        (30, 0.01, 3.96),
    ],
)
def test_the_critical_values_are_those_of_the_method(n, alpha, t):
    assert critical(n, alpha) == pytest.approx(t, abs=0.05)


@pytest.mark.parametrize("n", [0, 1, 2, 5])
def test_of_too_few_values_nothing_decides(n):
    assert critical(n, 0.05) == math.inf
    assert e_value(math.inf, n) < 20


def test_the_evidence_grows_with_t_alone_and_without_bound_in_n():
    said = [e_value(t, 12) for t in (0.0, 0.5, 2.0, 10.0, 1e8, 1e200, math.inf)]
    assert sorted(said) == said and said[0] < 1
    assert e_value(-2.0, 12) == e_value(2.0, 12)
    assert e_value(math.inf, 12) == pytest.approx((14 / 2) ** 5.5)
    assert e_value(math.inf, 400) == math.inf


def test_a_true_null_hypothesis_is_rarely_rejected_however_long_one_looks():
    values = np.random.default_rng(11).normal(size=(20_000, 100))
    n = np.arange(2, 101)
    mean = values.cumsum(axis=1)[:, 1:] / n
    variance = ((values**2).cumsum(axis=1)[:, 1:] - n * mean**2) / (n - 1)
    limits = np.array([critical(int(size), 0.05) for size in n])
    rejected = (np.abs(mean) / np.sqrt(variance / n) >= limits).any(axis=1).mean()
    assert 0.01 < rejected < 0.05
