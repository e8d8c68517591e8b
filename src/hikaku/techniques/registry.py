"""From a technique's name to the technique: ours, a plug-in's, or one in a file of the user's.

Nothing is registered: `he-normal` is the file `he_normal.py` of this folder, `"my_file.py:Mine"`
a class in a file beside the study, and any other name an entry point of an installed package.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from dataclasses import is_dataclass
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import Any

from hikaku.errors import StudyError
from hikaku.study.card import Card
from hikaku.study.catalogue import GROUP, NOT_TECHNIQUES
from hikaku.study.recipe import Use
from hikaku.user_code import module_at
from hikaku.words import message


def build(use: Use, folder: str = ".") -> Any:
    """Return the technique that `use` names, with its settings; it fills the slot of its card.

    Raises `StudyError` where there is no such technique.
    """
    return find(use.name, folder)(**dict(use.settings))


def find(name: str, folder: str = ".") -> type[Any]:
    """Return the frozen dataclass of the technique `name`; files are looked for from `folder`.

    Raises `StudyError` where there is no such technique, or where its file cannot be used.
    """
    if ":" in name:
        return _in_file(name, Path(folder))
    own = name.replace("-", "_")
    if own.isidentifier() and own not in NOT_TECHNIQUES:
        place = f"{__package__}.{own}"
        if importlib.util.find_spec(place) is not None:
            return _technique_of(importlib.import_module(place), name)
    for point in entry_points(group=GROUP, name=name):
        found = point.load()
        return (
            _technique_of(found, name) if isinstance(found, ModuleType) else _checked(found, name)
        )
    raise StudyError.of(
        message("there is no technique {name}", name=name),
        mend=message("`hikaku techniques` lists them; one of your own is written file.py:Name"),
    )


def card_of(technique: object) -> Card | None:
    """Return the card of a technique, where its file has one."""
    found = getattr(sys.modules.get(type(technique).__module__), "CARD", None)
    return found if isinstance(found, Card) else None


def _in_file(name: str, folder: Path) -> type[Any]:
    file, _, wanted = name.rpartition(":")
    found = getattr(module_at(folder / file), wanted, None)
    if found is None:
        raise StudyError.of(
            message("{file} has no {wanted}", file=file, wanted=wanted),
            mend=message("name the dataclass that the file defines, as in file.py:Name"),
        )
    return _checked(found, name)


def _technique_of(module: ModuleType, name: str) -> type[Any]:
    found = [
        value
        for key, value in vars(module).items()
        if isinstance(value, type)
        and is_dataclass(value)
        and value.__module__ == module.__name__
        and not key.startswith("_")
    ]
    if len(found) != 1:
        raise StudyError.of(
            message("{name} defines {count} public dataclasses", name=name, count=len(found)),
            why=message("a technique is the one public dataclass of its file"),
        )
    return found[0]


def _checked(found: object, name: str) -> type[Any]:
    if isinstance(found, type) and is_dataclass(found):
        return found
    raise StudyError.of(
        message("{name} is not a technique", name=name),
        why=message("a technique is a frozen dataclass"),
    )
