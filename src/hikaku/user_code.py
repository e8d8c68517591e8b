"""Running a file of the user's: as a module of its own, read from its source, isolated.

A technique, a metric, a model and a data set may each come from a file beside the study. Only
worker processes run them.
"""

from __future__ import annotations

import importlib.util
import sys
import sysconfig
import traceback
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

HERE = str(Path(__file__).parent)
STANDARD = sysconfig.get_path("stdlib")

_REACHED: dict[str, dict[Path, str]] = {}
"""By module, the user's files that it imported while it was run, each with its SHA-256."""


def has_run() -> bool:
    """Return whether any file of the user's was run in this process."""
    return bool(_REACHED)


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

    And of the bytes of what it imports from beside it while it is run: once one has changed, it
    is run again under another name; what the older module holds stays as it is. It can import
    the files beside it, now and later. What it imports of them is its own: a file in another
    folder that asks for the same name gets the one beside itself. Raises `StudyError` where the
    file cannot be run.
    """
    path = path.resolve()
    try:
        text = path.read_bytes()
    except OSError as error:
        raise _unusable(path, error) from error
    name = _current(path, text)
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path, loader=FromSource(name, str(path)))
    if spec is None or spec.loader is None:
        raise _unusable(path, "its name does not end in .py")
    module = importlib.util.module_from_spec(spec)
    # A dataclass looks its own module up there while it is being made.
    sys.modules[name] = module
    try:
        with _importable(path.parent) as imported:
            spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        raise _unusable(path, f"{said(error)} ({line_of(error)})") from error
    _REACHED[name] = {file: _digest(file) for file in imported}
    return module


def _current(path: Path, text: bytes) -> str:
    """Return the name of the module of these bytes whose imports are as they are now."""
    name = f"{path.stem}_{sha256(str(path).encode() + text).hexdigest()[:12]}"
    while name in sys.modules:
        then = _REACHED.get(name, {})
        now = {file: _digest(file) for file in then}
        if now == then:
            break
        told = "".join((name, *now.values()))
        name = f"{path.stem}_{sha256(told.encode()).hexdigest()[:12]}"
    return name


def _digest(file: Path) -> str:
    """Return the SHA-256 of a file, "" where it is gone."""
    try:
        return sha256(file.read_bytes()).hexdigest()
    except OSError:
        return ""


def line_of(error: BaseException) -> str:
    """Return `my_model.py:12`: the last line of the user's own code that the exception came by.

    That is code neither of hikaku nor of Python nor of an installed package; "" if there is none.
    """
    if isinstance(error, SyntaxError) and error.filename:
        return f"{Path(error.filename).name}:{error.lineno}"
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        file = frame.filename
        if not (file.startswith((HERE, STANDARD, "<")) or "site-packages" in file):
            return f"{Path(file).name}:{frame.lineno}"
    return ""


def said(error: BaseException) -> str:
    """Return kind and first line of an exception."""
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__


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


@dataclass(frozen=True)
class Folders:
    """Finds folders of the user's that are packages without an `__init__.py`, if nobody else does.

    Asked last, as Python has it: a folder `data` beside a study hides no installed package.
    """

    folder: str

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return where the package `name` lies below the folder, None where it does not."""
        for place in (self.folder,) if path is None else path:
            if Path(self.folder) in (Path(place), *Path(place).parents):
                spec = FileFinder(place, (FromSource, [".py"])).find_spec(name)
                if spec is not None and spec.loader is None:
                    return spec
        return None


@contextmanager
def _importable(folder: Path) -> Iterator[set[Path]]:
    """Let the files of this folder be imported; at the end the set holds those that were."""
    first, last = Beside(str(folder)), Folders(str(folder))
    others = [known for known in sys.meta_path if known not in (first, last)]
    sys.meta_path[:] = [first, *others, last]
    before, files = set(sys.modules), set[Path]()
    try:
        yield files
    finally:
        for name in set(sys.modules) - before:
            if _lies_in(folder, sys.modules[name]):
                file = getattr(sys.modules.pop(name), "__file__", None)
                files |= {Path(file)} if file else set()


def _lies_in(folder: Path, module: ModuleType) -> bool:
    """Return whether a module is the user's own, from this folder."""
    spec = getattr(module, "__spec__", None)
    folders = (spec.submodule_search_locations or ()) if isinstance(spec, ModuleSpec) else ()
    places = [getattr(module, "__file__", None) or "", *folders]
    return any(
        folder in Path(place).parents and "site-packages" not in Path(place).parts
        for place in places
    )
