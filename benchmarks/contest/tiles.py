"""AMX's tiles, shown to all contestants where a virtual machine hides them: see `tiles.c`."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hikaku.training.tiles import avoiding, broken

SOURCE = Path(__file__).parents[1] / "tiles.c"


@contextmanager
def tiles(folder: Path, *, wanted: bool) -> Iterator[None]:
    """Let the processes that are started here use hidden tiles, or keep them from those.

    Where they are not hidden there is nothing to do. Without a C compiler they stay hidden.
    """
    compiler = shutil.which("cc")
    if not broken():
        extra = {}
    elif wanted and compiler:
        library = folder / "tiles.so"
        words = [compiler, "-O2", "-Wall", "-shared", "-fPIC", "-o", library, SOURCE, "-ldl"]
        subprocess.run(words, check=True)
        extra = {"LD_PRELOAD": str(library)}
    else:
        extra = avoiding()  # a process of theirs would end at its first product in bf16
    before = dict(os.environ)
    os.environ.update(extra)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def hidden() -> str:
    """Return what is said of the tiles in the list of instructions."""
    if not broken():
        return ""
    by_whom = "shown to all by benchmarks/tiles.c" if "LD_PRELOAD" in os.environ else "unused"
    return f", whose tiles are hidden by a virtual machine and {by_whom}"
