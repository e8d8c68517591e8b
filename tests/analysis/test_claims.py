"""A claim is reproduced, contradicted or not resolved by intervals over whole sets of seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
import pytest
from result_builder import ACCURACY, bound_to, compared, study_of, trial

from hikaku.analysis.claims import Judged, judge
from hikaku.analysis.contrasts import OF_BETTER, OF_FIGURE
from hikaku.record import OTHER_PIXELS, Results, Sheet, Spent
from hikaku.records import Record
from hikaku.study.claims import EXPECTED
from hikaku.study.study import Claim, Metric, Study

NOISE = np.array([-0.004, -0.002, 0.0, 0.002, 0.004])
LOSS = Metric("loss", "test", better="lower", of_better="lower")


def claim(**changes: object) -> Claim:
    plain = Claim("it helps", "difference", ACCURACY, "helps", ("a",), ("base",), worth=0.01)
    return replace(plain, **changes)


def judged(study: Study, results: Results, *claims: Claim) -> list[Judged]:
    return list(judge(replace(study, claims=claims or (claim(),)), results))


def verdicts(ends: Sequence[float], *claims: Claim, base: float = 0.5) -> list[str]:
    study, results = compared(list(base + NOISE), a=list(ends))
    return [one.verdict for one in judged(study, results, *claims)]


@pytest.mark.parametrize(
    ("better_by", "verdict"),
    [(0.1, "reproduced"), (-0.1, "contradicted"), (0.0005, "contradicted")],
)
def test_a_difference_is_reproduced_or_contradicted_by_its_interval(
    better_by: float, verdict: str
) -> None:
    assert verdicts(0.5 + better_by + NOISE[[1, 0, 2, 4, 3]]) == [verdict]


def test_a_point_value_alone_resolves_nothing() -> None:
    assert verdicts([0.9, 0.2, 0.8, 0.3, 0.9]) == ["not-resolved"]


def test_of_a_loss_less_is_better() -> None:
    study, results = compared(list(0.5 + NOISE), LOSS, a=list(0.3 + NOISE[::-1]))
    helps, hurts = (claim(figure=LOSS, expect=word) for word in ("helps", "hurts"))
    found = judged(study, results, helps, hurts)
    assert [one.verdict for one in found] == ["reproduced", "contradicted"]
    assert found[0].contrasts[0].pairs.mean == pytest.approx(-0.2)  # as it is, not turned


def test_claims_wait_for_all_their_trials_and_for_five_seeds() -> None:
    study, results = compared([0.5] * 5, a=[0.9, 0.9, 0.9, 0.9, None])
    (found,) = judged(study, results)
    assert (found.verdict, str(found.why)) == (
        "not-resolved", "1 of 10 trials are still to come"
    )  # fmt: skip  # two values
    few = compared([0.5] * 3, a=[0.9] * 3)
    assert "3 seeds are too few" in str(judged(*few)[0].why)


def test_automatic_seeds_resolve_no_claim() -> None:
    study, results = compared(list(0.5 + NOISE), most=5, a=list(0.9 + NOISE))
    assert "automatic" in str(judged(study, results)[0].why)


def test_seeds_that_were_looked_at_one_by_one_resolve_no_claim_either() -> None:
    study, results = compared(list(0.5 + NOISE), a=list(0.6 + NOISE[::-1]))
    bound = bound_to(results, Spent(tuple(range(20)), True, 20, 0.01, 1))
    assert "--fresh" in str(judged(study, bound)[0].why)


def test_seeds_that_were_added_after_a_look_do_not_count() -> None:
    study, results = compared([*(0.5 + NOISE), 9, 9], a=[*(0.6 + NOISE[::-1]), 0, 0])
    bound = bound_to(results, Spent((0, 1, 2, 3, 4), False, 5, 0.01, 1))
    (found,) = judged(study, bound)
    assert (found.seeds, found.verdict) == ((0, 1, 2, 3, 4), "reproduced")


def test_more_claims_make_every_interval_wider() -> None:
    study, results = compared(list(0.5 + NOISE), a=list(0.6 + NOISE[::-1]))
    alone, shared = judged(study, results)[0], judged(study, results, claim(), claim())[0]
    assert (alone.level, shared.level) == (0.95, 0.975)
    assert shared.contrasts[0].interval.low < alone.contrasts[0].interval.low


def test_a_claim_about_several_arms_is_contradicted_by_one_and_reproduced_by_all() -> None:
    study, results = compared(
        list(0.5 + NOISE), a=list(0.6 + NOISE[::-1]), b=list(0.4 + NOISE[::-1])
    )
    both = claim(arms=("a", "b"), against=("base", "base"))
    order = claim(kind="order", expect="best first", arms=("a", "base", "b"), against=())
    equal = claim(kind="equality", expect="no practical difference")
    found = judged(study, results, both, order, equal)
    assert [one.verdict for one in found] == ["contradicted", "reproduced", "contradicted"]


def test_a_threshold_counts_a_diverged_trial_as_one_that_learnt_nothing() -> None:
    ends = ["diverged", "diverged", 0.1, 0.12, 0.11]
    study, results = compared(list(0.5 + NOISE), a=ends)
    below = claim(kind="threshold", expect="below", against=(), value=0.4)
    above = replace(below, arms=("base",), expect="above")
    assert [one.verdict for one in judged(study, results, below, above)] == ["reproduced"] * 2


def test_what_never_reaches_a_level_is_slower_than_what_does() -> None:
    steps = Metric("accuracy", "validation", "steps-to", "lower", "higher", 0.9)
    curves = {arm: [(10, 0.1), (30, top)] for arm, top in (("base", 0.2), ("a", 0.95))}
    study, results = of_curves({arm: {("validation", "accuracy"): c} for arm, c in curves.items()})
    fast = {seed: [(10 - 2 * (seed % 2), 0.95), (30, 0.95)] for seed in range(5)}
    for seed, curve in fast.items():
        results.trials["a", seed] = trial(curves={("validation", "accuracy"): curve})
    speed = claim(kind="speed", figure=steps, expect="faster", worth=0.0)
    assert [one.verdict for one in judged(study, results, speed)] == ["reproduced"]


@pytest.mark.parametrize("status", ["diverged", "done"])
def test_a_trial_that_ends_before_it_reaches_a_level_is_not_fast(
    status: Literal["diverged", "done"],
) -> None:
    steps = Metric("accuracy", "validation", "steps-to", "lower", "higher", 0.9)
    study, results = of_curves({})
    for seed in range(5):
        curve = {("validation", "accuracy"): [(20 + seed, 0.95), (30, 0.95)]}
        results.trials["base", seed] = trial(curves=curve)
        short = trial(curves={("validation", "accuracy"): [(2, 0.1)]}, status=status)
        results.trials["a", seed] = replace(short, outcome=replace(short.outcome, step=3 + seed))
    study = study_of(["a"])
    words = [claim(kind="speed", figure=steps, expect=it, worth=0.0) for it in ("faster", "slower")]
    found = judged(study, results, *words)
    assert [one.verdict for one in found] == ["contradicted", "reproduced"]


def computed(study: Study, results: Results, **ways: str) -> tuple[Study, Results]:
    """These trials, some arms' computed in such a way; `a_plain` is the arm "a (plain)"."""
    trials = dict(results.trials)
    for name, way in ways.items():
        arm = name.replace("_plain", " (plain)")
        for seed in results.seeds:
            end = results.trials[arm, seed]
            trials[arm, seed] = replace(end, outcome=replace(end.outcome, arithmetic=way))
    return study, replace(results, trials=trials)


def test_arms_that_were_computed_differently_resolve_no_claim() -> None:
    ends = {"a": list(0.6 + NOISE[::-1]), "b": list(0.5 + NOISE)}
    made = compared(list(0.4 + NOISE), **ends)
    ways = {"base": "dense cpu", "a": "plain cpu", "b": "dense cpu"}
    study, results = computed(*made, **ways)
    (found,) = judged(study, results, claim(against=("b",)))
    assert (found.verdict, found.contrasts) == ("not-resolved", ())
    assert str(found.why) == (
        "a and b were computed differently, so that they do not compare: plain cpu; dense cpu"
    )
    assert judged(*made, claim(against=("b",)))[0].verdict == "reproduced"


def test_a_claim_and_its_lens_use_the_twin_whichever_side_it_is_on() -> None:
    ends = {"a": list(0.6 + NOISE[::-1]), "base (plain)": list(0.8 + NOISE)}
    made = compared(list(0.4 + NOISE), **ends)
    study, results = computed(*made, base="dense cpu", a="plain cpu", base_plain="plain cpu")
    twin = "base (plain)"
    results = replace(results, bases={"a": twin}, twins={twin: "base"})
    gap = (("base", (0.8,)), ("a", (0.6,)))
    hurts, helps = claim(expect="hurts", published=gap), claim(arms=("base",), against=("a",))
    found = judged(study, results, hurts, helps)
    assert [one.verdict for one in found] == ["reproduced"] * 2
    assert found[0].lenses[0].technique == pytest.approx(-0.2)


def test_an_arm_that_is_named_as_a_twin_would_be_is_none() -> None:
    ends = {"a": list(0.6 + NOISE[::-1]), "base (old)": list(0.8 + NOISE)}
    study, results = compared(list(0.4 + NOISE), **ends)
    found = judged(study, replace(results, bases={"a": "base (old)"}), claim())
    assert found[0].verdict == "reproduced" and found[0].contrasts[0].pairs.mean > 0.1


def test_what_diverges_at_every_seed_stays_open_and_says_why() -> None:
    below = claim(kind="threshold", expect="below", against=(), value=0.4)
    few, many = (compared([0.5] * n, a=["diverged"] * n) for n in (5, 8))
    (open_,), (closed,) = judged(*few, below), judged(*many, below)
    assert open_.verdict == "not-resolved" and str(open_.why).startswith(
        "5 seeds give the very same number (a − 0.4), as they do where all diverge"
    )
    assert (closed.verdict, closed.why) == ("reproduced", None)


def test_a_trial_that_diverged_has_no_gap() -> None:
    trials = {
        ("base", seed): trial({
            ("last", "train", "accuracy"): 0.9 + noise, ("last", "test", "accuracy"): 0.7 - noise,
        })
        for seed, noise in enumerate(NOISE)
    }  # fmt: skip  # two figures of each trial
    trials |= {("a", seed): trial(status="diverged") for seed in range(5)}
    gap = claim(kind="gap", figure=Metric("accuracy", "test", "gap", "lower", "higher"))
    narrows, none = replace(gap, expect="narrows"), replace(gap, expect="none", against=())
    found = judged(study_of(["a"]), Results(tuple(range(5)), trials), narrows, none)
    assert [one.verdict for one in found] == ["not-resolved"] * 2


def test_a_curve_that_only_shakes_has_not_fallen() -> None:
    draws = np.random.default_rng(0)
    peak = Metric("accuracy", "validation", "peak-epoch", "lower", "higher")
    fallen, flat = Results(tuple(range(5)), {}), Results(tuple(range(5)), {})
    for results, drop in ((fallen, 0.3), (flat, 0.0)):
        for seed in range(5):
            curve = [
                (10 * n, 0.6 - drop * abs(n - 3) / 3 + draws.normal(0, 0.02)) for n in range(1, 7)
            ]
            results.trials["a", seed] = trial(curves={("validation", "accuracy"): curve})
    falls = claim(kind="peak", figure=peak, expect="falls", against=(), worth=1.5, value=3.0)
    study = study_of(["a"])
    assert judged(study, fallen, falls)[0].verdict == "reproduced"
    assert judged(study, flat, replace(falls, value=None))[0].verdict != "reproduced"


def of_curves(
    arms: Mapping[str, Mapping[tuple[str, str], Sequence[tuple[int, float]]]],
) -> tuple[Study, Results]:
    """A study of five seeds whose trials of one arm are all alike."""
    trials = {(arm, seed): trial(curves=c) for arm, c in arms.items() for seed in range(5)}
    return study_of([arm for arm in arms if arm != "base"]), Results(tuple(range(5)), trials)


def with_batches(batches: Mapping[str, float]) -> tuple[Study, Results]:
    """Train accuracy is .6 in base and .7 in a; the last batch shows each so much less."""
    trials = {}
    for arm, end in (("base", 0.6), ("a", 0.7)):
        for seed, noise in enumerate(NOISE if arm == "base" else NOISE[::-1]):
            made = trial({("last", "train", "accuracy"): end + noise})
            read = [
                Record("batch", step, "train", "accuracy", end - less + noise)
                for step, less in ((10, 0.5), (30, batches[arm]))
            ]
            trials[arm, seed] = replace(made, records=(*read, *made.records))
    return study_of(["a"]), Results(tuple(range(5)), trials)


def test_the_lens_takes_a_published_gap_apart_to_its_last_digit() -> None:
    study, results = with_batches({"base": 0.0, "a": 0.2})
    theirs = claim(
        figure=Metric("accuracy", "train"), reading="batch", expect="hurts",
        published=(("base", (0.65,)), ("a", (0.52,))),
    )  # fmt: skip  # one claim
    (found,) = judged(study, results, theirs)
    (lens,) = found.lenses
    assert lens.published == pytest.approx(-0.13)
    assert (lens.technique, lens.measuring) == (pytest.approx(0.1), pytest.approx(-0.2))
    assert lens.technique + lens.measuring + lens.luck == pytest.approx(lens.published)
    assert (found.verdict, found.by_convention) == ("contradicted", "reproduced")
    base = next(one for one in found.levels if one.arm == "base")
    assert (base.measured, base.honest) == (pytest.approx(0.6), pytest.approx(0.6))


def level(*published: float) -> Claim:
    return claim(kind="level", expect="inside", arms=(), against=(), published=(("a", published),))


def test_a_level_is_held_against_what_one_run_may_show() -> None:
    ends = 0.5 + NOISE
    assert verdicts(ends, level(0.506)) == ["reproduced"]  # beyond every seed, within one run
    assert verdicts(ends, level(0.7)) == ["contradicted"]


def test_levels_do_not_compare_on_other_pixels_but_differences_do() -> None:
    study, results = compared(list(0.5 + NOISE), a=list(0.6 + NOISE[::-1]))
    one = results.trials["a", 0]
    word = Sheet("noticed", np.array([f"{OTHER_PIXELS}cifar10-jpeg"]))
    results.trials["a", 0] = replace(one, sheets=(*one.sheets, word))
    found = judged(study, results, level(0.6), claim())
    assert [one.verdict for one in found] == ["not-comparable", "reproduced"]
    assert all(one.elsewhere for one in found)


def test_every_word_that_can_be_expected_is_one_that_can_be_judged() -> None:
    words = {word for kind, words in EXPECTED.items() if kind != "level" for word in words}
    assert words == {*OF_BETTER, *OF_FIGURE}


def test_a_false_claim_is_resolved_in_at_most_5_of_100_studies() -> None:
    draws, wrong = np.random.default_rng(2), 0
    three = [claim(arms=(arm,), worth=0.0) for arm in "abc"]
    for _ in range(400):
        ends = {arm: list(draws.normal(0.5, 0.1, 5)) for arm in "abc"}
        study, results = compared(list(draws.normal(0.5, 0.1, 5)), **ends)
        wrong += any(one.verdict != "not-resolved" for one in judged(study, results, *three))
    assert wrong / 400 < 0.05 + 3 * (0.05 * 0.95 / 400) ** 0.5
