from __future__ import annotations

import importlib
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest
from small_house import TECHNIQUES, technique_source

from hikaku.errors import StudyError
from hikaku.study.catalogue import (
    NOT_TECHNIQUES,
    Catalogue,
    datasets,
    models,
    technique_at,
    technique_from_file,
    techniques,
)
from hikaku.study.catalogue import TECHNIQUES as FOLDER

NAMES = sorted(
    path.stem.replace("_", "-") for path in FOLDER.glob("*.py") if path.stem not in NOT_TECHNIQUES
)


def test_the_list_of_files_is_the_list_of_techniques(house: Catalogue) -> None:
    assert set(house.techniques) == {name.replace("_", "-") for name in TECHNIQUES}
    assert len(house.techniques) == len(TECHNIQUES)


def test_a_broken_file_harms_nobody_who_does_not_ask_for_it(tmp_path: Path) -> None:
    (tmp_path / "good.py").write_text(technique_source("dropout"))
    (tmp_path / "bad.py").write_text("CARD = 1")
    shelf = techniques(tmp_path)
    assert shelf["good"].slot == "layers"
    with pytest.raises(StudyError, match=r"bad\.py:1:"):
        shelf["bad"]


@pytest.mark.parametrize("name", NAMES)
def test_the_entry_read_equals_the_class_imported(name: str) -> None:
    entry = techniques()[name]
    module = importlib.import_module(f"hikaku.techniques.{entry.path.stem}")
    cls = getattr(module, entry.symbol)
    assert entry.card == module.CARD
    assert entry.summary == module.__doc__.strip().splitlines()[0]
    assert [item.name for item in fields(cls)] == [setting.name for setting in entry.settings]
    assert vars(cls()) == dict(entry.use().settings)


def test_the_packages_models_and_data_sets_can_be_read() -> None:
    assert {"mlp", "small-cnn", "lenet"} <= set(models())
    assert {"digits", "mnist"} <= set(datasets())
    assert datasets()["mnist"].official_test
    assert not datasets()["digits"].official_test


def test_a_technique_of_ones_own_is_found_beside_the_study(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "own.py").write_text(technique_source("dropout"))
    entry = technique_from_file("./mine/own.py:Technique", tmp_path)
    assert entry.name == "mine/own.py:Technique"
    assert entry.slot == "layers"


@pytest.mark.parametrize(
    ("reference", "what"),
    [
        ("own.py:Techniqe", "Did you mean 'Technique'?"),
        ("none.py:Technique", "there is no file 'none.py' beside the study"),
        ("/own.py:Technique", "must be written relative"),
        ("own.py:", "holds no technique ''"),
        (f"{'x' * 5000}.py:Technique", "there is no file 'xxx"),
        ("a\0b.py:Technique", "there is no file 'a"),
    ],
)
def test_a_wrong_reference_is_answered_with_what_is_there(
    tmp_path: Path, reference: str, what: str
) -> None:
    (tmp_path / "own.py").write_text(technique_source("dropout"))
    with pytest.raises(StudyError, match=what):
        technique_from_file(reference, tmp_path)


@pytest.mark.parametrize("symbol", ["", "Technique"])
def test_a_file_anywhere_gives_its_technique_named_as_in_its_own_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, symbol: str
) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "own.py").write_text(technique_source("dropout"))
    monkeypatch.chdir(tmp_path / "here")
    for path in (tmp_path / "own.py", Path("../own.py")):
        assert technique_at(path, symbol).name == "own.py:Technique"


@pytest.mark.parametrize(
    ("file", "symbol", "what"),
    [
        ("none.py", "", "there is no file '"),
        ("x" * 5000, "", "there is no file '"),
        ("own.py", "Techniqe", "Did you mean 'Technique'?"),
        ("broken.py", "", "one literal `CARD ="),
    ],
)
def test_a_file_without_a_technique_is_answered_with_what_is_wrong(
    tmp_path: Path, file: str, symbol: str, what: str
) -> None:
    (tmp_path / "own.py").write_text(technique_source("dropout"))
    (tmp_path / "broken.py").write_text("'A docstring.'\n")
    with pytest.raises(StudyError, match=what):
        technique_at(tmp_path / file, symbol)


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder on `sys.path` with a distribution that offers techniques."""
    info = tmp_path / "shop-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: shop\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[hikaku.techniques]\nbought = shop.noise:Technique\ndropout = shop.noise:Technique\n"
        "lost = shop.nowhere:Technique\n"
    )
    package = tmp_path / "shop"
    package.mkdir()
    (package / "__init__.py").write_text("raise RuntimeError('the plug-in was run')")
    (package / "noise.py").write_text(technique_source("dropout"))
    monkeypatch.syspath_prepend(str(tmp_path))
    return info


@pytest.mark.parametrize("listed", [True, False])
def test_a_plug_in_is_read_and_not_imported(
    installed: Path, house: Catalogue, tmp_path: Path, listed: bool
) -> None:
    if listed:  # as an installer writes it; a distribution installed for editing lists nothing
        (installed / "RECORD").write_text("shop/__init__.py,,\nshop/noise.py,,\n")
    own = tmp_path / "techniques"
    own.mkdir()
    (own / "dropout.py").write_text(technique_source("dropout"))
    shelf = techniques(own)
    assert set(shelf) == {"dropout", "bought", "lost"}
    assert shelf["bought"].name == "bought"
    assert shelf["bought"].path == tmp_path / "shop" / "noise.py"
    assert shelf["dropout"].path == own / "dropout.py", "a plug-in took a built-in's place"
    assert "shop" not in sys.modules
    with pytest.raises(StudyError, match="'lost' names no file"):
        shelf["lost"]


def test_reading_the_whole_catalogue_and_a_study_loads_no_torch_and_no_numpy() -> None:
    code = (
        "import sys\n"
        "from hikaku.study import decode, sources, template\n"
        "from hikaku.study.catalogue import techniques, models, datasets\n"
        "[entry.settings for entry in techniques().values()], models(), datasets()\n"
        "print({'torch', 'numpy', 'hikaku.techniques', 'hikaku.models'} & set(sys.modules))\n"
    )
    source = str(FOLDER.parent.parent)
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": source, "PATH": ""},
    )
    assert done.stdout.strip() == "set()"
