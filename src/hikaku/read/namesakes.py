"""What studies are called in a list: namesakes are told apart by their folders."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path


def told_apart(studies: Sequence[tuple[str, str]], home: Path) -> list[str]:
    """Return what each is called, given its name and its folder as seen from `home`, the store's.

    A folder is said as seen from here.
    """
    names = Counter(name for name, _ in studies)
    return [
        f"{name} ({_from_here(folder, home)})" if names[name] > 1 else name
        for name, folder in studies
    ]


def _from_here(folder: str, home: Path) -> str:
    there = os.path.normpath(home.absolute() / folder)
    # There may be no way from here to there: on another drive, or where this folder is gone.
    with suppress(ValueError, OSError):
        return os.path.relpath(there)
    return there
