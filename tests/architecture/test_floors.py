"""The floors of the house hold (pyproject.toml draws them), and every room says what it does."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from source_tree import PACKAGE, ROOMS, ROOT, parse, shown

SENTENCE_END = re.compile(r"[.!?](?=\s|$)")


def test_every_import_looks_down() -> None:
    linted = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-logo", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert linted.returncode == 0, linted.stdout + linted.stderr


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.name)
def test_a_room_says_in_a_sentence_or_two_what_it_eats_and_makes(room: Path) -> None:
    said = ast.get_docstring(parse(room / "__init__.py")) or ""
    assert said, f"{shown(room)} has no docstring"
    assert 1 <= len(SENTENCE_END.findall(said)) <= 2, said


def test_every_folder_with_code_is_a_room_or_stands_in_one() -> None:
    homeless = {
        shown(path.parent)
        for path in PACKAGE.rglob("*.py")
        if not (path.parent / "__init__.py").exists()
    }
    assert not homeless, homeless
