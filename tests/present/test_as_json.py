"""The JSON is the documented one: strict, stable, English, without clocks outside `cost`."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import fake_study
import pytest
from fake_study import Whole

from hikaku.present.as_json import as_json
from hikaku.record import Results


def form(whole: Whole, trained: int = 3, reused: int = 27) -> dict[str, Any]:
    return as_json(whole.study, whole.results, whole.findings, trained, reused)


def without_cost(value: dict[str, Any]) -> dict[str, Any]:
    def bare(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [{name: row[name] for name in row if name != "cost"} for row in rows]

    return {**value, "arms": bare(value["arms"]), "findings": bare(value["findings"])}


def test_the_names_are_the_documented_ones(digits: Whole) -> None:
    value = form(digits)
    assert list(value) == [
        "format", "study", "metric", "worth", "equal", "trials", "arms", "findings",
    ]  # fmt: skip  # a list of names
    assert (value["format"], value["study"], value["metric"]) == (1, "digits", "test accuracy")
    assert value["trials"] == {"trained": 3, "reused": 27}
    assert list(value["arms"][0]) == [
        "name", "is_base", "recipe", "treatment", "seeds", "measured", "outcomes", "parameters",
        "arithmetic", "cost",
    ]  # fmt: skip  # a list of names
    assert list(value["arms"][0]["measured"]["test"]["accuracy"]) == [
        "mean", "ci_low", "ci_high", "by_seed",
    ]  # fmt: skip  # a list of names
    assert list(value["findings"][0]) == [
        "variant", "against", "base", "metric", "seeds", "effect", "ci_low", "ci_high", "verdict",
        "sentence", "cautions", "notes", "by", "worth", "level", "family", "exploratory",
        "equivalence_low", "equivalence_high", "automatic", "most", "planned", "unfinished",
        "looks", "forecast", "enough", "scope", "lottery", "correlation", "limit", "cost",
    ]  # fmt: skip  # a list of names


@pytest.mark.fault("B14")
def test_what_is_not_known_is_null_and_the_json_is_strict(digits: Whole) -> None:
    text = json.dumps(form(digits), allow_nan=False)
    arm = json.loads(text)["arms"][-1]
    assert arm["outcomes"] == {"done": 4, "diverged": 1, "failed": 0}
    by_seed = arm["measured"]["test"]["accuracy"]["by_seed"]
    assert [value is None for value in by_seed] == [False, False, False, True, False]
    assert len(arm["seeds"]) == len(by_seed)


def test_a_study_without_results_is_strict_json_too(digits: Whole) -> None:
    empty = fake_study.whole(digits.study, Results(digits.study.seeds, {}))
    json.dumps(form(empty), allow_nan=False)


def test_the_looks_of_automatic_seeds_end_with_the_printed_interval() -> None:
    for found in form(fake_study.automatic())["findings"]:
        assert (found["automatic"], found["most"]) == (True, 20)
        looks = found["looks"]
        assert [look["n"] for look in looks] == list(range(5, len(found["planned"]) + 1))
        for name in ("ci_low", "ci_high", "equivalence_low", "equivalence_high"):
            assert looks[-1][name] == found[name]
        assert looks[-1]["mean"] == found["effect"]


def test_an_open_comparison_has_a_forecast_and_its_minutes_stand_in_cost() -> None:
    whole = fake_study.automatic(("early-stopping",), most=20)
    seeds = whole.study.seeds[:8]
    trials = {key: trial for key, trial in whole.results.trials.items() if key[1] in seeds}
    (found,) = form(fake_study.whole(whole.study, Results(whole.study.seeds, trials)))["findings"]
    assert found["verdict"] == "undecided"
    ahead = found["forecast"]
    assert list(ahead) == ["more", "low", "high", "chance"]
    assert ahead["low"] <= ahead["more"] <= ahead["high"] <= 12
    assert 0 <= ahead["chance"] <= 1
    cost = found["cost"]
    assert cost["minutes_more"] == pytest.approx(ahead["more"] * cost["seconds_per_seed"] / 60)


def test_many_variants_are_marked_as_exploratory() -> None:
    many = fake_study.whole(fake_study.study(tuple(f"v{n}" for n in range(16))))
    found = form(many)["findings"][0]
    assert (found["exploratory"], found["family"]) == (True, 16)


def test_the_effect_is_the_mean_of_the_differences_in_it(digits: Whole) -> None:
    value = form(digits)
    base, variant = value["arms"][0], value["arms"][1]
    pairs = zip(
        *(arm["measured"]["test"]["accuracy"]["by_seed"] for arm in (variant, base)), strict=True
    )
    assert value["findings"][0]["effect"] == pytest.approx(sum(a - b for a, b in pairs) / 5)


def test_the_treatment_and_the_recipe_are_words_of_the_study_file(digits: Whole) -> None:
    base, dropout = form(digits)["arms"][:2]
    assert base["treatment"] == []
    assert dropout["treatment"] == ["layers + dropout(p=0.5, at=[])"]
    assert dropout["recipe"]["layers"] == ["dropout(p=0.5, at=[])"]
    assert dropout["recipe"]["epochs"] == 60
    assert dropout["recipe"]["averaging"] is None
    assert dropout["recipe"]["evaluate_every"] == "epoch"
    data = {name: value for name, value in base["recipe"].items() if name.startswith("data.")}
    assert data == {
        "data.use": "digits",
        "data.train": 480,
        "data.validation": 120,
        "data.test": "rest",
        "data.take": "stratified",
        "data.resample": "split",
    }


def test_clocks_and_meters_stand_in_cost_alone(digits: Whole) -> None:
    slower = {
        key: replace(trial, outcome=replace(trial.outcome, cost={"seconds": 9e3, "attempts": 2.0}))
        for key, trial in digits.results.trials.items()
    }
    other = fake_study.whole(digits.study, replace(digits.results, trials=slower))
    assert form(other) != form(digits)
    assert without_cost(form(other)) == without_cost(form(digits))


def test_it_is_english_whatever_the_environment_speaks(
    digits: Whole, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HIKAKU_LANG", "ja")
    value = form(digits)
    assert value["findings"][0]["verdict"] == "helps"
    assert value["findings"][0]["sentence"].startswith("dropout helps: ")
    assert json.dumps(value).isascii()
