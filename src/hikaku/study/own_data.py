"""Data in the user's own files: the formats, how each is known, and the settings that it takes.

Eats names and the listings of folders; nothing of the data is read here.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Literal, get_type_hints

from annotated_types import Ge, Le

from hikaku.study.card import Flag, Patterns, Static, Word
from hikaku.study.entry import Setting

Format = Literal["images", "csv", "npz", "parquet", "cifar-binary"]
Side = Annotated[int, Ge(0), Le(8192), Static]
Channels = Annotated[Literal["auto", "rgb", "grey"], Static]
MaybeFlag = Annotated[bool | None, Static]


@dataclass(frozen=True)
class Images:
    """A folder of images, one folder inside it per class.

    All images are resized to `size` × `size` pixels; with 0 they must be of one size. "auto"
    channels are grey where every image is.
    """

    size: Side = 0
    channels: Channels = "auto"
    standardize: Flag = False
    classes: Patterns = ()


@dataclass(frozen=True)
class Table:
    """A CSV file, one row a sample.

    `target` must be named. Rows with one value in the column `groups` stay in one part.
    `categorical` names columns whose whole numbers are categories and no amounts.
    """

    target: Word = ""
    drop: Patterns = ()
    groups: Word = ""
    categorical: Patterns = ()
    standardize: Flag = True
    classes: Patterns = ()


@dataclass(frozen=True)
class Npz:
    """An npz file; the arrays are found by their usual names where none is given."""

    inputs: Word = ""
    targets: Word = ""
    groups: Word = ""
    standardize: Flag = False
    classes: Patterns = ()


@dataclass(frozen=True)
class Parquet:
    """Parquet files of images or of a table; the columns are found where none is given.

    Left out, `standardize` is true for a table and false for images.
    """

    image: Word = ""
    label: Word = ""
    size: Side = 0
    channels: Channels = "auto"
    drop: Patterns = ()
    groups: Word = ""
    categorical: Patterns = ()
    standardize: MaybeFlag = None
    classes: Patterns = ()


@dataclass(frozen=True)
class CifarBinary:
    """The binary version of CIFAR-10 or CIFAR-100, in one folder."""

    standardize: Flag = False
    classes: Patterns = ()


Asked = Images | Table | Npz | Parquet | CifarBinary
SHAPES: Mapping[Format, type[Asked]] = {
    "images": Images,
    "csv": Table,
    "npz": Npz,
    "parquet": Parquet,
    "cifar-binary": CifarBinary,
}
"""Per format its settings as one frozen value, which the format's reader is given."""
REQUIRED: Mapping[Format, tuple[str, ...]] = {"csv": ("target",)}
"""Settings that have no default and must be written."""

SUFFIXES: Mapping[str, Format] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".csv.gz": "csv",
    ".tsv.gz": "csv",
    ".npz": "npz",
    ".parquet": "parquet",
}
CIFAR_FILES = ("data_batch_*.bin", "test_batch.bin", "train.bin", "test.bin")


def _settings(shape: type[Asked]) -> tuple[Setting, ...]:
    meanings = get_type_hints(shape, include_extras=True)
    return tuple(
        Setting(field.name, str(field.type), getattr(shape, field.name), meanings[field.name])
        for field in fields(shape)
    )


OPTIONS: Mapping[Format, tuple[Setting, ...]] = {
    format: _settings(shape) for format, shape in SHAPES.items()
}
"""Per format the settings that a study may write."""


def format_of(reference: str, folder: Path) -> Format | None:
    """Return the format of the user's file or folder `reference`, None where it is none of ours.

    `reference` is relative to `folder`, or begins with `~`. A folder is known by what lies in it, a
    file by its name, whether it is there or not.
    """
    path = folder / os.path.expanduser(reference)  # noqa: PTH111 - `Path`'s raises for `~draft.csv`
    if path.is_dir():
        return _format_of_folder(path)
    name = path.name.lower()
    return next((found for suffix, found in SUFFIXES.items() if name.endswith(suffix)), None)


def _format_of_folder(path: Path) -> Format | None:
    try:
        with os.scandir(path) as listing:
            inside = [(entry.name, Path(entry.path).is_dir()) for entry in listing]
    except OSError:
        return None
    names = [name for name, is_folder in inside if not is_folder]
    if any(_fits(name, CIFAR_FILES) for name in names):
        return "cifar-binary"
    if any(name.endswith(".parquet") for name in names):
        return "parquet"
    if any(is_folder and not name.startswith(".") for name, is_folder in inside):
        return "images"
    return None


def _fits(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)
