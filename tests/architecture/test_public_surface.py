"""What hikaku promises to those who import it: the names, and the signatures behind them."""

from __future__ import annotations

import subprocess
import sys

import pytest

import hikaku
from signatures import LISTING, listing


def test_all_is_what_the_package_shows() -> None:
    assert list(hikaku.__all__) == sorted(hikaku.__all__)
    assert [name for name in dir(hikaku) if not name.startswith("_")] == list(hikaku.__all__)


def test_every_public_name_loads_and_is_documented() -> None:
    for name in hikaku.__all__:
        assert getattr(hikaku, name).__doc__, name


def test_a_public_name_stays_itself_when_a_room_of_the_same_name_is_loaded() -> None:
    code = (
        "import hikaku, hikaku.api, hikaku.run.study\n"
        "assert hikaku.run is hikaku.api.run, hikaku.run\n"
        "assert callable(hikaku.run), hikaku.run"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no_such_name"):
        hikaku.no_such_name  # noqa: B018  # asking for it is the test


def test_the_public_signatures_are_the_ones_written_down() -> None:
    assert listing() == LISTING.read_text(encoding="utf-8"), (
        "the public signatures changed: run `make api`, read the diff, say it in CHANGELOG.md"
    )
