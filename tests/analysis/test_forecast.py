"""What further seeds will do: a prediction that is redone alike, and that comes true."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from result_builder import ACCURACY, compared, paired

from hikaku.analysis.course import Figures, course, figures
from hikaku.analysis.forecast import Forecast, forecast
from hikaku.analysis.power import more_seeds
from hikaku.analysis.rule import Rule
from hikaku.analysis.verdict import courses
from hikaku.study.study import Metric


def of(differences, worth=0.001, most=20, family=1, endings=()):
    """The forecast after these differences; `endings` are those of further seeds of the variant."""
    rule = Rule(tuple(range(most)), True, min(most, 20), worth, family)
    base = [0.5] * (len(differences) + len(endings))
    _, results = compared(base, a=[*(0.5 + d for d in differences), *endings])
    return forecast(course(figures(results, "a", ACCURACY), rule, 0.05 / family))


def around(effect, n=6):
    """Differences with exactly this mean and a standard deviation of 1 %."""
    found = np.random.default_rng(1).normal(size=n)
    return (0.01 * (effect + (found - found.mean()) / found.std(ddof=1))).tolist()


def test_equal_data_give_an_equal_forecast():
    assert of(around(0.5)) == of(around(0.5))
    assert of(around(0.5)) != of(around(0.6))


def test_a_smaller_effect_takes_more_seeds_with_less_chance():
    found = [of(around(effect)) for effect in (1.7, 1.2, 0.8, 0.4)]
    assert [one.more for one in found] == sorted(one.more for one in found)
    assert found[0].more < found[-1].more
    chances = [one.chance for one in found]
    assert chances == sorted(chances, reverse=True) and chances[-1] < chances[0] - 0.3


def test_a_huge_effect_will_be_decided_and_nothing_with_a_tiny_margin_will_not():
    huge = of(around(20, n=3))
    assert huge.chance > 0.99
    assert huge.more == huge.low == 2
    nothing = of(around(0.0, n=19), worth=1e-6)
    assert nothing.chance < 0.02
    assert of(around(0.0), worth=0.014).chance > 0.9


def test_it_says_the_median_and_eighty_percent_of_what_decides():
    found = of(around(0.6))
    within = np.array(found.within)
    assert within[0] == 0 and within[-1] == found.chance and (np.diff(within) >= 0).all()
    assert len(within) == 15
    shares = within / found.chance
    for seeds, share in ((found.low, 0.1), (found.more, 0.5), (found.high, 0.9)):
        assert shares[seeds - 1] <= share + 0.02 and shares[seeds] >= share - 0.02


def test_more_variants_and_fewer_seeds_leave_less_chance():
    chances = [of(around(0.8), family=family).chance for family in (1, 5, 15)]
    assert chances == sorted(chances, reverse=True) and chances[0] > chances[-1] + 0.1
    assert of(around(0.8), most=10).chance < of(around(0.8), most=20).chance - 0.1


def test_of_two_differences_the_spread_is_hardly_known():
    """Were it as they suggest, all draws would be decided: 0.0125 is five standard errors."""
    assert 0.6 < of([0.010, 0.015], most=5).chance < 0.9


def test_seeds_past_the_horizon_are_counted_on():
    assert len(of(around(0.5), most=40).within) == 35
    assert of(around(0.3), most=60).chance > of(around(0.3), most=21).chance


def test_arms_that_were_identical_so_far_will_soon_be_no_different():
    assert of([0.0] * 3) == Forecast(2, 2, 2, 1.0, (0.0, 0.0, *[1.0] * 16))


@pytest.mark.parametrize("zeros", [4, 6])
def test_zeros_of_a_coarse_metric_go_on_until_they_leave_less_than_worth(zeros):
    """A fiftieth is the smallest step, and of ten looks at zeros the tenth excludes 0.2 of it."""
    rule, n = Rule(tuple(range(20)), True, 20, 0.0042, 1), 10
    assert 0.02 * (1 - 0.1 ** (1 / n)) < rule.worth < 0.02 * (1 - 0.1 ** (1 / (n - 1)))
    found = Figures(
        ACCURACY,
        dict.fromkeys(range(n), (0.5, 0.5)),
        dict.fromkeys(range(zeros), ("done", "done")),
        0.02,
    )
    ahead = forecast(course(found, rule, 0.05))
    assert (ahead.more, ahead.low, ahead.high, ahead.chance) == (n - zeros, n - zeros, n - zeros, 1)
    coarse = forecast(course(found, replace(rule, worth=0.001), 0.05))
    assert coarse.chance == 0
    whole = replace(found, ends=dict.fromkeys(range(n), ("done", "done")))
    assert course(whole, rule, 0.05).verdict == "no-practical-difference"
    assert more_seeds(paired([0.0] * zeros, 0.02), rule.worth, 0.05) == n - zeros


def test_equal_differences_are_expected_to_spread():
    found = of([0.01] * 6)
    assert 0.3 < found.chance < 1 and np.isfinite(found.within).all()


def test_without_a_verdict_in_sight_all_seeds_are_left():
    found = of(around(0.0, n=4), worth=1e-9, most=5, family=900)
    assert (found.more, found.low, found.high, found.chance) == (1, 1, 1, 0.0)


def test_there_is_none_where_nothing_can_be_foretold():
    assert of([]) is None and of([0.01]) is None
    assert of(around(9)) is None, "decided"
    assert of(around(0.1, n=20), worth=1e-6) is None, "no seeds left"
    assert of(around(0.1), endings=["failed"]) is None, "stopped"
    assert of(around(0.1), endings=["diverged"]) is not None
    fixed = courses(*compared([0.5] * 6, a=[0.5 + d for d in around(0.1)]))["a"]
    assert forecast(fixed) is None


def test_what_would_be_withheld_is_not_counted_on():
    """One divergence of the variant stands against a help, and not against a hurt."""
    assert of(around(1.2), endings=["diverged"]).chance < of(around(1.2)).chance - 0.5
    assert of(around(-1.2), endings=["diverged"]).chance > 0.7


def studies(pilot):
    """Differences of whole studies, their effects and spreads drawn as widely as it takes.

    Only those are given whose first seeds lie where such a prior is as good as endless; to choose
    by these seeds is fair, for a forecast knows them.
    """
    rng = np.random.default_rng(8)
    spreads = np.exp(rng.uniform(-3, 3, 60_000))
    found = rng.normal(rng.uniform(-60, 60, 60_000), spreads, (20, 60_000)).T
    first = found[:, :pilot]
    sd, mean = first.std(1, ddof=1), first.mean(1)
    usable = (sd > 0.4) & (sd < 3) & (np.abs(mean) < 7 * sd / np.sqrt(pilot))
    return found[usable]


@pytest.mark.parametrize(("worth", "pilot"), [(0.8, 5), (1.0, 8)])
def test_the_chance_that_is_said_is_the_share_that_comes_true(worth, pilot):
    """On average over effects and spreads of which nothing is known beforehand."""
    rule, metric = Rule(tuple(range(20)), True, 20, worth, 1), Metric("m")
    said, true, soon, in_time = [], [], [], []
    for differences in studies(pilot):
        ahead = forecast(_follow(differences[:pilot], rule, metric))
        if ahead is None:
            continue
        end = _follow(differences, rule, metric)
        decided = end.verdict != "undecided"
        said.append(ahead.chance)
        true.append(decided)
        soon.append(ahead.within[4])
        in_time.append(decided and len(end.judged) <= pilot + 4)
        if len(said) == 400:
            break
    assert len(said) == 400 and 0.15 < np.mean(said) < 0.95
    assert np.mean(said) == pytest.approx(np.mean(true), abs=0.05)
    assert np.mean(soon) == pytest.approx(np.mean(in_time), abs=0.05)


def _follow(differences, rule, metric):
    by_seed = {seed: (float(d), 0.0) for seed, d in enumerate(differences)}
    return course(Figures(metric, by_seed, dict.fromkeys(by_seed, ("done", "done"))), rule, 0.05)
