"""A study may leave the training to a function or a command; what is wrong with it is told."""

import os
from pathlib import Path
from typing import Any

import pytest

from hikaku.errors import StudyError
from hikaku.study.decode import from_mapping, load
from hikaku.study.sources import fingerprints
from hikaku.study.study import BASE, Outside, Resources, Study, trained, treatment

TRAIN = "from helper import noise\n\ndef train(settings, seed, report):\n    pass\n"
VARIANT = {"name": "more", "settings": {"dropout": 0.5}}
FUNCTION: dict[str, Any] = {
    "format": 1,
    "metric": "accuracy",
    "worth": 0.01,
    "train": "my_train.py:train",
    "settings": {"dropout": 0.0, "sizes": [8, 8]},
    "variant": [VARIANT],
}
COMMAND: dict[str, Any] = {
    **{key: value for key, value in FUNCTION.items() if key != "train"},
    "command": "python my_train.py --rate {dropout} --sizes {sizes} --seed {seed}",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "my_train.py").write_text(TRAIN)
    (tmp_path / "helper.py").write_text("noise = 1\n")
    return tmp_path


def decoded(folder: Path, start: dict[str, Any] = FUNCTION, **changes: Any) -> Study:
    tables = {key: value for key, value in (start | changes).items() if value is not None}
    return from_mapping(tables, name="s", folder=folder)


def said(folder: Path, start: dict[str, Any] = FUNCTION, **changes: Any) -> str:
    with pytest.raises(StudyError) as caught:
        decoded(folder, start, **changes)
    return str(caught.value)


def base(study: Study) -> Outside:
    assert isinstance(study.base, Outside)
    return study.base


def test_a_variant_is_the_base_with_a_setting_changed(folder: Path) -> None:
    study = decoded(folder)
    assert base(study).settings == (("dropout", 0.0), ("sizes", (8, 8)))
    changes = treatment(study.variants[0].work, study.base)
    assert [str(change) for change in changes] == ["settings.dropout: 0 -> 0.5"]


def test_it_stands_in_a_file_too_and_its_options_can_be_set(folder: Path) -> None:
    (folder / "s.toml").write_text(
        'format = 1\nmetric = "loss"\nworth = 0.1\ntrain = "./my_train.py:train"\n'
        '[settings]\nlr = 0.1\n[resources]\ncpus = 2\ngpus = 1\nmemory = "2 GiB"\n'
    )
    study = load(folder / "s.toml", ["settings.lr=0.2"])
    assert base(study).train == "my_train.py:train"
    assert base(study).settings == (("lr", 0.2),)
    assert base(study).resources == Resources(2, 1, 2048)


def test_a_whole_number_in_a_variant_is_the_kind_that_base_writes(folder: Path) -> None:
    study = decoded(folder, variant=[{"name": "one", "settings": {"dropout": 1}}])
    work = study.variants[0].work
    assert isinstance(work, Outside)
    assert repr(dict(work.settings)["dropout"]) == "1.0"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"variant": [{"name": "v", "settings": {"dropuot": 1}}]}, "Did you mean 'dropout'"),
        ({"variant": [{"name": "v", "settings": {"dropout": 0}}]}, "is equal to base"),
        ({"variant": [{"name": "v"}]}, "is equal to base"),
        ({"variant": [{"name": "v", "settings": {"sizes": [8, 8]}}]}, "is equal to base"),
        (
            {"variant": [{"name": "v", "dropout": 1}]},
            "this belongs into settings, as in settings = { … }.",
        ),
        ({"model": "mlp"}, "'model' says how hikaku trains"),
        ({"data": "digits", "recipe": {}, "keep": {}}, "'keep' says how hikaku trains"),
        ({"device": "cpu"}, "'device' says how hikaku trains"),
        ({"command": "python x.py {dropout} {sizes} {seed}"}, "leave out 'train' or 'command'"),
        ({"train": None}, "train: must be written, or 'command' instead"),
        ({"train": 480}, "a function in a file"),
        ({"train": "my_train.py"}, "names no function in a file"),
        ({"train": "mine.py:train"}, "there is no file 'mine.py'"),
        ({"train": "my_train.py:trian"}, "Did you mean 'train'"),
        ({"settings": {"dropout": 0.0, "seed": 1}}, "the seed is handed over"),
        ({"settings": {"dropout": {"p": 1}}}, "a number, a text, true, false, or a list"),
        ({"resources": {"cpu": 1}}, "Did you mean 'cpus'"),
        ({"resources": {"memory": "much"}}, "an amount of memory"),
        ({"resources": {"cpus": 0}}, "resources.cpus"),
        ({"metric": "reward"}, "must say which way is better"),
        ({"metric": {"name": "accuracy", "better": "lower"}}, "higher is better"),
        ({"metric": {"name": "accuracy", "of": "best"}}, "'best' is not worked out"),
        ({"metric": {"name": "accuracy", "of": "area"}}, "test is read only once"),
    ],
)
def test_what_is_wrong_is_said(folder: Path, changes: dict[str, Any], words: str) -> None:
    assert words in said(folder, **changes)


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        (0, False, "0 -> false"),
        (1, True, "1 -> true"),
        (1, 1.0, "1 -> 1.0"),
        ("1", 1, "'1' -> 1"),
        ([1, 0], [1, False], "[1, 0] -> [1, false]"),
    ],
)
def test_a_change_of_type_is_a_change_to_a_function(
    folder: Path, before: Any, after: Any, change: str
) -> None:
    variant = {"name": "v", "settings": {"x": after}}
    study = decoded(folder, settings={"x": before}, variant=[variant])
    changes = treatment(study.variants[0].work, study.base)
    assert [str(one) for one in changes] == [f"settings.x: {change}"]
    marks = fingerprints(study)
    assert marks[BASE] != marks["v"]


@pytest.mark.parametrize(("before", "after"), [(1, 1.0), ("true", True), ([1.5, 2.0], [1.5, 2])])
def test_a_command_meets_texts_so_what_is_written_alike_changes_nothing(
    folder: Path, before: Any, after: Any
) -> None:
    variant = {"name": "v", "settings": {"x": after}}
    text = said(
        folder, COMMAND, command="python {x} {seed}", settings={"x": before}, variant=[variant]
    )
    assert "'v' is equal to base" in text


@pytest.mark.parametrize("start", [FUNCTION, COMMAND])
def test_a_setting_named_seed_is_one_mistake(folder: Path, start: dict[str, Any]) -> None:
    command = "python my_train.py" if "command" in start else None
    with pytest.raises(StudyError) as caught:
        decoded(folder, start, command=command, settings={"seed": 2}, variant=None)
    (fault,) = caught.value.faults
    assert "the seed is handed over" in str(fault.what)
    assert str(fault.mend) == ("as in: python train.py --seed {seed}" if command else "None")


def test_all_mistakes_are_said_at_once(folder: Path) -> None:
    text = said(folder, train="no.py:f", metric="reward", resources={"gpus": -1}, keep={})
    for words in ("no file", "which way is better", "resources.gpus", "'keep' says"):
        assert words in text


def test_settings_without_a_function_to_take_them_are_refused(folder: Path) -> None:
    text = said(folder, train=None, model="mlp", data="digits", recipe={"optimizer": "sgd"})
    assert "'settings' goes with 'train' or 'command'" in text


@pytest.mark.parametrize("head", ["settings", "settings, seed, report, more", "s, r, *, seed"])
def test_a_function_that_cannot_take_the_three_arguments_is_refused(
    folder: Path, head: str
) -> None:
    (folder / "my_train.py").write_text(f"def train({head}): pass\n")
    assert "must take three arguments" in said(folder)


@pytest.mark.parametrize("head", ["a, b, c", "*given", "settings, seed, report, verbose=False"])
def test_a_function_that_takes_them_under_any_name_is_welcome(folder: Path, head: str) -> None:
    (folder / "my_train.py").write_text(f"def train({head}): pass\n")
    assert decoded(folder).outside


def test_a_metric_of_any_name_is_judged_where_it_says_which_way_is_better(folder: Path) -> None:
    metric = decoded(folder, metric={"name": "reward", "better": "lower"}).metric
    assert (metric.name, metric.split, metric.of, metric.better) == (
        "reward", "test", "last", "lower",
    )  # fmt: skip
    assert decoded(folder, metric="validation rmse").metric.better == "lower"


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("python my_train.py {dropout} {sizes}", "{seed} must stand in the command"),
        ("python my_train.py {dropuot} {sizes} {seed}", "Did you mean 'dropout'"),
        ("python my_train.py {sizes} {seed}", "no {dropout}: this setting would change nothing"),
        ("python my_train.py {dropout:.2f} {sizes} {seed}", "no setting 'dropout:.2f'"),
        ("python 'my_train.py {dropout} {sizes} {seed}", "cannot be divided into words"),
        ("python {dropout} {sizes} {seed", "cannot be divided into words"),
        ("no-such-program {dropout} {sizes} {seed}", "no program 'no-such-program'"),
        ("", "must stand in the command"),
    ],
)
def test_what_is_wrong_with_a_command_is_said(folder: Path, command: str, words: str) -> None:
    assert words in said(folder, COMMAND, command=command)


def test_doubled_braces_are_braces(folder: Path) -> None:
    command = "python my_train.py {{{dropout}}} {sizes} --seed={seed}"
    assert decoded(folder, COMMAND, command=command).outside


def test_hikaku_has_no_model_of_an_outside_arm(folder: Path) -> None:
    with pytest.raises(StudyError, match="trained outside hikaku"):
        trained(decoded(folder).base)


def marks(folder: Path, start: dict[str, Any] = FUNCTION, **changes: Any) -> dict[str, str]:
    return fingerprints(decoded(folder, start, **changes))


@pytest.mark.parametrize("start", [FUNCTION, COMMAND])
@pytest.mark.parametrize("file", ["my_train.py", "helper.py"])
def test_changed_code_makes_other_arms(folder: Path, start: dict[str, Any], file: str) -> None:
    before = marks(folder, start)
    (folder / file).write_text((folder / file).read_text() + "# changed\n")
    assert marks(folder, start)[BASE] != before[BASE]


def test_memory_is_no_part_of_identity_but_cores_are(folder: Path) -> None:
    before = marks(folder)
    assert marks(folder, resources={"memory": "1 GiB"}) == before
    assert marks(folder, resources={"cpus": 2})[BASE] != before[BASE]


def test_every_file_that_a_command_names_is_part_of_identity(folder: Path) -> None:
    for name in ("a.yaml", "b.yaml"):
        (folder / name).write_text(name)
    changes = {
        "command": "python -m helper --config={config} {seed}",
        "settings": {"config": "a.yaml"},
        "variant": [{"name": "b", "settings": {"config": "b.yaml"}}],
    }
    before = marks(folder, COMMAND, **changes)
    (folder / "b.yaml").write_text("other")
    changed = marks(folder, COMMAND, **changes)
    assert changed[BASE] == before[BASE] and changed["b"] != before["b"]
    (folder / "helper.py").write_text(f"noise = 2{os.linesep}")
    assert marks(folder, COMMAND, **changes)[BASE] != before[BASE]
