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
    arms = [{name: arm[name] for name in arm if name != "cost"} for arm in value["arms"]]
    return {**value, "arms": arms}


def test_the_names_are_the_documented_ones(digits: Whole) -> None:
    value = form(digits)
    assert list(value) == ["format", "study", "metric", "worth", "trials", "arms", "findings"]
    assert (value["format"], value["study"], value["metric"]) == (1, "digits", "test accuracy")
    assert value["trials"] == {"trained": 3, "reused": 27}
    assert list(value["arms"][0]) == [
        "name", "is_base", "recipe", "treatment", "seeds", "measured", "outcomes", "parameters",
        "cost",
    ]  # fmt: skip  # a list of names
    assert list(value["arms"][0]["measured"]["test"]["accuracy"]) == [
        "mean", "ci_low", "ci_high", "by_seed",
    ]  # fmt: skip  # a list of names
    assert list(value["findings"][0]) == [
        "variant", "base", "metric", "seeds", "effect", "ci_low", "ci_high", "verdict",
        "sentence", "cautions",
    ]  # fmt: skip  # a list of names


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
