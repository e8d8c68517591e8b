"""What a machine has for a precision, and how a worker keeps its memory."""

from __future__ import annotations

import ctypes
import platform
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from hikaku.errors import StudyError
from hikaku.execution import machine
from hikaku.execution.machine import resolved
from hikaku.execution.memory import keep_memory
from hikaku.training import tiles

AMX, PLAIN = "flags : fpu avx512_bf16 amx_bf16 amx_tile", "flags : fpu avx2 avx512_bf16"


def processor(monkeypatch: pytest.MonkeyPatch, flags: str) -> None:
    read = Path.read_text

    def fake(self: Path, *given: object) -> str:
        return f"processor : 0\n{flags}\n" if str(self) == "/proc/cpuinfo" else read(self)

    monkeypatch.setattr(Path, "read_text", fake)


def cards(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    monkeypatch.setattr(machine, "_of_gpus", lambda *asked: list(lines))


@pytest.mark.parametrize("asked", ["fp32", "bf16", "fp64"])
def test_what_the_recipe_says_is_done(asked: machine.Precision) -> None:
    for kind in ("cpu", "cuda"):
        found, why = resolved(asked, kind)
        assert found == asked
        assert "the recipe says so" in str(why)


def test_auto_is_bf16_only_where_hardware_multiplies_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiles, "broken", lambda: False)
    for flags, expected in ((AMX, "bf16"), (PLAIN, "fp32"), ("Features : asimd", "fp32")):
        processor(monkeypatch, flags)
        found, why = resolved("auto", "cpu")
        assert found == expected
        assert str(why).startswith(found)
        assert resolved("auto", "mps")[0] == "fp32"


@pytest.mark.parametrize("ours", [True, False])
def test_auto_is_fp32_where_a_virtual_machine_hides_the_tiles(
    ours: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    processor(monkeypatch, AMX)
    monkeypatch.setattr(tiles, "broken", lambda: True)
    monkeypatch.setattr(tiles, "ours", lambda: ours)
    found, why = resolved("auto", "cpu")
    assert found == "fp32"
    assert "hides" in str(why)
    assert ("convolutions use it" in str(why)) == ours


@pytest.mark.parametrize(
    ("lines", "expected"),
    [(("9.0",), "bf16"), (("8.0", "7.5"), "fp32"), (("[N/A]",), "fp32"), ((), "fp32")],
)
def test_on_gpus_auto_asks_for_their_generation(
    lines: tuple[str, ...], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    processor(monkeypatch, AMX)
    cards(monkeypatch, *lines)
    assert resolved("auto", "cuda")[0] == expected


def test_without_a_processor_file_nothing_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(self: Path, *given: object) -> str:
        raise FileNotFoundError

    monkeypatch.setattr(Path, "read_text", none)
    assert resolved("auto", "cpu")[0] == "fp32"


def test_fp64_is_refused_where_there_is_none() -> None:
    with pytest.raises(StudyError, match='"mps" has no fp64'):
        resolved("fp64", "mps")


def test_the_supervisor_asks_without_torch() -> None:
    code = (
        "import sys; from hikaku.execution.machine import resolved; "
        "resolved('auto', 'cpu'); sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


FREED = """
import sys, numpy
from hikaku.execution.memory import keep_memory
from importlib.metadata import version
from pathlib import Path

def mib():
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) // 1024

if sys.argv[1] == "keep":
    keep_memory()
before = mib()
block = numpy.ones(25_000_000)
del block
print(mib() - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another allocator")
def test_a_worker_keeps_what_it_frees() -> None:
    left = [
        int(subprocess.check_output([sys.executable, "-c", FREED, word])) for word in ("keep", "no")
    ]
    assert left[0] > 150 > 50 > left[1]


@pytest.mark.parametrize("library", [object(), None])
def test_with_another_allocator_nothing_happens(
    library: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    def opened(name: object) -> object:
        if library is None:
            raise OSError
        return library

    monkeypatch.setattr(ctypes, "CDLL", opened)
    keep_memory()


def test_an_environment_names_what_computed_it_and_by_which_versions() -> None:
    named = [f"hikaku {version('hikaku')}", f"torch {version('torch')}", platform.system()]
    assert all(word in machine.environment() for word in named)
    assert "torch" not in machine.environment(packages=())
