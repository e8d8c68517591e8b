from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from small_house import SMALLEST, STUDY, technique_source

from hikaku.errors import StudyError
from hikaku.study.catalogue import Catalogue
from hikaku.study.decode import from_mapping, load
from hikaku.study.recipe import Evaluation, Use
from hikaku.study.study import Study

Decode = Callable[..., Study]
Mistakes = Callable[..., list[str]]


def test_what_is_not_written_is_filled_in(decoded: Decode) -> None:
    study = decoded(SMALLEST)
    recipe = study.base.recipe
    assert (study.name, study.question, study.seeds, study.variants) == (
        "study",
        "",
        (0, 1, 2, 3, 4),
        (),
    )
    assert study.base.model == Use("mlp", (("hidden", (100, 100)),))
    assert recipe.optimizer == Use("sgd", (("lr", 0.01),))
    assert (recipe.loss.name, recipe.schedule.name) == ("cross-entropy", "constant")
    assert (recipe.epochs, recipe.steps, recipe.batch_size) == (None, 100, 64)
    assert (recipe.order, recipe.evaluate_every) == ("shuffle", Evaluation(1, "epoch", 1))
    assert (recipe.init, recipe.gradient, recipe.averaging, recipe.stopping) == (None,) * 4
    assert recipe.layers == recipe.augment == recipe.penalty == recipe.clip == recipe.project == ()


def test_everything_that_is_written_arrives(decoded: Decode, tmp_path: Path) -> None:
    study = decoded()
    assert study.question == "Which technique helps?"
    assert (study.worth, study.seeds, study.folder) == (0.01, (0, 1, 2), str(tmp_path))
    assert study.base.recipe.batch_size == 32
    assert study.base.recipe.optimizer == Use("adam", (("lr", 0.01), ("beta1", 0.9)))
    assert [arm.name for arm in study.arms] == ["base", "no dropout", "sgd"]


def test_regression_has_its_own_loss(decoded: Decode) -> None:
    study = decoded(SMALLEST, ('"digits"', '"diabetes"'), ('"accuracy"', '"rmse"'))
    assert study.base.recipe.loss == Use("mse", ())


@pytest.mark.parametrize(
    ("data", "split"),
    [
        ('"digits"', ("all", 0.2, 0.2, 0)),
        ('"mnist"', ("all", 0.2, "official", 0)),
        ('{ use = "digits", train = 480, validation = 120 }', (480, 120, "rest", 600)),
        ('{ use = "mnist", train = 480, validation = 120 }', (480, 120, "official", 0)),
        ('{ use = "mnist", train = 4, validation = 2, test = "rest" }', (4, 2, "rest", 6)),
        ('{ use = "digits", train = 480 }', (480, 0.2, 0.2, 0)),
        ('{ use = "digits", train = 0.5, validation = 0.1, test = 300 }', (0.5, 0.1, 300, 0)),
        ('{ use = "digits", train = 1.0, test = 0.5 }', ("all", 0.2, 0.5, 0)),
        ('{ use = "digits", train = 1, validation = 0 }', (1, 0, "rest", 1)),
    ],
)
def test_the_test_set_is_the_official_one_or_the_rest_or_a_fifth(
    decoded: Decode, data: str, split: tuple[object, ...]
) -> None:
    found = decoded(SMALLEST, ('"digits"', data)).base.data
    assert (found.train, found.validation, found.test, found.beside) == split
    assert [type(size) for size in (found.train, found.validation)] == [
        type(size) for size in split[:2]
    ]


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        ('{ use = "digits", train = 0 }', "5 data.train: must be a whole number >= 1"),
        ('{ use = "digits", train = 1.5 }', "5 data.train: must be a whole number >= 1"),
        ('{ use = "digits", train = true }', "5 data.train: must be"),
        ('{ use = "digits", train = "half" }', "5 data.train: must be"),
        ('{ use = "digits", validation = 1.0 }', "5 data.validation: must be"),
        ('{ use = "digits", validation = -1 }', "5 data.validation: must be"),
        ('{ use = "digits", test = 0 }', "5 data.test: must be"),
        ('{ use = "digits", test = "official" }', "5 data.test: 'digits' has no official test set"),
        ('{ use = "digits", test = "rest" }', '5 data.test: "rest" needs train and validation as'),
        ('{ use = "digits", take = "last" }', "5 data.take: must be one of: stratified, first"),
        ('{ use = "digits", tain = 3 }', "5 data.tain: [data] has no key 'tain'. Did you mean"),
        ("{ train = 3 }", "5 data.use: must be written."),
        ('"digit"', "5 data: there is no data set 'digit'. Did you mean 'digits'?"),
        ('"my_data.py:load"', "5 data: there is no file 'my_data.py' beside the study."),
        ("3", "5 data: must be a name, or a table"),
    ],
)
def test_wrong_data_are_answered_with_what_is_allowed(
    mistakes: Mistakes, data: str, fault: str
) -> None:
    (found,) = mistakes(SMALLEST, ('"digits"', data))
    assert found.startswith(fault)


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        ("1", ""),
        ("2", "1 format: this hikaku reads format 1."),
        ("1.0", "1 format: this hikaku reads format 1."),
        ("true", "1 format: this hikaku reads format 1."),
        ('"1"', "1 format: this hikaku reads format 1."),
    ],
)
def test_only_format_1_is_read(
    decoded: Decode, mistakes: Mistakes, written: str, fault: str
) -> None:
    change = ("format = 1", f"format = {written}")
    if fault:
        assert mistakes(SMALLEST, change) == [fault]
    else:
        decoded(SMALLEST, change)


@pytest.mark.parametrize("worth", ["0", "-0.1", "nan", "inf", "true", '"0.1"'])
def test_worth_is_a_finite_number_above_0(mistakes: Mistakes, worth: str) -> None:
    (found,) = mistakes(SMALLEST, ("worth = 1", f"worth = {worth}"))
    assert found.startswith("3 worth: must be > 0, not")


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("epochs = 3", "7 recipe.steps: the work is counted in epochs or in steps, not in both."),
        ("batch_size = 0", "9 recipe.batch_size: must be a whole number 1 to"),
        ('order = "sorted"', "9 recipe.order: must be one of: shuffle, with-replacement"),
        ('loss = "dropout"', "9 recipe.loss: 'dropout' fills the slot 'layers', not 'loss'."),
        ('layers = "dropout"', "9 recipe.layers: 'layers' is a list of techniques."),
        ('layers = ["droput"]', "9 recipe.layers[0]: there is no technique 'droput'. Did you mean"),
        ("layers = [{ p = 0.5 }]", "9 recipe.layers[0].use: must be written."),
        ("layers = [3]", "9 recipe.layers[0]: must be a name, or a table"),
        ("layers = [{ use = 3 }]", "9 recipe.layers[0].use: must be text, not 3."),
        ('layers = [{ use = "dropout", p = 1 }]', "9 recipe.layers[0].p: must be >= 0 and < 1"),
        ('layers = [{ use = "dropout", at = "x" }]', "9 recipe.layers[0].at: must be a list of"),
        ('layers = [{ use = "dropout", at = [1] }]', "9 recipe.layers[0].at[0]: must be"),
        ('layers = [{ use = "dropout", q = 1 }]', "9 recipe.layers[0].q: dropout has no setting"),
        (
            'loss = ["mse", "cross-entropy"]',
            "9 recipe.loss: 'loss' holds one technique, and 'mse'"
            " and 'cross-entropy' both write it.",
        ),
        ('loss = ["mse"]', "9 recipe.loss: 'loss' holds one technique, not a list."),
        ("stopping = []", "9 recipe.stopping: 'stopping' holds one technique, not a list."),
        ("worth = 3", "9 recipe.worth: this belongs into the top of the file"),
        ("train = 3", "9 recipe.train: this belongs into [data]."),
        ('layers = ["relu", "tanh"]', "9 recipe.layers[1]: 'relu' and 'tanh' both write the act"),
        ('layers = ["relu", { use = "relu", at = ["fc1"] }]', "9 recipe.layers[1]: 'relu' and 're"),
        ('layers = [{ use = "relu", at = ["a"] }, "tanh"]', "9 recipe.layers[1]: 'relu' and 'tanh"),
        ('layers = [{ use = "relu", at = ["a"] }, { use = "tanh", at = ["a"] }]', "9 recipe.layer"),
        (
            'layers = ["own.py:Nothing"]',
            "9 recipe.layers[0]: there is no file 'own.py' beside the study.",
        ),
    ],
)
def test_a_wrong_recipe_is_answered_with_what_is_allowed(
    mistakes: Mistakes, line: str, fault: str
) -> None:
    (found,) = mistakes(SMALLEST + line + "\n")
    assert fault in found


def test_activations_at_different_sites_stand_together(decoded: Decode) -> None:
    line = 'layers = [{ use = "relu", at = ["a"] }, { use = "tanh", at = ["b"] }, "dropout"]\n'
    assert len(decoded(SMALLEST + line).base.recipe.layers) == 3


def test_what_a_card_says_must_not_stand_together_does_not(mistakes: Mistakes) -> None:
    line = 'project = ["decoupled-decay"]\n'
    (found,) = mistakes(SMALLEST + line, ('"sgd"', '"adamw"'))
    assert found == "9 recipe.project[0]: 'adamw' and 'decoupled-decay' must not stand together."


def test_a_technique_of_ones_own_is_used_by_file_and_name(decoded: Decode, tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text(technique_source("dropout"))
    recipe = decoded(SMALLEST + 'layers = [{ use = "own.py:Technique", p = 0.25 }]\n').base.recipe
    assert recipe.layers[0].name == "own.py:Technique"
    assert dict(recipe.layers[0].settings)["p"] == 0.25


@pytest.mark.parametrize(
    ("model", "fault"),
    [
        ('"small-cn"', "4 model: there is no model 'small-cn'. Did you mean 'small-cnn'?"),
        ('{ use = "mlp", hiden = [1] }', "4 model.hiden: mlp has no setting 'hiden'. Did you mean"),
        ('{ use = "mlp", hidden = [0] }', "4 model.hidden[0]: must be a list of whole numbers >="),
        ('"net.py:Net"', "4 model: there is no file 'net.py' beside the study."),
    ],
)
def test_a_wrong_model_is_answered_with_what_is_allowed(
    mistakes: Mistakes, model: str, fault: str
) -> None:
    (found,) = mistakes(SMALLEST, ('"mlp"', model))
    assert found.startswith(fault)


def test_a_gallery_study_is_named_without_its_number(tmp_path: Path, house: Catalogue) -> None:
    (tmp_path / "01-digits.toml").write_text(STUDY)
    assert load(tmp_path / "01-digits.toml", catalogue=house).name == "digits"
    assert load(tmp_path / "01-digits.toml", catalogue=house, name="mine").name == "mine"


def test_scalars_of_numerical_libraries_are_plain_numbers(house: Catalogue) -> None:
    import numpy as np

    mapping = {
        "format": np.int64(1),
        "metric": np.str_("accuracy"),
        "worth": np.float32(0.5),
        "model": {"use": "mlp", "hidden": (np.int32(8), 4)},
        "data": "digits",
        "recipe": {"epochs": 1, "optimizer": {"use": "sgd", "lr": np.float64(1)}},
        "seeds": (0, 4),
    }
    study = from_mapping(mapping, name="s", folder=".", catalogue=house)
    assert study.worth == 0.5
    assert type(study.worth) is float
    assert study.base.model.settings == (("hidden", (8, 4)),)
    assert study.base.recipe.optimizer.settings == (("lr", 1.0),)
    assert study.seeds == (0, 4)


@pytest.mark.fault("C8")
def test_a_seed_with_too_many_digits_is_refused_in_words(tmp_path) -> None:
    mapping = {
        "format": 1,
        "metric": "accuracy",
        "worth": 0.01,
        "seeds": [0, 99999999999999999999],
        "model": "mlp",
        "data": "digits",
        "recipe": {"epochs": 1, "optimizer": "sgd"},
    }
    with pytest.raises(StudyError, match="too many digits") as caught:
        from_mapping(mapping, name="s", folder=tmp_path)
    assert "object at" not in str(caught.value)
