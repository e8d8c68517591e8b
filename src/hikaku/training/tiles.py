"""Whether the units of a processor that multiply matrices of bf16 (Intel's AMX) can be used.

Flags alone do not tell. Some virtual machines pass them on and hide the leaf of `cpuid` that lists
the shapes of the units' tiles. oneDNN before its fix of August 2026 (uxlfoundation/oneDNN#5801, so
the one in torch 2.13 too) configures its tiles by that leaf; where it is empty the first product of
bf16 is an illegal instruction, and the process is gone. Without AMX it is as exact, and slower.
Our own loops over convolutions (`kernels.amx`) need no such list.
"""

from __future__ import annotations

import ctypes
import mmap
import os
import platform
import sys
from functools import cache

LAST, FEATURES, TILES = 0, 7, 0x1D
"""Leaves of `cpuid`: which is the last, what the processor can do, and the shapes of its tiles."""

AMX_BF16, AMX_TILE, AVX512 = 1 << 22, 1 << 24, 1 << 16
"""The bits for them among the features: of the first two in EDX, of the last in EBX."""

ARCH_PRCTL, ASK_FOR, STATE = 158, 0x1023, 18
"""The call by which a process on Linux gets a part of a processor's state: here, the tiles."""

CPUID = bytes.fromhex("53 4989d0 89f8 89f1 0fa2 418900 41895804 41894808 4189500c 5b c3")
"""`void (leaf, subleaf, uint32[4])`: push rbx, keep rdx in r8, ask, store EAX to EDX, return."""

OTHERS = "NUMBA_CPU_NAME", "NUMBA_CPU_FEATURES"
"""By these variables numba is told what to compile for."""

CEILING, OLDER = "ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA"
"""By these variables oneDNN is told what it may use; it looks once, before its first work."""


@cache
def broken() -> bool:
    """Return whether this processor claims AMX for bf16, and lists no tile to use it with."""
    if not _asked(FEATURES)[3] & AMX_BF16:
        return False
    # Asked for a leaf beyond the last, a processor answers with another one.
    return _asked(LAST)[0] < TILES or not _asked(TILES)[0]


@cache
def ours() -> bool:
    """Return whether our own loops can use the units, and let this process and its children do so.

    They use the shapes that the architecture fixes (palette 1: eight tiles of 16 rows of 64 bytes),
    so it does not matter whether a virtual machine lists them. Where numba is told to compile for
    another processor than this one, they cannot.
    """
    if any(os.environ.get(name) for name in OTHERS):
        return False
    _, wide, _, features = _asked(FEATURES)
    if not (features & AMX_BF16 and features & AMX_TILE and wide & AVX512):
        return False
    answer: int = ctypes.CDLL(None).syscall(ARCH_PRCTL, ASK_FOR, STATE)
    return answer == 0


def avoiding() -> dict[str, str]:
    """Return the variable that keeps oneDNN in a new process from AMX where that is broken.

    None where it is not. Who has set it knows better.
    """
    is_set = any(os.environ.get(name) for name in (CEILING, OLDER))
    return {CEILING: "AVX512_CORE_FP16"} if broken() and not is_set else {}


def avoid_broken() -> None:
    """Keep oneDNN, in this process and those that it starts, from AMX where that is broken.

    In a process that has computed by oneDNN before, as a notebook may have, it is too late.
    """
    os.environ.update(avoiding())


def _asked(leaf: int) -> tuple[int, ...]:
    """Return what EAX, EBX, ECX and EDX say; zeros but on Linux on x86-64, where it can be asked.

    Nor can it where the system lets nobody write a program of their own (SELinux's `execmem`).
    """
    if sys.platform != "linux" or platform.machine() != "x86_64":
        return (0, 0, 0, 0)
    try:
        page = mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    except OSError:
        return (0, 0, 0, 0)
    page.write(CPUID)
    registers = (ctypes.c_uint32 * 4)()
    start = ctypes.c_char.from_buffer(page)
    ask = ctypes.CFUNCTYPE(None, ctypes.c_uint32, ctypes.c_uint32, ctypes.c_void_p)
    ask(ctypes.addressof(start))(leaf, 0, ctypes.addressof(registers))
    return tuple(registers)
