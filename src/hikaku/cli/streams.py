"""Standard streams that stop no study: closed, full of others' files, or with nobody at the end."""

from __future__ import annotations

import io
import os
import sys
from contextlib import suppress
from typing import Any


class Unheard(io.FileIO):
    """A file to which one may go on writing when nobody reads it any more."""

    def write(self, text: Any, /) -> int:
        """Write this, or drop it where the other end is closed."""
        with suppress(BrokenPipeError):
            return super().write(text)
        return memoryview(text).nbytes


def steady() -> None:
    """Open those standard streams that are closed, and let progress be told to nobody.

    A file that is opened while one of the first three numbers is free gets that number, and
    whatever is printed then goes into it: into a store, say.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    sys.stdout = sys.stdout or os.fdopen(1, "w", encoding="utf-8", closefd=False)
    if sys.stderr is sys.__stderr__:
        encoding = getattr(sys.stderr, "encoding", None) or "utf-8"
        raw = io.BufferedWriter(Unheard(2, "w", closefd=False))
        sys.stderr = io.TextIOWrapper(raw, encoding, "replace", line_buffering=True)
