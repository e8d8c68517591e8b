from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path

import pytest

from hikaku.errors import StudyError
from hikaku.study.recipe import Use
from hikaku.techniques import registry
from hikaku.techniques.adam import Adam
from hikaku.techniques.he_normal import HeNormal
from hikaku.techniques.mse import MeanSquaredError

MINE = """
from __future__ import annotations
from dataclasses import dataclass
from beside import HALF

@dataclass(frozen=True)
class Mine:
    amount: float = HALF

class NotOne:
    pass
"""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "beside.py").write_text("HALF = 0.5\n")
    (tmp_path / "mine.py").write_text(MINE)
    known = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - known:
        del sys.modules[name]


def test_a_name_is_the_one_class_of_its_file() -> None:
    assert registry.find("adam") is Adam
    assert registry.find("he-normal") is HeNormal
    assert registry.find("mse") is MeanSquaredError


def test_a_use_becomes_the_technique_with_its_settings() -> None:
    assert registry.build(Use("adam", (("lr", 0.5), ("beta1", 0.8)))) == Adam(lr=0.5, beta1=0.8)


def test_a_file_of_the_users_is_found_from_the_studys_folder(folder: Path) -> None:
    found = registry.build(Use("mine.py:Mine", (("amount", 0.25),)), str(folder))
    assert found.amount == 0.25
    assert registry.find("mine.py:Mine", str(folder))().amount == 0.5


def test_a_file_is_run_once_until_it_is_edited(folder: Path) -> None:
    one = registry.find("mine.py:Mine", str(folder))
    assert registry.find("mine.py:Mine", str(folder)) is one
    (folder / "mine.py").write_text(MINE.replace("= HALF", "= HALF * 3"))
    assert registry.find("mine.py:Mine", str(folder))().amount == 1.5


@pytest.mark.parametrize("value", ["beside_plug", "beside_plug:Plug"])
def test_an_installed_package_adds_techniques_by_entry_points(
    folder: Path, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    (folder / "beside_plug.py").write_text(MINE.replace("Mine", "Plug"))
    monkeypatch.syspath_prepend(str(folder))
    points = EntryPoints((EntryPoint("plug", value, registry.GROUP),))
    monkeypatch.setattr(registry, "entry_points", lambda **which: points.select(**which))
    assert registry.find("plug").__name__ == "Plug"
    with pytest.raises(StudyError):
        registry.find("other-plug")


@pytest.mark.parametrize(
    "name",
    [
        "adamm",
        "slots",
        "parts",
        "registry",
        "os",
        "..errors",
        "",
        "missing.py:Mine",
        "mine.py:Missing",
        "mine.py:NotOne",
        "mine.py:HALF",
        "beside.txt:Mine",
    ],
)
def test_what_is_not_a_technique_is_a_mistake_in_the_study(folder: Path, name: str) -> None:
    (folder / "beside.txt").write_text("")
    with pytest.raises(StudyError):
        registry.find(name, str(folder))


def test_a_file_that_fails_tells_why_and_leaves_nothing_behind(folder: Path) -> None:
    (folder / "broken.py").write_text("raise ValueError('no luck')\n")
    known = set(sys.modules)
    for _ in range(2):
        with pytest.raises(StudyError, match="ValueError: no luck"):
            registry.find("broken.py:Mine", str(folder))
    assert set(sys.modules) == known
