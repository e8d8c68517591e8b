"""AMX is left alone where a virtual machine claims it and hides its tiles."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hikaku.training import tiles

CLAIMED, NONE = (0, 0, 0, tiles.AMX_BF16), (0, 0, 0, 0)

PRODUCT = """
import torch
import hikaku.training.precision
from torch.nn.functional import conv2d
a, b = torch.ones(64, 64).bfloat16(), torch.ones(1, 16, 8, 8).bfloat16()
assert (a @ a == 64).all() and (conv2d(b, b) == 16 * 64).all()
"""


@pytest.fixture(autouse=True)
def _asked_anew(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv(tiles.CEILING, "")  # so that what a test sets is taken back
    monkeypatch.delenv(tiles.CEILING)
    tiles.broken.cache_clear()
    yield
    tiles.broken.cache_clear()


@pytest.mark.parametrize(
    ("features", "shapes", "expected"),
    [
        (CLAIMED, (1, 0, 0, 0), False),
        (CLAIMED, NONE, True),
        (NONE, NONE, False),
    ],
    ids=["usable", "hidden", "none"],
)
def test_onednn_is_kept_from_tiles_that_are_hidden(
    features: tuple[int, ...],
    shapes: tuple[int, ...],
    expected: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers = {tiles.FEATURES: features, tiles.TILES: shapes}
    monkeypatch.setattr(tiles, "_asked", answers.__getitem__)
    assert tiles.broken() == expected
    tiles.avoid_broken()
    assert (tiles.CEILING in os.environ) == expected


def test_who_has_set_the_ceiling_knows_better(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = {tiles.FEATURES: CLAIMED, tiles.TILES: NONE}
    monkeypatch.setattr(tiles, "_asked", answers.__getitem__)
    monkeypatch.setenv(tiles.CEILING, "AVX2")
    tiles.avoid_broken()
    assert os.environ[tiles.CEILING] == "AVX2"


@pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() != "x86_64", reason="asks Linux on x86-64"
)
def test_the_processor_says_what_the_system_says() -> None:
    flags = Path("/proc/cpuinfo").read_text().split()
    assert bool(tiles._asked(tiles.FEATURES)[3] & tiles.AMX_BF16) == ("amx_bf16" in flags)


def test_elsewhere_nothing_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "arm64")
    assert tiles._asked(tiles.FEATURES) == NONE


def test_bf16_is_multiplied_whatever_the_machine_is() -> None:
    environment = {name: value for name, value in os.environ.items() if name != tiles.CEILING}
    done = subprocess.run(
        [sys.executable, "-c", PRODUCT],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
