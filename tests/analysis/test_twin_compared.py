"""A comparison with a twin of base says so, and why base was trained a second time."""

from dataclasses import replace

import pytest
from result_builder import compared

from hikaku.analysis.curves import paired_values
from hikaku.analysis.twin import said
from hikaku.analysis.verdict import compare
from hikaku.record import Measured, Outcome, Results

TWIN = "base (plain)"


def results(**arithmetics: str) -> Results:
    trials = {
        (arm.replace("twin", TWIN), 0): Measured(Outcome("key", "done", 1, 1, 1, 1, text, "here"))
        for arm, text in arithmetics.items()
    }
    return Results((0,), trials, bases={"v": TWIN})


def test_engines_are_named_where_they_differ() -> None:
    found = results(base="dense cpu fp32", twin="plain cpu fp32", v="plain cpu fp32")
    assert str(said(found, "v", "base")) == (
        "base was trained a second time for this comparison, by the plain engine: the dense engine "
        "cannot take v"
    )


def test_with_one_engine_the_whole_arithmetic_is_told() -> None:
    found = results(base="plain cpu fp32", twin="plain cpu fp32, micro 8", v="plain cpu fp32")
    assert str(said(found, "v", "base")).endswith("by the arithmetic of v: plain cpu fp32, micro 8")


@pytest.mark.parametrize("variant", ["w", "base"])
def test_of_a_comparison_with_base_itself_nothing_is_said(variant: str) -> None:
    assert said(results(base="plain cpu fp32", w="plain cpu fp32"), variant, "base") is None


def test_every_number_of_the_comparison_is_taken_from_the_twin() -> None:
    study, found = compared([0.5] * 6, v=[0.83, 0.81, 0.84, 0.82, 0.85, 0.82], twin=[0.8] * 6)
    trials = {(arm.replace("twin", TWIN), seed): one for (arm, seed), one in found.trials.items()}
    study = replace(study, variants=study.variants[:1])
    results = replace(found, trials=trials, bases={"v": TWIN})
    (finding,) = compare(study, results)
    assert finding.base == TWIN
    assert finding.effect == pytest.approx(0.0283, abs=1e-4)
    assert finding.cost["seconds_per_seed"] == 2
    assert paired_values(results, "v", study.metric).base_values == (0.8,) * 6
    without = {place: one for place, one in trials.items() if place != (TWIN, 3)}
    (finding,) = compare(study, replace(results, trials=without))
    assert finding.seeds == (0, 1, 2, 4, 5)
