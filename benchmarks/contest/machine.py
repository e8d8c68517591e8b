"""What was measured on: processor, cores, what it multiplies, and the versions that did it."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from hikaku.training.tiles import broken

PACKAGES = (
    "hikaku", "torch", "numpy", "numba", "lightning", "keras", "jax", "skorch",
)  # fmt: skip  # a list of names

PEAK = """
import sys, time, torch
torch.set_num_threads(1)
a, b, out = (torch.rand(1024, 1024) for _ in range(3))
torch.mm(a, b, out=out)
sys.stdout.write("ready\\n"); sys.stdout.flush(); sys.stdin.readline()
started, n = time.perf_counter(), 0
while time.perf_counter() - started < 2.0:
    torch.mm(a, b, out=out); n += 1
print(n * 2 * 1024**3 / (time.perf_counter() - started) / 1e9)
"""


def machine() -> dict[str, str]:
    """Return processor, cores, system, and the instructions that matter, in words."""
    found = {
        "processor": platform.processor() or platform.machine(),
        "system": f"{platform.system()} {platform.machine()}",
    }
    info = Path("/proc/cpuinfo")
    if info.exists():
        lines = {
            key.strip(): value.strip()
            for key, _, value in (line.partition(":") for line in info.read_text().splitlines())
        }
        flags = lines.get("flags", "").split()
        found["processor"] = lines.get("model name", found["processor"])
        wanted = ("avx2", "avx512f", "avx512_bf16", "amx_bf16")
        found["instructions"] = " ".join(flag for flag in wanted if flag in flags) or "none of note"
        if broken():
            found["instructions"] += ", which a virtual machine hides from PyTorch"
    return found | {"cores": str(len(os.sched_getaffinity(0)) if info.exists() else os.cpu_count())}


def versions() -> dict[str, str]:
    """Return the version of Python and of each package that is there."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def gemm_peak(processes: int = 2) -> float:
    """Return the GFLOP/s of 1024³ fp32 products in so many single-thread processes at once."""
    running = [
        subprocess.Popen(
            [sys.executable, "-c", PEAK], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(processes)
    ]
    for one in running:
        one.stdout.readline()
    for one in running:
        one.stdin.write("go\n")
        one.stdin.flush()
    return sum(float(one.communicate()[0]) for one in running)
