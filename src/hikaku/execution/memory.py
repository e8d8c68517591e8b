"""How much memory this process has taken, in MiB."""

from __future__ import annotations

from pathlib import Path


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
