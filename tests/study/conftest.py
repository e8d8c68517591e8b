"""What the tests of this room share: a small catalogue, and a study decoded over it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest
from small_house import BUILTIN, STUDY, TECHNIQUES, ZOO, technique_source

from hikaku.errors import StudyError
from hikaku.study.catalogue import Catalogue
from hikaku.study.decode import load
from hikaku.study.study import Study

COLUMN = re.compile(r"(?<=^\d):\d+|(?<=^\d\d):\d+")
"""Columns have their own tests (test_locate.py); here a line tells the mistakes apart."""


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    top = tmp_path_factory.mktemp("house")
    folder = top / "techniques"
    folder.mkdir()
    for name in TECHNIQUES:
        (folder / f"{name}.py").write_text(technique_source(name))
    for name in ("__init__", "slots", "parts", "registry"):
        (folder / f"{name}.py").write_text("raise RuntimeError('run')")
    (top / "zoo").mkdir()
    (top / "zoo" / "small.py").write_text(ZOO)
    (top / "builtin.py").write_text(BUILTIN)
    return Catalogue(folder, top / "zoo", top / "builtin.py")


@pytest.fixture
def decoded(tmp_path: Path, house: Catalogue) -> Callable[..., Study]:
    """Return the study that a TOML text holds, after textual replacements in the valid one."""

    def decode(text: str = STUDY, *changes: tuple[str, str], **asked: object) -> Study:
        for before, after in changes:
            assert before in text, before
            text = text.replace(before, after)
        path = tmp_path / "study.toml"
        path.write_text(dedent(text), encoding="utf-8")
        return load(path, catalogue=house, **asked)

    return decode


@pytest.fixture
def mistakes(decoded: Callable[..., Study]) -> Callable[..., list[str]]:
    """Return the faults of a wrong text, each as `line key: sentence`."""

    def find(text: str = STUDY, *changes: tuple[str, str], **asked: object) -> list[str]:
        with pytest.raises(StudyError) as caught:
            decoded(text, *changes, **asked)
        return [
            f"{COLUMN.sub('', fault.where.rpartition('study.toml:')[2])} {fault.what}"
            for fault in caught.value.faults
        ]

    return find
