"""The sequential boundaries: the shipped table, the looks it gives, and the p-value of a path."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

import boundaries
from hikaku.analysis import boundary
from hikaku.analysis.boundary import LONGEST, critical, p_process, threshold
from hikaku.study.study import FEWEST

SHIPPED = Path(boundary.__file__).with_name("boundaries.csv")
HORIZONS = range(FEWEST, LONGEST + 1)
LEVELS = (0.1, 0.05, 0.01, 0.005, 0.05 / 15)
PATHS = 60_000


def rows():
    return np.loadtxt(SHIPPED, delimiter=",")


def near(rate, level, paths=PATHS):
    """Whether a simulated rate is that level, within four standard errors."""
    return abs(rate - level) < 4 * math.sqrt(level * (1 - level) / paths)


@pytest.fixture(scope="module")
def t_paths():
    """The t statistics after 5 … 20 null values, (paths, looks); each path has its own spread."""
    rng = np.random.default_rng(7)
    values = rng.normal(size=(PATHS, LONGEST)) * rng.lognormal(0, 3, size=(PATHS, 1))
    prefixes = (values[:, :n] for n in HORIZONS)
    return np.column_stack([stats.ttest_1samp(prefix, 0, axis=1).statistic for prefix in prefixes])


@pytest.fixture(scope="module")
def p_paths(t_paths):
    """The p-values of the same looks."""
    return 2 * stats.t.sf(np.abs(t_paths), np.array(HORIZONS) - 1)


def test_the_shipped_table_is_as_the_script_writes_it():
    written = boundaries.text(rows(), boundaries.PATHS, boundaries.SEED)
    assert SHIPPED.read_text(encoding="utf-8") == written
    assert SHIPPED == boundaries.TABLE
    assert rows()[:, 0].tolist() == boundaries.levels().tolist()
    assert boundaries.PATHS >= 4_000_000 and boundaries.PATHS % boundaries.CHUNK == 0


def test_the_script_redone_on_a_small_scale_gives_the_shipped_table():
    found = boundaries.minima(np.random.default_rng(3), 50_000)
    for alpha, *constants in rows():
        rates = (found <= constants).mean(axis=0)
        error = math.sqrt(alpha * (1 - alpha) / len(found))
        assert (np.abs(rates - alpha) <= 4 * error + 1e-9).all(), alpha
    again = boundaries.table(found)
    usual = rows()[:, 0] >= 0.01
    assert again[usual] == pytest.approx(rows()[usual], rel=0.15)


@pytest.mark.parametrize(
    ("n", "t"), [(5, 5.9), (6, 4.8), (8, 3.8), (10, 3.4), (12, 3.1), (16, 2.8), (20, 2.6)]
)
def test_the_critical_values_are_those_of_the_method(n, t):
    assert critical(n, 20, 0.05) == pytest.approx(t, abs=0.06)


@pytest.mark.parametrize("alpha", [0.1, 0.05, 0.05 / 3, 0.05 / 40, 2e-4])
def test_a_horizon_of_five_is_the_ordinary_t_test(alpha):
    assert threshold(5, 5, alpha) == pytest.approx(alpha)
    assert critical(5, 5, alpha) == pytest.approx(stats.t.isf(alpha / 2, 4))


@pytest.mark.parametrize("alpha", [1e-4, 0.05 / 40, 0.05, 0.5, 1.0])
def test_the_critical_value_is_the_t_of_the_threshold(alpha):
    p = [2 * stats.t.sf(critical(n, 20, alpha), n - 1) for n in HORIZONS]
    assert p == pytest.approx([threshold(n, 20, alpha) for n in HORIZONS])
    assert p == pytest.approx([n / 20 * threshold(20, 20, alpha) for n in HORIZONS])


@pytest.mark.parametrize("horizon", [5, 6, 12, 20])
@pytest.mark.parametrize("alpha", LEVELS)
def test_looking_at_every_n_errs_with_probability_alpha(t_paths, horizon, alpha):
    looks = [critical(n, horizon, alpha) for n in HORIZONS]
    assert near((np.abs(t_paths) >= looks).any(axis=1).mean(), alpha)


def test_between_the_rows_the_level_holds_too(p_paths):
    for alpha in (0.07, 0.045, 0.0123, 0.05 / 19, 0.37):
        assert alpha not in rows()[:, 0]
        looks = [threshold(n, 20, alpha) for n in HORIZONS]
        assert near((p_paths <= looks).any(axis=1).mean(), alpha)


def test_the_ordinary_t_test_at_every_n_would_be_wrong_far_too_often(p_paths):
    assert (p_paths <= 0.05).any(axis=1).mean() > 0.15


def test_a_larger_level_is_more_lenient_at_every_look():
    levels = np.geomspace(1e-4, 1, 400)
    for horizon in HORIZONS:
        looks = [[threshold(n, horizon, alpha) for n in range(5, horizon + 1)] for alpha in levels]
        assert (np.diff(looks, axis=0) > 0).all()


def test_a_later_look_is_more_lenient_and_a_longer_horizon_stricter():
    for alpha in (0.05, 0.01, 0.05 / 40):
        t = np.array([[critical(n, horizon, alpha) for n in HORIZONS] for horizon in HORIZONS])
        for horizon, looks in zip(HORIZONS, t, strict=True):
            seen = looks[: horizon - FEWEST + 1]
            assert np.isfinite(seen).all() and (np.diff(seen) < 0).all()
        for n, column in zip(HORIZONS, t.T, strict=True):
            assert (np.diff(column[n - FEWEST :]) > 0).all()


@pytest.mark.parametrize(("n", "horizon"), [(4, 20), (0, 20), (11, 10), (21, 20), (3, 3)])
def test_where_there_is_no_look_nothing_decides(n, horizon):
    assert threshold(n, horizon, 0.05) == 0
    assert critical(n, horizon, 0.05) == math.inf


def test_what_the_table_does_not_hold_is_refused():
    for alpha in (9e-5, 0.0, -0.1, 1.01, math.nan):
        with pytest.raises(ValueError, match="alpha is"):
            threshold(10, 20, alpha)
    with pytest.raises(ValueError, match="horizon is 21"):
        threshold(10, 21, 0.05)
    with pytest.raises(ValueError, match="horizon is 21"):
        p_process([0.5], 21)


@pytest.mark.parametrize("horizon", [5, 11, 20])
def test_the_p_value_of_a_path_is_at_most_alpha_exactly_when_a_look_has_decided(p_paths, horizon):
    levels = np.array([0.001, 0.05 / 7, 0.01, 0.0234, 0.05, 0.1, 0.6])
    looks = np.array([[threshold(n, horizon, alpha) for n in HORIZONS] for alpha in levels])
    for path in p_paths[:600]:
        decided = np.logical_or.accumulate(path <= looks, axis=1)
        for seen in range(1, len(HORIZONS) + 1):
            said = p_process(path[:seen], horizon)
            assert ((said <= levels) == decided[:, seen - 1]).all()


@pytest.mark.parametrize("horizon", [5, 12, 20])
def test_the_p_value_of_a_null_path_is_uniform_at_the_horizon(p_paths, horizon):
    said = np.array([p_process(path, horizon) for path in p_paths[:20_000]])
    for alpha in (0.005, 0.01, 0.05, 0.1, 0.3, 0.5, 0.7, 0.88, 0.97, 0.995):
        assert near((said <= alpha).mean(), alpha, 20_000), alpha


def test_a_path_has_a_smaller_p_value_the_longer_one_looks_and_none_beyond_the_horizon():
    path = [0.4, 0.2, 0.3, 0.01, 0.001, 0.0]
    said = [p_process(path[:seen], 9) for seen in range(7)]
    assert said[0] == 1.0
    assert sorted(said, reverse=True) == said
    assert said[2] == said[3] > said[4] > said[5] == said[6]


def test_below_the_table_the_p_value_is_bounded_and_never_jumps():
    least = float(rows()[0, -1]) * np.geomspace(1e-6, 2, 500) * 5 / 20
    said = [p_process([p], 20) for p in least]
    assert (np.diff(said) >= 0).all()
    assert max(np.diff(np.log(said))) < 0.05
    assert (np.array(said) >= least).all()
    assert said[0] < 1e-9
    assert p_process([0.0], 20) == 0.0
    assert p_process([1.0], 20) == 1.0
