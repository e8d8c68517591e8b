"""A user's file runs as it would beside their script, and leaves nothing behind."""

import sys
from pathlib import Path

import pytest

from hikaku.errors import StudyError
from hikaku.user_code import module_at, symbol_in


def test_a_folder_without_an_init_is_a_package(tmp_path: Path) -> None:
    (tmp_path / "bits").mkdir()
    (tmp_path / "bits" / "size.py").write_text("SIZE = 7\n")
    (tmp_path / "mine.py").write_text("from bits.size import SIZE\n")
    assert symbol_in("mine.py:SIZE", str(tmp_path)) == 7
    assert not [name for name in sys.modules if name.partition(".")[0] == "bits"]


@pytest.mark.fault("C14")
def test_a_folder_hides_no_installed_package(tmp_path: Path) -> None:
    (tmp_path / "numpy").mkdir()
    (tmp_path / "mine.py").write_text("import numpy\n\nFOUND = numpy.pi\n")
    assert symbol_in("mine.py:FOUND", str(tmp_path)) > 3


def test_a_file_that_leaves_is_refused_and_not_kept(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("x = 1\nraise RuntimeError('no')\n")
    before = set(sys.modules)
    with pytest.raises(StudyError, match="RuntimeError: no"):
        module_at(tmp_path / "mine.py")
    assert not [name for name in set(sys.modules) - before if name.startswith("mine_")]


def test_what_a_file_does_not_hold_is_said(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("x = 1\n")
    with pytest.raises(StudyError, match=r"mine\.py has no y"):
        symbol_in("mine.py:y", str(tmp_path))
