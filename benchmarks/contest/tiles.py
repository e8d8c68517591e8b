"""AMX's tiles, shown to all contestants where a virtual machine hides them: see `tiles.c`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hikaku.training.tiles import avoiding, broken

SOURCE = Path(__file__).parents[1] / "tiles.c"
LIBRARY, PRELOAD = "hikaku-tiles.so", "LD_PRELOAD"
ARE_SHOWN = "import sys; from hikaku.training.tiles import broken; sys.exit(broken())"


@contextmanager
def tiles(folder: Path, *, wanted: bool) -> Iterator[None]:
    """Let the processes that are started here use hidden tiles, or keep them from those.

    Where they are not hidden there is nothing to do. Without a C compiler they stay hidden, and
    where the processor cannot trap `cpuid`.
    """
    before = dict(os.environ)
    if broken():
        # Else a process of theirs would end at its first product in bf16.
        os.environ.update((showing(folder) if wanted else None) or avoiding())
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def showing(folder: Path) -> dict[str, str] | None:
    """Return the variable by which a new process sees the tiles; None where that does not work."""
    library, compiler = folder / LIBRARY, shutil.which("cc")
    if compiler is None:
        return None
    words = [compiler, "-O2", "-Wall", "-shared", "-fPIC", "-o", library, SOURCE, "-ldl"]
    subprocess.run(words, check=True)
    # First comes what somebody else has loaded.
    given = {PRELOAD: ":".join(filter(None, (os.environ.get(PRELOAD), str(library))))}
    asked = subprocess.run([sys.executable, "-c", ARE_SHOWN], env=os.environ | given, check=False)
    return None if asked.returncode else given


def hidden() -> str:
    """Return what is said of the tiles in the list of instructions."""
    if not broken():
        return ""
    are_shown = LIBRARY in os.environ.get(PRELOAD, "")
    by_whom = "shown to all by benchmarks/tiles.c" if are_shown else "unused"
    return f", whose tiles are hidden by a virtual machine and {by_whom}"
