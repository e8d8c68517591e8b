"""The fast copy of the looks and the real code say the same, comparison by comparison."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from calibration.families import HALF, NEGLIGIBLE
from calibration.handmade import judged, results_of, study_of
from calibration.looks import automatic, follow, words
from calibration.rates import accuracies
from hikaku.analysis.rule import ALPHA, Rule
from hikaku.analysis.verdict import compare, courses
from hikaku.study.study import HORIZON

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


@pytest.mark.parametrize("kind", [HALF, NEGLIGIBLE], ids=lambda kind: kind.what)
def test_exploring_says_the_same_of_seeds_that_come_one_by_one(kind):
    """Each comparison is given the seeds that it was given until its verdict, and no more."""
    whole = kind.results(np.random.default_rng(17))
    at_once = {name: went.verdict for name, went in courses(kind.study, whole).items()}
    used = dict.fromkeys(kind.names, 5)
    while True:
        there = {
            (arm, seed): one
            for (arm, seed), one in whole.trials.items()
            if seed < used.get(arm, HORIZON)
        }
        found = courses(kind.study, replace(whole, trials=there))
        waiting = [name for name, went in found.items() if went.is_open]
        if not waiting:
            break
        used |= {name: used[name] + 1 for name in waiting}
    assert {name: went.verdict for name, went in found.items()} == at_once
    assert min(used.values()) < HORIZON
