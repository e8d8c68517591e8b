"""How much memory this process has taken, in MiB, and how it keeps what it has."""

from __future__ import annotations

import ctypes
from pathlib import Path

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
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20  # macOS counts bytes
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def peak_memory_of_children_mib() -> float:
    """Return the largest resident memory of any one ended child process, in MiB."""
    import resource
    import sys

    unit = 2**20 if sys.platform == "darwin" else 2**10  # macOS counts bytes, Linux KiB
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / unit
