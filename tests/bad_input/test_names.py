"""Names that look like code stay the text that was written, and name no file."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from corpus.case import reading, written
from corpus.pictures_of import image
from corpus.studies import study
from corpus.study_texts import HARMLESS
from corpus.tables import GOOD
from hikaku.data.task import Task
from hikaku.errors import DataError
from hikaku.study.decode import from_mapping, load
from hikaku.study.sources import fingerprints


@pytest.mark.fault("E7", "C17")
@pytest.mark.parametrize("name", HARMLESS)
def test_a_name_is_kept_as_it_is_written(name: str, tmp_path: Path) -> None:
    path = tmp_path / "study.toml"
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    path.write_text(study({"variant.name": f'"{quoted}"'}), encoding="utf-8")
    found = load(path)
    assert found.variants[0].name == unicodedata.normalize("NFC", name)


@pytest.mark.fault("E7")
def test_what_arms_are_called_is_no_part_of_what_they_are(tmp_path: Path) -> None:
    path, marks = tmp_path / "study.toml", set()
    for name in ("plain", *HARMLESS[:4]):
        path.write_text(study({"variant.name": f"'{name}'"}) if "'" not in name else study({}))
        found = load(path)
        marks.add(fingerprints(found)[found.variants[0].name])
    assert len(marks) == 1


FILES = ("a b", "a\nb", "🐈", "比較", "e\u0301", "-rf", "a;b", "'\"", "é" * 125, "a\x1b[31m")


@pytest.mark.fault("D18")
def test_files_of_images_may_have_any_name_that_the_system_takes(tmp_path: Path) -> None:
    root = tmp_path / "比 較 🐈\n"
    for name in ("猫 ネコ", "dog\tdog"):
        for number, file in enumerate((*FILES, "caf\udce9")):
            path = root / name / f"{file}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(image(seed=number))
    task = reading()(root)
    assert isinstance(task, Task)
    assert len(task.targets) == 2 * (len(FILES) + 1) and task.classes == ("dog\tdog", "猫 ネコ")


@pytest.mark.fault("D18")
@pytest.mark.parametrize("name", FILES)
def test_a_table_may_have_any_name_that_the_system_takes(name: str, tmp_path: Path) -> None:
    path = written(f"{name}.csv", GOOD)(tmp_path)
    assert isinstance(reading(target="y")(path), Task)
    path.write_text("a,y\n")
    with pytest.raises(DataError) as caught:
        reading(target="y")(path)
    assert str(caught.value).encode()


@pytest.mark.fault("E6")
@pytest.mark.parametrize("path", ["$HOME/x.csv", "%HOME%/x.csv", "${PATH}.npz", "`id`.csv"])
def test_variables_in_paths_are_text(path: str, tmp_path: Path) -> None:
    (tmp_path / path).parent.mkdir(exist_ok=True)
    (tmp_path / path).write_text("a,y\n1,u\n")
    table = {
        "format": 1,
        "metric": "accuracy",
        "worth": 0.01,
        "model": "mlp",
        "data": {"use": path, "target": "y"} if path.endswith("csv") else path,
        "recipe": {"epochs": 1, "optimizer": "sgd"},
    }
    found = from_mapping(table, name="s", folder=tmp_path)
    assert path in str(found.base)
