"""What this machine really has: cores that we may use, and what stands in an outcome about it."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path


def cores() -> int:
    """Return the number of cores that this process may use, at least 1.

    An affinity mask and a container's CPU quota count, where the system tells of them.
    """
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return max(1, min(allowed or 1, _quota()))


def environment(packages: Sequence[str] = ("torch", "numpy")) -> str:
    """Return versions and platform in one line: with it, the same key gives the same bits."""
    words = [f"{name} {version(name)}" for name in packages]
    known = ", ".join(
        (f"Python {platform.python_version()}", *([" ".join(words)] if words else ()))
    )
    return f"{known}, {platform.system()} {platform.machine()}"


def memory_mib() -> int:
    """Return how much memory the machine, or the container that this runs in, has, in MiB."""
    whole = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    try:
        limit = Path("/sys/fs/cgroup/memory.max").read_text().strip()
    except OSError:
        limit = "max"
    return min(whole, int(limit) if limit.isdigit() else whole) // 2**20


def gpus() -> tuple[str, ...]:
    """Return the names under which GPUs can be asked for; torch is not needed to count them.

    `CUDA_VISIBLE_DEVICES` says so where it is set, else `nvidia-smi`, else there are none.
    """
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is not None:
        return tuple(name for name in visible.replace(" ", "").split(",") if name not in ("", "-1"))
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return ()
    try:
        asked = subprocess.run([tool, "-L"], capture_output=True, text=True, timeout=30, check=True)
    except (OSError, subprocess.SubprocessError):
        return ()
    lines = [line for line in asked.stdout.splitlines() if line.startswith("GPU ")]
    return tuple(str(number) for number in range(len(lines)))


def _quota() -> int:
    try:
        limit, period = Path("/sys/fs/cgroup/cpu.max").read_text().split()
    except (OSError, ValueError):
        return 1 << 16
    return 1 << 16 if limit == "max" else max(1, int(limit) // int(period))
