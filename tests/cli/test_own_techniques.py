"""`check-technique` and `explain` take a technique of one's own wherever its file lies."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hikaku.cli import hikaku
from hikaku.errors import StudyError

MINE = '''"""Half: every gradient at half its size."""

from dataclasses import dataclass

from helper import HALF

from hikaku.study.card import Card, Fraction
from hikaku.techniques.slots import Tensors

CARD = Card(slot="clip", family="mine", claim="Slower.", formula="g / 2", paper="I", year=2026)


@dataclass(frozen=True)
class Half:
    """Multiply every gradient by `factor`."""

    factor: Fraction = 0.5

    def clip(self, grads: Tensors, params: Tensors) -> Tensors:
        """Return the smaller gradients."""
        return {name: grad * (self.factor * HALF * 2) for name, grad in grads.items()}
'''


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return the folder to stand in; `../lib/mine.py` is a technique with a helper beside it."""
    for name in ("here", "lib"):
        (tmp_path / name).mkdir()
    (tmp_path / "lib" / "mine.py").write_text(MINE)
    (tmp_path / "lib" / "helper.py").write_text("HALF = 0.5\n")
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("HIKAKU_LANG", "en")
    modules, path = set(sys.modules), list(sys.path)
    yield tmp_path / "here"
    sys.path[:] = path
    for name in set(sys.modules) - modules:
        if str(tmp_path) in (getattr(sys.modules[name], "__file__", None) or ""):
            del sys.modules[name]


def said(*words: str) -> Result:
    return CliRunner().invoke(hikaku, words, catch_exceptions=False, standalone_mode=False)


@pytest.mark.parametrize("file", ["../lib/mine.py", "../lib/mine.py:Half", "absolute", "beside"])
def test_a_technique_is_checked_wherever_its_file_lies(
    here: Path, monkeypatch: pytest.MonkeyPatch, file: str
) -> None:
    if file == "beside":
        monkeypatch.chdir(here.parent / "lib")
    words = {"absolute": str(here.parent / "lib" / "mine.py"), "beside": "mine.py"}
    result = said("check-technique", words.get(file, file))
    lines = result.output.splitlines()
    assert lines and not [line for line in lines if line.startswith("FAILED")], result.output
    assert [line for line in lines if line.startswith("ok")]


@pytest.mark.parametrize("file", ["../lib/mine.py", "../lib/mine.py:Half"])
def test_a_technique_is_explained_wherever_its_file_lies(here: Path, file: str) -> None:
    output = said("explain", file).output
    assert output.startswith("mine.py:Half: technique, slot clip\n")
    assert "factor = 0.5  (0 to 1)" in output


@pytest.mark.parametrize("command", ["check-technique", "explain"])
@pytest.mark.parametrize(
    ("file", "what"),
    [
        ("nowhere.py", "there is no file 'nowhere.py'"),
        ("../lib/mine.py:Haf", "Did you mean 'Half'"),
        ("../lib/helper.py", "helper.py:1:"),
        ("x" * 5000 + ".py", "there is no file"),
    ],
)
def test_a_file_without_a_technique_is_a_mistake(
    here: Path, command: str, file: str, what: str
) -> None:
    with pytest.raises(StudyError, match=what):
        said(command, file)
