"""From a technique's name to the technique: ours, a plug-in's, or one in a file of the user's.

Nothing is registered: `he-normal` is the file `he_normal.py` of this folder, `"my_file.py:Mine"`
a class in a file beside the study, and any other name an entry point of an installed package.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, is_dataclass
from hashlib import sha256
from importlib.machinery import FileFinder, ModuleSpec, SourceFileLoader
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

from hikaku.errors import HikakuError, StudyError
from hikaku.study.catalogue import GROUP, NOT_TECHNIQUES
from hikaku.study.recipe import Use
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


def module_at(path: Path) -> ModuleType:
    """Return the module in this file, run once for each state of its bytes.

    It can import the files beside it, now and later. What it imports of them is its own: a file
    in another folder that asks for the same name gets the one beside itself. Raises `StudyError`
    where the file cannot be run.
    """
    path = path.resolve()
    try:
        text = path.read_bytes()
    except OSError as error:
        raise _unusable(path, error) from error
    name = f"{path.stem}_{sha256(str(path).encode() + text).hexdigest()[:12]}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path, loader=FromSource(name, str(path)))
    if spec is None or spec.loader is None:
        raise _unusable(path, "its name does not end in .py")
    module = importlib.util.module_from_spec(spec)
    # A dataclass looks its own module up there while it is being made.
    sys.modules[name] = module
    try:
        with _importable(path.parent):
            spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        raise _unusable(path, f"{type(error).__name__}: {error}") from error
    return module


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


def _unusable(path: Path, error: object) -> HikakuError:
    return StudyError.of(message("this file cannot be used: {error}", error=error), where=str(path))


class FromSource(SourceFileLoader):
    """Reads a module from its source, never from bytecode that was kept.

    Python takes kept bytecode for current where second and size are the same: a file that is
    edited and run at once would be the one from before.
    """

    def path_stats(self, path: str) -> NoReturn:
        """Say nothing of time and size; without them no bytecode is read or written."""
        raise OSError


@dataclass(frozen=True)
class Beside:
    """Finds modules and packages in a folder of the user's, each read from its source."""

    folder: str

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return where the module `name` lies below the folder, None where it does not."""
        for place in (self.folder,) if path is None else path:
            if Path(self.folder) in (Path(place), *Path(place).parents):
                spec = FileFinder(place, (FromSource, [".py"])).find_spec(name)
                if spec is not None and spec.loader is not None:
                    return spec
        return None


@contextmanager
def _importable(folder: Path) -> Iterator[None]:
    finder = Beside(str(folder))
    sys.meta_path[:] = [finder, *(known for known in sys.meta_path if known != finder)]
    before = set(sys.modules)
    try:
        yield
    finally:
        for name in set(sys.modules) - before:
            file = Path(getattr(sys.modules[name], "__file__", None) or "")
            if folder in file.parents and "site-packages" not in file.parts:
                del sys.modules[name]
