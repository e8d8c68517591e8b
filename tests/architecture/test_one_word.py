"""A technique is one file and one word: `he_normal.py` is `he-normal` wherever it is named."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from hikaku.study.catalogue import NOT_TECHNIQUES, TECHNIQUES, techniques
from source_tree import parse

FILES = [path for path in sorted(TECHNIQUES.glob("*.py")) if path.stem not in NOT_TECHNIQUES]


def public_classes(path: Path) -> set[str]:
    """Return the public classes of a file."""
    return {
        node.name
        for node in parse(path).body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    }


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_technique_is_one_public_class(path: Path) -> None:
    assert len(public_classes(path)) == 1


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_study_names_a_technique_as_its_file(path: Path) -> None:
    assert techniques()[path.stem.replace("_", "-")].path == path
