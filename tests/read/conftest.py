"""A small store of one study, and a dashboard of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from doors import Door, door

from load_store import Load, make


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make(tmp_path, Load(trials=20, records=10, studies=1))
    return tmp_path


@pytest.fixture
def open_door(folder: Path) -> Iterator[Door]:
    with door(folder / "store.db") as found:
        yield found
