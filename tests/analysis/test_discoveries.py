"""Beyond fifteen variants a study explores: Benjamini and Hochberg's rule, against scipy's."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from result_builder import compared
from scipy import stats

from hikaku.analysis.verdict import compare
from hikaku.record import Spent


@pytest.mark.parametrize("family", range(16, 41, 4))
def test_what_is_discovered_is_what_benjamini_and_hochberg_discover(family):
    for effects in (0, 1, family // 2, family):
        for most in (None, 20):
            n = most or 8
            found = compare(*exploring(family, effects, n, most))
            ps = np.array([finding.p for finding in found])
            discovered = stats.false_discovery_control(ps) <= 0.05
            declared = [finding.verdict in ("helps", "hurts") for finding in found]
            assert declared == discovered.tolist()
            level = 0.05 * max(1, discovered.sum()) / family
            assert [finding.level for finding in found] == [pytest.approx(1 - level)] * family


def test_what_was_trained_beyond_a_verdict_changes_no_others_level():
    study, results = exploring(20, 6, n=14, most=20)
    found = compare(study, results)
    needed = {finding.variant: finding.planned for finding in found}
    for arm, seed in list(results.trials):
        if arm in needed and seed not in needed[arm]:
            del results.trials[arm, seed]
    assert compare(study, results) == found


def exploring(family, effects, n=8, most=None):
    """A study of this many variants, of which the first so many have a large effect."""
    rng = np.random.default_rng(0)
    base = rng.normal(0.5, 0.01, n)
    gains = rng.normal(0, 0.01, (family, n)) + 0.05 * (np.arange(family) < effects)[:, None]
    variants = {f"v{i}": (base + gain).tolist() for i, gain in enumerate(gains)}
    return compared(base.tolist(), worth=1e-4, most=most, **variants)


def test_verdict_interval_and_p_value_agree():
    found = compare(*exploring(20, 6))
    assert all(finding.explores for finding in found)
    ps = np.array([stats.ttest_1samp(finding.differences, 0).pvalue for finding in found])
    discovered = stats.false_discovery_control(ps) <= 0.05
    assert [finding.verdict in ("helps", "hurts") for finding in found] == discovered.tolist()
    assert [finding.ci_low > 0 for finding in found[:6]] == [True] * 6
    assert {round((1 - finding.level) * 20 / 0.05, 6) for finding in found} == {discovered.sum()}


def test_up_to_fifteen_variants_every_error_counts():
    found = compare(*exploring(15, 6))
    assert {finding.level for finding in found} == {1 - 0.05 / 15}
    assert not any(finding.explores for finding in found)


def test_with_automatic_seeds_all_looks_share_the_level():
    found = compare(*exploring(20, 6, n=14, most=20))
    assert [finding.verdict for finding in found[:6]] == ["helps"] * 6
    assert all(len(finding.planned) < 14 for finding in found[:6])


def test_an_unfinished_comparison_is_no_discovery_for_the_others():
    study, results = exploring(20, 6)
    before = round((1 - compare(study, results)[-1].level) * 20 / 0.05)
    del results.trials["v0", 3]
    found = compare(study, results)
    assert found[0].verdict == "undecided"
    assert {round((1 - finding.level) * 20 / 0.05) for finding in found} == {before - 1}


def test_a_study_explores_as_a_whole_where_one_comparison_ever_did():
    study, results = exploring(3, 1)
    earlier = Spent(study.seeds, False, 8, study.worth, 30)
    found = compare(study, replace(results, spent={"v2": (earlier,)}))
    assert [finding.family for finding in found] == [30, 30, 30]
    assert all("exploratory over 30" in str(finding.sentence) for finding in found)


@pytest.mark.parametrize("most", [None, 20])
def test_what_is_real_but_negligible_is_no_discovery_and_buys_the_others_no_error(most):
    """With p below any level, 25 of them would raise it from .05 / 30 to .05 · 25 / 30."""
    rng = np.random.default_rng(4)
    n, family = 12, 30
    base = rng.normal(0.5, 0.01, n)
    tiny = {f"tiny{i}": base + rng.normal(0.002, 1e-5, n) for i in range(25)}
    noise = {f"noise{i}": base + rng.normal(0, 0.05, n) for i in range(4)}
    # At .05 · 25 / 30 this one would be a help.
    away = rng.normal(size=n)
    noise["near"] = base + 0.02 * (1 + (away - away.mean()) / away.std(ddof=1))
    variants = {name: figures.tolist() for name, figures in (tiny | noise).items()}
    found = compare(*compared(base.tolist(), worth=0.01, most=most, **variants))
    verdicts = {finding.variant: finding.verdict for finding in found}
    assert {verdicts[name] for name in tiny} == {"no-practical-difference"}
    assert all(finding.ci_low > 0 and finding.p <= 0.05 / family for finding in found[:25])
    assert [finding.level for finding in found] == [pytest.approx(1 - 0.05 / family)] * family
    assert {verdicts[name] for name in noise} == {"undecided"}
    (near,) = (finding for finding in found if finding.variant == "near")
    assert 0.05 / family < near.p <= 0.05 * 25 / family
