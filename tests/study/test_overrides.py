from __future__ import annotations

import copy
import tomllib
from collections.abc import Callable

import pytest
from small_house import STUDY

from hikaku.study.overrides import apply, parse_seeds
from hikaku.study.recipe import Use
from hikaku.study.study import Metric, Study

Decode = Callable[..., Study]
Mistakes = Callable[..., list[str]]


@pytest.mark.parametrize(
    ("override", "value"),
    [
        ("recipe.epochs=3", 3),
        ("recipe.epochs = 3", 3),
        ("worth=0.02", 0.02),
        ("question=why?", "why?"),
        ('question="3"', "3"),
        ("seeds=[1, 2]", [1, 2]),
        ("model={ use = 'mlp' }", {"use": "mlp"}),
        ("recipe.'batch_size'=8", 8),
        ("question=a=b", "a=b"),
        ("question=", ""),
    ],
)
def test_values_are_tomls_and_bare_words_are_texts(override: str, value: object) -> None:
    found: object = apply(tomllib.loads(STUDY), [override])[0]
    for key in override.partition("=")[0].replace("'", "").strip().split("."):
        assert isinstance(found, dict)
        found = found[key]
    assert found == value


def test_the_study_given_is_left_as_it_was() -> None:
    mapping = tomllib.loads(STUDY)
    before = copy.deepcopy(mapping)
    apply(mapping, ["recipe.steps=3", "data.train=1", "model.channels=[1]"])
    assert mapping == before


@pytest.mark.parametrize(("one", "other"), [("epochs", "steps"), ("steps", "epochs")])
def test_epochs_and_steps_replace_each_other(one: str, other: str) -> None:
    changed, paths, _ = apply({"recipe": {other: 9}}, [f"recipe.{one}=3"])
    assert changed["recipe"] == {one: 3}
    assert paths == (("recipe", one),)


def test_a_short_form_opens_up_for_what_is_set_inside(decoded: Decode) -> None:
    study = decoded(
        STUDY,
        ('"accuracy"', '"train loss"'),
        overrides=["model.dense=8", "metric.of=area", "recipe.loss.use=label-smoothing"],
    )
    assert dict(study.base.model.settings)["dense"] == 8
    assert study.metric == Metric("loss", "train", "area", "lower", "lower")
    assert study.base.recipe.loss == Use("label-smoothing", (("amount", 0.1),))


def test_an_override_is_as_if_it_stood_in_the_file(decoded: Decode) -> None:
    there = decoded(STUDY, ("epochs = 60", "steps = 7"), ("worth    = 0.01", "worth = 0.5"))
    assert decoded(STUDY, overrides=["recipe.steps=7", "worth=0.5"]) == there


@pytest.mark.parametrize(
    ("override", "fault"),
    [
        (
            "recipe.epoch=3",
            "--set recipe.epoch: [recipe] has no key 'epoch'. Did you mean 'epochs'",
        ),
        ("recipe.epochs=none", "--set recipe.epochs: must be a whole number"),
        ("recipe.layers=[3]", "--set recipe.layers[0]: must be a name"),
        ("recipe.epochs", "--set recipe.epochs: an override is written key=value"),
        ("=3", "--set =3: an override is written key=value"),
        ("a b=3", "--set a b=3: 'a b' is no key"),
        ("variant.dropout.p=3", "--set variant.dropout.p=3: 'variant' is no table"),
        ("worth=1\nseeds=3", "an override is written key=value"),
        ("worth=" + "[" * 5000, "--set worth: must be > 0"),
    ],
)
def test_a_wrong_override_is_named_by_its_option(
    mistakes: Mistakes, override: str, fault: str
) -> None:
    (found,) = mistakes(STUDY, overrides=[override])
    assert fault in found


def test_wrong_overrides_come_with_the_mistakes_of_the_file(mistakes: Mistakes) -> None:
    found = mistakes(STUDY, ("worth", "wroth"), overrides=["x", "y"])
    assert len(found) == 4


@pytest.mark.parametrize(
    ("text", "seeds"),
    [
        ("3", 3),
        ("0,4,7", [0, 4, 7]),
        (" 1 , 2 ", [1, 2]),
        ("5,", [5]),
        ("auto", "auto"),
        ("-1", "-1"),
        ("1.5", "1.5"),
        ("", ""),
        ("٣", "٣"),
        ("9" * 5000, "9" * 5000),
    ],
)
def test_seeds_on_the_command_line_are_a_number_or_a_list(text: str, seeds: object) -> None:
    assert parse_seeds(text) == seeds


@pytest.mark.parametrize("seeds", ["0,4,7", [0, 4, 7], (0, 4, 7)])
def test_seeds_given_replace_the_studys(decoded: Decode, seeds: object) -> None:
    assert decoded(STUDY, seeds=seeds).seeds == (0, 4, 7)


@pytest.mark.parametrize("seeds", ["x", "0", "1,1", "-1", 0])
@pytest.mark.fault("C8")
def test_wrong_seeds_are_named_by_their_option(mistakes: Mistakes, seeds: object) -> None:
    (found,) = mistakes(STUDY, seeds=seeds)
    assert found.startswith("--seeds: ")
