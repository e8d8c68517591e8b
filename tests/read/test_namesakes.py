"""Studies of one name are told apart by where they lie, seen from where one stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from hikaku.read.namesakes import told_apart


def test_namesakes_are_told_apart_by_their_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    studies = [("nasty", ".."), ("nasty", "../ex"), ("digits", "..")]
    assert told_apart(studies, Path(".hikaku")) == ["nasty (.)", "nasty (ex)", "digits"]
