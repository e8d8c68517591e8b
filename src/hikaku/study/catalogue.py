"""The catalogue: every technique, model and data set by name, read from source and never run.

`ls techniques` is the list of techniques: the name is the file's, with `-` for `_`. A file is read
when its entry is first asked for, so a study pays for the techniques that it names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.util import find_spec
from pathlib import Path, PurePath
from types import MappingProxyType
from typing import TYPE_CHECKING

from hikaku.errors import Fault, StudyError
from hikaku.study.entry import DataSet, Entry
from hikaku.study.literal import read_datasets, read_models, read_technique
from hikaku.study.nearest import suggest
from hikaku.study.syntax import is_file
from hikaku.words import message

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

PACKAGE = Path(__file__).parent.parent
TECHNIQUES = PACKAGE / "techniques"
MODELS = PACKAGE / "models" / "zoo"
DATASETS = PACKAGE / "data" / "builtin.py"
GROUP = "hikaku.techniques"
"""The group of entry points under which other distributions offer techniques."""

NOT_TECHNIQUES = frozenset({"__init__", "slots", "parts", "images", "registry"})


class Shelf(Mapping[str, Entry]):
    """The techniques of a folder and of other distributions' entry points, read when asked for.

    The folder's own come first: a plug-in never takes the place of a built-in technique. Asking
    for a file that breaks the rules raises `StudyError`; one that nobody asks for harms nobody.
    """

    def __init__(self, folder: Path) -> None:
        self._read: dict[str, Entry] = {}
        self._files = {
            path.stem.replace("_", "-"): path
            for path in sorted(folder.glob("*.py"))
            if path.stem not in NOT_TECHNIQUES
        }

    def __getitem__(self, name: str) -> Entry:
        if name not in self._read:
            path = self._files.get(name) or _module_file(self._plugins[name])
            self._read[name] = read_technique(path, name)
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        yield from self._files
        yield from (name for name in self._plugins if name not in self._files)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __contains__(self, name: object) -> bool:
        return name in self._files or name in self._plugins

    @cached_property
    def _plugins(self) -> Mapping[str, EntryPoint]:
        # Looking through all distributions takes longer than reading a study: only when needed.
        from importlib.metadata import entry_points

        return {found.name: found for found in entry_points(group=GROUP)}


def techniques(folder: Path = TECHNIQUES) -> Mapping[str, Entry]:
    """Return every technique by name; each is read when it is first asked for."""
    return _shelf(folder)


def models(folder: Path = MODELS) -> Mapping[str, Entry]:
    """Return every model by name: the public functions of the zoo's files."""
    return _models(folder)


def datasets(file: Path = DATASETS) -> Mapping[str, DataSet]:
    """Return every built-in data set by name."""
    return _datasets(file)


def technique_from_file(reference: str, folder: str | Path) -> Entry:
    """Return the entry of the user's own technique, `my_technique.py:Name` relative to `folder`.

    The file keeps the rules of the built-in ones, and its entry's name is the reference itself.
    Raises `StudyError` with file and line of each mistake.
    """
    name, path, symbol = own_file(reference, folder)
    entry = read_technique(path, name)
    if entry.symbol != symbol:
        what = message("'{file}' holds no technique '{symbol}'.", file=path.name, symbol=symbol)
        mend = message("it holds: {names}", names=entry.symbol)
        raise StudyError(Fault(suggest(what, symbol, [entry.symbol]), mend=mend))
    return entry


def technique_at(path: Path, symbol: str = "") -> Entry:
    """Return the entry of a technique's file wherever it lies, named as in a study beside it.

    `symbol` need not be given: a file holds one technique. Raises `StudyError` where there is no
    such file or technique, or where it breaks the rules.
    """
    if not is_file(path):
        what = message("there is no file '{file}'.", file=str(path)[:60])
        raise StudyError(Fault(what, mend=message("name a Python file that is there")))
    found = symbol or read_technique(path, path.name).symbol
    return technique_from_file(f"{path.name}:{found}", path.parent)


def own_file(reference: str, folder: str | Path) -> tuple[str, Path, str]:
    """Return a reference `dir/file.py:Name` in its one way of writing, its path, and `Name`.

    Raises `StudyError` where the file is not there, or not named relative to `folder`.
    """
    file, _, symbol = reference.rpartition(":")
    relative = PurePath(file)
    if relative.is_absolute():
        what = message("'{file}' must be written relative to the study file.", file=file[:60])
        raise StudyError(Fault(what, mend=_BESIDE))
    path = Path(folder) / relative
    if not is_file(path):
        what = message("there is no file '{file}' beside the study.", file=file[:60])
        raise StudyError(Fault(what, mend=_BESIDE))
    return f"{relative.as_posix()}:{symbol}", path, symbol


_BESIDE = message("put the file into the study's folder, and name it from there")


def is_file_reference(name: str) -> bool:
    """Return whether a name points into a Python file of the user's: `my_technique.py:Name`."""
    return ".py:" in name


@dataclass(frozen=True)
class Catalogue:
    """Where names are looked up: the package's own folders unless others are given."""

    techniques_folder: Path = TECHNIQUES
    models_folder: Path = MODELS
    datasets_file: Path = DATASETS

    @property
    def techniques(self) -> Mapping[str, Entry]:
        """Every technique by name."""
        return techniques(self.techniques_folder)

    @property
    def models(self) -> Mapping[str, Entry]:
        """Every model by name."""
        return models(self.models_folder)

    @property
    def datasets(self) -> Mapping[str, DataSet]:
        """Every built-in data set by name."""
        return datasets(self.datasets_file)

    def technique(self, name: str, folder: str | Path) -> Entry:
        """Return a technique by its name or file reference.

        Raises `StudyError` where there is none, or its file breaks the rules.
        """
        if is_file_reference(name):
            return technique_from_file(name, folder)
        if name in self.techniques:
            return self.techniques[name]
        what = suggest(message("there is no technique '{name}'.", name=name), name, self.techniques)
        mend = message('`hikaku techniques` lists them; your own is "my_technique.py:Name"')
        raise StudyError(Fault(what, mend=mend))


HOUSE = Catalogue()
"""The catalogue of the package itself."""


@cache
def _shelf(folder: Path) -> Shelf:
    return Shelf(folder)


@cache
def _models(folder: Path) -> Mapping[str, Entry]:
    files = sorted(folder.glob("[!_]*.py"))
    return MappingProxyType(
        {name: entry for file in files for name, entry in read_models(file).items()}
    )


@cache
def _datasets(file: Path) -> Mapping[str, DataSet]:
    return MappingProxyType(dict(read_datasets(file)))


def _module_file(plugin: EntryPoint) -> Path:
    """Return the file of a plug-in's module, found without importing any of it.

    The list of the distribution's files comes first; a distribution installed for editing lists
    none, and there the folder of its top-level package is asked for.
    """
    parts = plugin.module.split(".")
    places = ("/".join(parts) + ".py", "/".join([*parts, "__init__.py"]))
    for file in (plugin.dist.files if plugin.dist else None) or ():
        if file.as_posix() in places:
            return Path(str(file.locate()))
    spec = find_spec(parts[0])
    for folder in (spec.submodule_search_locations if spec else None) or ():
        for place in places:
            path = Path(folder).parent / place
            if path.is_file():
                return path
    if spec and spec.origin and len(parts) == 1:
        return Path(spec.origin)
    what = message(
        "the plug-in '{name}' names no file: {module}.", name=plugin.name, module=plugin.module
    )
    raise StudyError(Fault(what, mend=message("install that package again, or remove it")))
