"""What is forgotten or pruned goes, and nothing else; a store is never made for it."""

from pathlib import Path

import pytest

from hikaku.errors import StudyError
from hikaku.record import Measured, Outcome
from hikaku.run.tidy import forget, prune
from hikaku.store.store import Store
from hikaku.study.decode import load
from hikaku.study.sources import fingerprints

STUDY = """
format = 1
metric = "accuracy"
worth = 0.01
seeds = 2
model = "mlp"
data = "digits"
[recipe]
epochs = 1
optimizer = "sgd"
"""


def trained(folder: Path, name: str, store: Path) -> Path:
    """Write a study and plan it, with results made up; return its file."""
    folder.mkdir(exist_ok=True)
    file = folder / f"{name}.toml"
    file.write_text(STUDY)
    asked = load(file)
    marks = fingerprints(asked)
    keys = {(marks["base"], seed): f"{folder.name} {name} {seed}" for seed in asked.seeds}
    with Store.writing(store) as kept:
        kept.plan(asked, marks, keys)
        for key in keys.values():
            kept.add(Measured(Outcome(key, "done", 1, 1, 1, 1, "plain", "torch")))
    return file


def left(store: Path) -> set[tuple[str, str]]:
    with Store.reading(store) as kept:
        return {(row.name, Path(row.folder).name) for row in kept.studies()}


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


def test_a_study_is_forgotten_by_its_name_when_its_file_is_gone(
    tmp_path: Path, store: Path
) -> None:
    trained(tmp_path / "a", "one", store).unlink()
    trained(tmp_path / "a", "two", store)
    said = forget("one", str(store))
    assert str(said) == "one is forgotten: 2 trials and 0 records deleted"
    assert left(store) == {("two", "a")}


def test_a_study_is_forgotten_by_its_name_when_its_file_is_broken(
    tmp_path: Path, store: Path
) -> None:
    trained(tmp_path / "a", "one", store).write_text("format = ")
    forget("one", str(store))
    assert left(store) == set()


def test_a_file_means_its_own_study_and_a_name_every_folder(
    tmp_path: Path, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in "abc":
        trained(tmp_path / folder, "one", store)
    monkeypatch.chdir(tmp_path)
    forget("a/one.toml", str(store))
    assert left(store) == {("one", "b"), ("one", "c")}
    forget("one", str(store))
    assert left(store) == set()


def test_forgetting_an_unknown_study_names_those_that_there_are(
    tmp_path: Path, store: Path
) -> None:
    trained(tmp_path / "a", "one", store)
    (tmp_path / "b").mkdir()
    elsewhere = tmp_path / "b" / "one.toml"
    elsewhere.write_text(STUDY)
    for name in ("two", "two.toml", "digits", str(elsewhere)):
        with pytest.raises(StudyError, match="its studies are: one"):
            forget(name, str(store))
    assert left(store) == {("one", "a")}


def test_neither_makes_a_store_where_there_is_none(tmp_path: Path) -> None:
    store = str(tmp_path / "deep" / "store.db")
    with pytest.raises(StudyError, match="the store has no study 'one'"):
        forget("one", store)
    assert str(prune(store)) == "0 trials and 0 records deleted that no study uses"
    assert list(tmp_path.iterdir()) == []


def test_pruning_says_how_much_went(tmp_path: Path, store: Path) -> None:
    asked = load(trained(tmp_path / "a", "one", store))
    marks = fingerprints(asked)
    with Store.writing(store) as kept:
        kept.plan(asked, marks, {(marks["base"], 0): "another"})
    assert str(prune(str(store))) == "1 trials and 0 records deleted that no study uses"
