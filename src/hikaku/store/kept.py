"""The files beside the database: of each trial, a folder of weights named after its key.

Nothing here reads weights: what stands in the head of a file is text.
"""

from __future__ import annotations

import json
import shutil
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hikaku.study.keep import ENDING, MARK

PART = ".part"
"""Ends the name of a trial's folder for as long as the trial is trained."""
LARGEST_HEAD = 100 * 2**20
"""The format's own limit, in bytes."""


@dataclass(frozen=True)
class Kept:
    """The folder of the store's files; it need not be there."""

    folder: Path

    def files(self, key: str) -> dict[str, Path]:
        """Return the files of weights of a trial by name, in the order of their names."""
        found = sorted((self.folder / key).glob(f"*{ENDING}"))
        return {path.name: path for path in found}

    def trials(self) -> Iterator[str]:
        """Yield the key of every trial that has a folder."""
        if self.folder.is_dir():
            yield from (path.name for path in self.folder.iterdir() if path.suffix != PART)

    def remove(self, keys: Iterable[str]) -> None:
        """Delete all files of these trials."""
        for key in keys:
            if (self.folder / key).is_dir():
                shutil.rmtree(self.folder / key)

    def drop(self, key: str, names: Iterable[str]) -> None:
        """Delete these files of a trial, and its folder where nothing else is in it."""
        for name in names:
            (self.folder / key / name).unlink(missing_ok=True)
        if (self.folder / key).is_dir() and not any((self.folder / key).iterdir()):
            (self.folder / key).rmdir()

    def sweep(self) -> None:
        """Delete what trials left that were killed. Only who holds the store's lock may do that."""
        for path in self.folder.glob(f"*{PART}"):
            shutil.rmtree(path)


def head(path: Path) -> dict[str, Any]:
    """Return what was written into a file beside its weights; {} where it is no file of ours."""
    try:
        with path.open("rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            text = file.read(min(length, LARGEST_HEAD))
        found: dict[str, Any] = json.loads(json.loads(text)["__metadata__"][MARK])
    except (OSError, ValueError, KeyError, TypeError, struct.error):
        return {}
    return found
