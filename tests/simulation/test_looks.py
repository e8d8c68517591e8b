"""The fast copy of the looks and the real code say the same, comparison by comparison."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from calibration.families import differences, explored
from calibration.handmade import judged, results_of, study_of
from calibration.looks import automatic, follow, words
from calibration.rates import accuracies
from hikaku.analysis.rule import ALPHA, Rule
from hikaku.analysis.verdict import compare

WORTHS = (1e-9, 0.4, 1.0)


def mixed(rng, paths, seeds):
    """Paths of every kind: normal around several effects, far from 0, in steps, without spread."""
    effects = rng.choice([0.0, 0.3, -0.8, 1.5], (paths, 1))
    found = rng.normal(effects, 1.0, (paths, seeds))
    found[paths // 4 : paths // 2] = accuracies(100)(rng, (paths // 4, seeds))
    found[-paths // 8 :] = np.round(found[-paths // 8 :] / 4)
    found[-20:] = rng.choice([0.0, 2.0, -3.0], (20, 1))
    return found


@pytest.mark.parametrize(
    ("rule", "alpha", "paths"),
    [
        (automatic(), ALPHA, 1200),
        (automatic(family=8), ALPHA / 8, 800),
        (automatic(12), ALPHA, 800),
        (automatic(35), ALPHA, 400),
        (Rule(tuple(range(7)), False, 7, 0.0, 1), ALPHA, 400),
    ],
    ids=["20 seeds", "8 variants", "12 seeds", "past the horizon", "one look"],
)
def test_the_fast_copy_is_the_real_code(rule, alpha, paths):
    drawn = mixed(np.random.default_rng((rule.most, paths)), paths, rule.most)
    nothing = [0.0] * rule.most
    for worth in WORTHS:
        rule = replace(rule, worth=worth)
        looked = follow(drawn, rule, alpha)
        real = [judged(path.tolist(), nothing, rule, alpha) for path in drawn[:: len(WORTHS)]]
        every = slice(None, None, len(WORTHS))
        assert words(looked)[every] == [went.verdict for went in real]
        assert looked.seeds[every].tolist() == [len(went.judged) for went in real]
        last = looked.seeds[every] - (5 if rule.auto else rule.most)
        low, high = (
            ends[:, every][last, np.arange(len(real))] for ends in (looked.low, looked.high)
        )
        assert low == pytest.approx([went.latest.interval.low for went in real], abs=1e-9)
        assert high == pytest.approx([went.latest.interval.high for went in real], abs=1e-9)


def test_all_verdicts_are_among_the_paths_compared():
    drawn = mixed(np.random.default_rng(1), 400, 20)
    for worth in WORTHS:
        assert len(set(words(follow(drawn, automatic(worth=worth))))) == 4


@pytest.mark.parametrize("family", [1, 8, 15])
def test_whole_findings_say_the_same_as_the_fast_copy(family):
    rng = np.random.default_rng(family)
    arms = rng.normal(0.9, 0.01, (family + 1, 20))
    arms[1] += 0.02
    names = [f"v{place}" for place in range(family)]
    results = results_of(dict(zip(["base", *names], arms.tolist(), strict=True)))
    findings = compare(study_of(names, 1e-9), results)
    looked = follow(arms[1:] - arms[0], automatic(family=family), ALPHA / family)
    assert words(looked) == [finding.verdict for finding in findings]
    assert looked.seeds.tolist() == [len(finding.planned) for finding in findings]
    assert findings[0].level == pytest.approx(1 - ALPHA / family)


@pytest.mark.parametrize("effect", [0.0, 1.0])
def test_exploring_goes_as_the_real_code_has_it(effect):
    """The real code gets from each comparison the seeds that it was given until its verdict."""
    rng = np.random.default_rng(17)
    paths = differences(rng, (1, 30, 20))[0] + effect * (np.arange(30) < 15)[:, None]
    names = [f"v{place}" for place in range(30)]
    figures = dict(zip(names, paths.tolist(), strict=True))
    whole = results_of({"base": [0.0] * 20, **figures})
    used = dict.fromkeys(names, 5)
    while True:
        there = {
            (arm, seed): one
            for (arm, seed), one in whole.trials.items()
            if seed < used.get(arm, 20)
        }
        found = compare(study_of(names, 1e-9), replace(whole, trials=there))
        waiting = [one.variant for one in found if one.verdict == "undecided"]
        if not any(used[name] < 20 for name in waiting):
            break
        used |= {name: min(20, used[name] + 1) for name in waiting}
    declared = [finding.verdict in ("helps", "hurts") for finding in found]
    assert explored(paths).tolist() == declared
