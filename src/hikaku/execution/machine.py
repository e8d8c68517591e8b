"""What this machine really has: cores that we may use, and what stands in an outcome about it."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path


def cores() -> int:
    """Return the number of cores that this process may use, at least 1.

    An affinity mask and a container's CPU quota count, where the system tells of them.
    """
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return max(1, min(allowed or 1, _quota()))


def environment() -> str:
    """Return versions and platform in one line: with it, the same key gives the same bits."""
    names = ("torch", "numpy")
    packages = " ".join(f"{name} {version(name)}" for name in names)
    return (
        f"Python {platform.python_version()}, {packages}, {platform.system()} {platform.machine()}"
    )


def _quota() -> int:
    try:
        limit, period = Path("/sys/fs/cgroup/cpu.max").read_text().split()
    except (OSError, ValueError):
        return 1 << 16
    return 1 << 16 if limit == "max" else max(1, int(limit) // int(period))
