"""What this machine really has: cores that we may use, and what stands in an outcome about it."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from hikaku.errors import StudyError
from hikaku.study.recipe import Dtype, Precision
from hikaku.training import tiles
from hikaku.words import Message, message

VERSIONS = {name: version(name) for name in ("hikaku", "torch", "numpy")}
"""Looked up when this is loaded: a trial may do to its process what it likes, its paths too."""


def cores() -> int:
    """Return the number of cores that this process may use, at least 1.

    An affinity mask and a container's CPU quota count, where the system tells of them.
    """
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return max(1, min(allowed or 1, _quota()))


def environment(packages: Sequence[str] = ("torch", "numpy")) -> str:
    """Return versions and platform in one line: with it, the same key gives the same bits."""
    words = [f"{name} {VERSIONS[name]}" for name in ("hikaku", *packages)]
    words.insert(1, f"Python {platform.python_version()}")
    return f"{', '.join(words)}, {platform.system()} {platform.machine()}"


def memory_mib() -> int:
    """Return how much memory the machine, or the container that this runs in, has, in MiB."""
    whole = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return min(whole, *_of_container("max", "limit_in_bytes"), whole) // 2**20


def free_mib() -> float | None:
    """Return how much more memory can be taken here, in MiB; None where the system does not tell.

    On the machine that is what programs can get without any being ended, swap included; in a
    container with a limit, what is left below it. Files that are only cached count as free.
    """
    machine = _numbers(Path("/proc/meminfo"))
    if "MemAvailable" not in machine:
        return None
    free = (machine["MemAvailable"] + machine.get("SwapFree", 0)) * 2**10
    limits, used = (
        _of_container("max", "limit_in_bytes"),
        _of_container("current", "usage_in_bytes"),
    )
    for limit, taken in zip(limits, used, strict=False):
        cached = _numbers(_CONTAINERS / "memory.stat") | _numbers(
            _CONTAINERS / "memory/memory.stat"
        )
        free = min(free, limit - taken + cached.get("inactive_file", 0))
    return free / 2**20


def ended_for_memory() -> int:
    """Return how many processes the system (Linux) has ended for want of memory since its start."""
    return _numbers(Path("/proc/vmstat")).get("oom_kill", 0)


_CONTAINERS = Path("/sys/fs/cgroup")
"""Where Linux tells of a container's limits, of both generations of control groups."""


def _of_container(newer: str, older: str) -> tuple[int, ...]:
    """Return a figure of the container's memory in bytes; nothing where none is given."""
    for path in (_CONTAINERS / f"memory.{newer}", _CONTAINERS / f"memory/memory.{older}"):
        try:
            text = path.read_text().strip()
        except OSError:
            continue
        return (int(text),) if text.isdigit() else ()
    return ()


def _numbers(path: Path) -> dict[str, int]:
    """Return the lines "name number", "name: number kB" of a file of the system's."""
    try:
        lines = [line.replace(":", " ").split() for line in path.read_text().splitlines()]
    except OSError:
        return {}
    return {line[0]: int(line[1]) for line in lines if len(line) > 1 and line[1].isdigit()}


def gpus() -> tuple[str, ...]:
    """Return the names under which GPUs can be asked for; torch is not needed to count them.

    `CUDA_VISIBLE_DEVICES` says so where it is set, else `nvidia-smi`, else there are none.
    """
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is not None:
        return tuple(name for name in visible.replace(" ", "").split(",") if name not in ("", "-1"))
    lines = [line for line in _of_gpus("-L") if line.startswith("GPU ")]
    return tuple(str(number) for number in range(len(lines)))


def _of_gpus(*asked: str) -> list[str]:
    """Return what `nvidia-smi` answers, line by line; nothing where it is not there."""
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return []
    try:
        answer = subprocess.run(
            [tool, *asked], capture_output=True, text=True, timeout=30, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return []
    return answer.stdout.splitlines()


FIRST_WITH_BF16 = 8
"""The compute capability of the first NVIDIA GPUs whose matrix units take bf16 (Ampere)."""


def resolved(precision: Precision, kind: str) -> tuple[Dtype, Message]:
    """Return the precision that a recipe's one is on a device of this kind here, and why.

    "auto" is bf16 only where the hardware multiplies matrices of it: in software it would be
    slower than fp32, and less exact. Raises `StudyError` for fp64 on "mps", which has none.
    """
    if precision == "fp64" and kind == "mps":
        raise StudyError.of(
            message('recipe.precision: "mps" has no fp64'),
            mend=message('device = "cpu", or another precision'),
        )
    if precision != "auto":
        return precision, message("{dtype}: the recipe says so", dtype=precision)
    if bf16_is_fast(kind):
        return "bf16", message("bf16: this machine's hardware multiplies it")
    if kind == "cpu" and tiles.broken() and tiles.ours():
        return "fp32", message(
            "fp32: a virtual machine hides this processor's AMX from PyTorch; "
            'convolutions use it all the same, with precision = "bf16"'
        )
    if kind == "cpu" and tiles.broken():
        return "fp32", message(
            "fp32: this processor claims to multiply bf16 (AMX), and the virtual machine hides how"
        )
    return "fp32", message("fp32: nothing here multiplies bf16 in hardware")


def bf16_is_fast(kind: str) -> bool:
    """Return whether a device of this kind here has units that multiply matrices of bf16.

    A processor with AMX has; one with AVX-512 BF16 alone was never measured, and counts as none.
    """
    if kind == "cuda":
        lines = _of_gpus("--query-gpu=compute_cap", "--format=csv,noheader")
        numbers = [line.partition(".")[0] for line in lines]
        return bool(numbers) and all(n.isdigit() and int(n) >= FIRST_WITH_BF16 for n in numbers)
    return kind == "cpu" and "amx_bf16" in _flags() and not tiles.broken()


def _flags() -> frozenset[str]:
    """Return what the processor says that it can do, where the system (Linux) tells."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return frozenset()
    return frozenset(next((line for line in lines if line.startswith("flags")), "").split())


def _quota() -> int:
    try:
        limit, period = Path("/sys/fs/cgroup/cpu.max").read_text().split()
    except (OSError, ValueError):
        return 1 << 16
    return 1 << 16 if limit == "max" else max(1, int(limit) // int(period))
