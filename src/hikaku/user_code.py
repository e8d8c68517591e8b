"""Running a file of the user's: as a module of its own, read from its source, isolated.

A technique, a metric, a model and a data set may each come from a file beside the study. Only
worker processes run them.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from importlib.machinery import FileFinder, ModuleSpec, SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

from hikaku.errors import HikakuError, StudyError
from hikaku.words import message


def symbol_in(reference: str, folder: str) -> Any:
    """Return what `file.py:Name` names, the file found from `folder`.

    Raises `StudyError` where the file cannot be run or holds no such name.
    """
    file, _, name = reference.rpartition(":")
    module = module_at(Path(folder) / file)
    try:
        return getattr(module, name)
    except AttributeError:
        raise StudyError.of(
            message("{file} has no {wanted}", file=file, wanted=name),
            mend=message("name what the file defines, as in file.py:Name"),
        ) from None


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
