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

CLAIMED, NONE, ONE = (0, 0, 0, tiles.AMX_BF16), (0, 0, 0, 0), (1, 0, 0, 0)

PRODUCT = """
import sys, torch
if sys.argv[1] == "here":
    import hikaku.training.precision
from torch.nn.functional import conv2d
a, b = torch.ones(64, 64).bfloat16(), torch.ones(1, 16, 8, 8).bfloat16()
assert (a @ a == 64).all() and (conv2d(b, b) == 16 * 64).all()
"""


@pytest.fixture(autouse=True)
def _asked_anew(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in (tiles.CEILING, tiles.OLDER):
        monkeypatch.setenv(name, "")  # so that what a test sets is taken back
        monkeypatch.delenv(name)
    for known in (tiles.broken, tiles.ours):
        known.cache_clear()
    yield
    for known in (tiles.broken, tiles.ours):
        known.cache_clear()


def answering(
    monkeypatch: pytest.MonkeyPatch,
    features: tuple[int, ...] = CLAIMED,
    shapes: tuple[int, ...] = NONE,
    last: int = 0x1E,
) -> None:
    answers = {tiles.LAST: (last, 0, 0, 0), tiles.FEATURES: features, tiles.TILES: shapes}
    monkeypatch.setattr(tiles, "_asked", answers.__getitem__)


@pytest.mark.parametrize(
    ("features", "shapes", "last", "expected"),
    [
        (CLAIMED, ONE, 0x1E, False),
        (CLAIMED, NONE, 0x1E, True),
        (CLAIMED, ONE, 0x1C, True),
        (NONE, NONE, 0x1E, False),
        (NONE, ONE, 0xD, False),
    ],
    ids=["usable", "empty", "no such leaf", "none", "none, old"],
)
def test_onednn_is_kept_from_tiles_that_are_hidden(
    features: tuple[int, ...],
    shapes: tuple[int, ...],
    last: int,
    expected: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answering(monkeypatch, features, shapes, last)
    assert tiles.broken() == expected
    assert (tiles.CEILING in tiles.avoiding()) == expected
    assert tiles.CEILING not in os.environ
    tiles.avoid_broken()
    assert (tiles.CEILING in os.environ) == expected


ALL = (0, tiles.AVX512, 0, tiles.AMX_BF16 | tiles.AMX_TILE)


@pytest.mark.parametrize(
    ("features", "answer", "expected"),
    [
        (ALL, 0, True),
        (ALL, -1, False),
        (CLAIMED, 0, False),
        ((0, 0, 0, ALL[3]), 0, False),
        (NONE, 0, False),
    ],
    ids=["usable", "the system does not let us", "no tiles", "short vectors", "none"],
)
def test_our_own_loops_need_the_units_and_the_systems_leave_alone(
    features: tuple[int, ...], answer: int, expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    class System:
        def syscall(self, *asked: int) -> int:
            assert asked == (tiles.ARCH_PRCTL, tiles.ASK_FOR, tiles.STATE)
            return answer

    answering(monkeypatch, features)
    monkeypatch.setattr(tiles.ctypes, "CDLL", lambda name: System())
    assert tiles.ours() == expected


@pytest.mark.parametrize("name", tiles.OTHERS)
def test_where_numba_compiles_for_another_processor_they_are_not_used(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "generic")
    assert not tiles.ours()


@pytest.mark.parametrize("name", [tiles.CEILING, tiles.OLDER])
def test_who_has_set_the_ceiling_knows_better(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch)
    monkeypatch.setenv(name, "AVX2")
    tiles.avoid_broken()
    assert os.environ[name] == "AVX2"
    assert (tiles.CEILING in os.environ) == (name == tiles.CEILING)


def test_an_empty_ceiling_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch)
    monkeypatch.setenv(tiles.CEILING, "")
    tiles.avoid_broken()
    assert os.environ[tiles.CEILING]


@pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() != "x86_64", reason="asks Linux on x86-64"
)
def test_the_processor_says_what_the_system_says() -> None:
    flags = Path("/proc/cpuinfo").read_text().split()
    # A kernel that does not know AMX, or was told not to, does not name it.
    claimed = bool(tiles._asked(tiles.FEATURES)[3] & tiles.AMX_BF16)
    assert claimed or "amx_bf16" not in flags


def test_elsewhere_nothing_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "arm64")
    assert tiles._asked(tiles.FEATURES) == NONE


def test_where_no_program_can_be_written_nothing_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*args: object, **kwargs: object) -> None:
        raise PermissionError

    monkeypatch.setattr(tiles.mmap, "mmap", refused)
    assert tiles._asked(tiles.FEATURES) == NONE


@pytest.mark.parametrize("where", ["here", "in a process that is started"])
def test_bf16_is_multiplied_whatever_the_machine_is(where: str) -> None:
    environment = {name: value for name, value in os.environ.items() if name != tiles.CEILING}
    environment |= tiles.avoiding() if where != "here" else {}
    done = subprocess.run(
        [sys.executable, "-c", PRODUCT, where],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
