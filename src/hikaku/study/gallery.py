"""The ready-made studies that come with hikaku, by name: `01-digits.toml` is `digits`."""

from __future__ import annotations

import re
from pathlib import Path

FOLDER = Path(__file__).parent.parent / "gallery"


def gallery() -> dict[str, Path]:
    """Return every ready-made study's file by name, in the order of their numbers."""
    found = sorted(FOLDER.glob("*.toml"))
    return {re.sub(r"^\d+-", "", path.stem): path for path in found}


def resolve(study: str) -> Path:
    """Return the file that `study`, a path or the name of a ready-made study, stands for.

    A file wins over a ready-made study of the same name; a name that is neither comes back as a
    path, for the decoder to refuse.
    """
    path = Path(study)
    return path if path.is_file() else gallery().get(study, path)
