"""`Case`: one bad input, how to make it, who reads it, and what must be said of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from hikaku.data.files import read
from hikaku.data.task import Kind
from hikaku.study.recipe import Value

Make = Callable[[Path], Path]
"""Writes the input into an empty folder, and returns the path that is handed to the reader."""
STUDY, DATA = 2, 3
"""Exit codes."""


@dataclass(frozen=True)
class Case:
    """One bad input of a group.

    `read` must raise a HikakuError with this `exit_code`, which says `word`. `faults` are rows of
    the fault list.
    """

    group: str
    name: str
    make: Make
    read: Callable[[Path], object]
    exit_code: int
    word: str
    faults: tuple[str, ...]

    def __str__(self) -> str:
        """Return group and name as a test's id."""
        return f"{self.group}: {self.name}"


Content = bytes | str | Callable[[], bytes]
"""What a file holds; what is large is made when it is written."""


def written(name: str, content: Content) -> Make:
    """Return what writes one file."""

    def make(folder: Path) -> Path:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        found = content() if callable(content) else content
        path.write_bytes(found.encode() if isinstance(found, str) else found)
        return path

    return make


def reading(kind: Kind = "classification", /, **options: Value) -> Callable[[Path], object]:
    """Return the reading of a user's data file or folder under these settings."""
    found: Mapping[str, Value] = options
    return lambda path: read(path, kind, found)


def flipped(content: bytes, at: int) -> bytes:
    """Return the bytes with one of them turned round."""
    return content[:at] + bytes([content[at] ^ 0xFF]) + content[at + 1 :]
