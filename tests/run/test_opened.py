"""Data that a command names is opened as a study would open it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hikaku.errors import DataError, StudyError
from hikaku.run.data import around, opened

LOADERS = """
import numpy as np

X = np.arange(40, dtype=np.float32).reshape(20, 2)

def classes(least=0):
    return X, np.arange(20) % 2 + least

def values():
    return X, X.sum(axis=1) / 7

def texts():
    return X, ["one kind"] * 20

def alike():
    return X, np.ones(20, dtype=int)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    found = tmp_path_factory.mktemp("opened")
    (found / "my_data.py").write_text(LOADERS)
    (found / "homes.csv").write_text("age,price\n" + "".join(f"{n},{n * 2.5}\n" for n in range(9)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HIKAKU_CACHE", str(found / "cache"))
        yield found


def test_a_named_set_is_the_one_of_that_name(folder: Path) -> None:
    assert (opened("digits").name, len(opened("digits").targets)) == ("digits", 1797)


def test_a_users_function_is_called_with_its_settings(folder: Path) -> None:
    task = opened("my_data.py:classes", str(folder), ["data.least=3"])
    assert (task.kind, task.classes) == ("classification", ("3", "4"))


def test_values_are_told_from_classes_and_a_note_says_so(folder: Path) -> None:
    task = opened("my_data.py:values", str(folder))
    assert task.kind == "regression"
    assert "because they cannot be classes: the targets are no class" in str(task.notes[-1])


def test_what_neither_kind_can_learn_is_told_as_classes_have_it(folder: Path) -> None:
    with pytest.raises(DataError, match="all samples are of one class: one kind"):
        opened("my_data.py:texts", str(folder))


def test_a_kind_that_is_written_is_never_changed(folder: Path) -> None:
    for kind, wrong in (("classification", "no class labels"), ("regression", "")):
        settings = [f"data.kind={kind}"]
        if wrong:
            with pytest.raises(DataError, match=wrong):
                opened("my_data.py:values", str(folder), settings)
        else:
            assert opened("my_data.py:values", str(folder), settings).kind == kind


def test_labels_of_one_class_never_become_values_to_predict(folder: Path) -> None:
    with pytest.raises(DataError, match="all samples are of one class: 1"):
        opened("my_data.py:alike", str(folder))


def test_a_setting_goes_where_a_study_has_it(folder: Path) -> None:
    found = around("homes.csv", str(folder), ["data.target=price", "model.hidden=[7]"])
    assert found.task.kind == "regression"
    assert dict(found.work.model.settings) == {"hidden": (7,)}


@pytest.mark.parametrize(
    ("reference", "settings", "what"),
    [
        ("digts", (), "Did you mean 'digits'"),
        ("nowhere.csv", ("data.target=x",), "nowhere.csv"),
        ("my_data.py:classes", ("data.leest=3",), "leest"),
        ("homes.csv", ("data.target",), "key=value"),
    ],
)
def test_a_wrong_reference_or_setting_is_a_mistake_of_whoever_typed_it(
    folder: Path, reference: str, settings: tuple[str, ...], what: str
) -> None:
    with pytest.raises((StudyError, DataError), match=what):
        opened(reference, str(folder), settings)
