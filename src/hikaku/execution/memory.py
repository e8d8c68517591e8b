"""How much memory this process, or another, has taken, in MiB, and how it keeps what it has."""

from __future__ import annotations

import ctypes
import os
import resource
import sys
from collections import deque
from pathlib import Path

from hikaku.execution.process import descendants

M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_THRESHOLD = -1, -2, -3
"""What glibc's `mallopt` can be told; the numbers stand in its `malloc.h`."""


def keep_memory() -> None:
    """Let this process keep the memory that it frees, where its allocator is glibc's.

    By default every large block goes back to the system, which hands it out again full of zeros,
    page by page: for the activations of a large batch that takes longer than to compute them. For
    workers, which have nothing else to do; a user's own process is the user's.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, TypeError, AttributeError):
        return  # another allocator: there is nothing to tell it
    mallopt(M_MMAP_THRESHOLD, 1 << 30)
    mallopt(M_TRIM_THRESHOLD, (1 << 31) - 1)
    mallopt(M_TOP_PAD, 64 << 20)


def reset_peak_memory() -> None:
    """Start the peak anew, where the system (Linux) allows it."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return


def peak_memory_mib() -> float:
    """Return this process's largest resident memory since the last reset, in MiB."""
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20  # macOS counts bytes
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def peak_memory_of_children_mib() -> float:
    """Return the largest resident memory of any one ended child process, in MiB."""
    unit = 2**20 if sys.platform == "darwin" else 2**10  # macOS counts bytes, Linux KiB
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / unit


class Taken:
    """What a process and those that it has started take, seen from outside about once a second.

    Pages that several of them share count for each. Where the system does not tell, as outside of
    Linux, it takes nothing, and is thought to compute.
    """

    def __init__(self) -> None:
        self._seen: deque[tuple[float, float]] = deque(maxlen=600)
        self._processor = 0.0
        self.peak = 0.0
        self.computes = True

    def look(self, pid: int, now: float) -> None:
        """Note what it takes at this second of a clock that never goes back."""
        figures = [_figures(one) for one in (pid, *descendants(pid))]
        mib, seconds, running = (sum(found) for found in zip(*figures, strict=True))
        if self._seen and mib:
            passed = now - self._seen[-1][0]
            # On a crowded machine who could compute may wait for a processor for long.
            self.computes = running > 0 or seconds - self._processor > IDLE * passed
        self._processor = seconds
        self._seen.append((now, mib))
        self.peak = max(self.peak, mib)

    @property
    def mib(self) -> float:
        """What it took when last looked at; 0 before that."""
        return self._seen[-1][1] if self._seen else 0.0

    @property
    def mib_a_minute(self) -> float:
        """How fast that has grown in the last minutes."""
        if not self._seen:
            return 0.0
        (since, first), (now, last) = self._seen[0], self._seen[-1]
        return 60 * (last - first) / max(1.0, now - since)


IDLE = 0.02
"""A process that takes less than this share of one core is thought to wait for something."""


def _figures(pid: int) -> tuple[float, float, float]:
    """Return a process's resident memory in MiB, seconds of processors so far, and 1 if it could
    run at this moment; 0 if unknown.
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0, 0.0, 0.0
    ticks, pages = int(fields[11]) + int(fields[12]), int(fields[21])
    mib = pages * resource.getpagesize() / 2**20
    return mib, ticks / os.sysconf("SC_CLK_TCK"), float(fields[0] == "R")
