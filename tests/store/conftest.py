from pathlib import Path

import pytest

from hikaku.store.store import Store


@pytest.fixture
def store(tmp_path: Path):
    with Store.writing(tmp_path / "store.db") as opened:
        yield opened
