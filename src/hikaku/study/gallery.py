"""The ready-made studies that come with hikaku, by name: `01-digits.toml` is `digits`."""

from __future__ import annotations

import re
from pathlib import Path

from hikaku.errors import Fault, StudyError
from hikaku.study.nearest import suggest
from hikaku.study.syntax import is_file
from hikaku.words import message

FOLDER = Path(__file__).parent.parent / "gallery"


def gallery() -> dict[str, Path]:
    """Return every ready-made study's file by name, in the order of their numbers."""
    found = sorted(FOLDER.glob("[0-9]*.toml"))
    return {re.sub(r"^\d+-", "", path.stem): path for path in found}


def resolve(study: str) -> Path:
    """Return the file that `study`, a path or the name of a ready-made study, stands for.

    A file wins over a ready-made study of the same name. Raises `StudyError`, with the nearest
    ready-made study, for a name that is neither.
    """
    path, ready = Path(study), gallery()
    if is_file(path):
        return path
    if study in ready:
        return ready[study]
    what = message("there is no file and no ready-made study '{name}'.", name=study[:60])
    if is_file(Path(f"{study}.toml")):
        raise StudyError(Fault(what, mend=message("did you mean {close}?", close=f"{study}.toml")))
    mend = message("`hikaku gallery` lists the ready-made ones, `hikaku new FILE` writes one")
    raise StudyError(Fault(suggest(what, study, ready), mend=mend))
