"""From a file or folder of the user's to a `Task`: the reader is chosen by what is there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path

from hikaku.data.odd import check
from hikaku.data.readers import cifar_binary, csv_table, image_folder, npz, parquet_images
from hikaku.data.readers.contents import shown, stamp, unreadable
from hikaku.data.task import Kind, Progress, Task
from hikaku.errors import DataError
from hikaku.study.own_data import SHAPES, Asked, CifarBinary, Images, Npz, Parquet, Table, format_of
from hikaku.study.recipe import Value
from hikaku.words import message

Stamp = tuple[str, int, int]
"""A file's path, its bytes, and its time of change in nanoseconds."""


def read(
    path: Path,
    kind: Kind,
    options: Mapping[str, Value],
    progress: Progress | None = None,
) -> Task:
    """Return the task in a file or folder, named after it; its fingerprint is still empty.

    `options` are settings of `study.own_data.OPTIONS`, others at their defaults. Raises DataError
    with all that is wrong with the data, or where no format of ours is recognized.
    """
    task = _read(path, kind, _asked(path, options), progress)
    check(task)
    return task


def stamps(path: Path, options: Mapping[str, Value]) -> tuple[Stamp, ...]:
    """Return a stamp of every file that `read` would read, without reading any.

    Raises DataError where one is missing or no regular file.
    """
    asked = _asked(path, options)
    if isinstance(asked, Images):
        files = image_folder.files(path)
    elif isinstance(asked, Parquet):
        files = parquet_images.files(path)
    elif isinstance(asked, CifarBinary):
        files = cifar_binary.files(path)
    else:
        files = [path]
    return tuple(stamp(file) for file in files)


def _read(path: Path, kind: Kind, asked: Asked, progress: Progress | None) -> Task:
    match asked:
        case Images():
            return image_folder.read(path, kind, asked, progress)
        case Table():
            return csv_table.read(path, kind, asked)
        case Npz():
            return npz.read(path, kind, asked)
        case Parquet():
            return parquet_images.read(path, kind, asked, progress)
        case CifarBinary():
            return cifar_binary.read(path, kind, asked)


def _asked(path: Path, options: Mapping[str, Value]) -> Asked:
    """Return the settings of the format that lies there."""
    form = format_of(path.name, path.parent)
    if form is None:
        raise _unknown(path)
    shape = SHAPES[form]
    known = {field.name: options[field.name] for field in fields(shape) if field.name in options}
    return shape(**known)  # type: ignore[arg-type]  # the decoder has held them to their kinds


def _unknown(path: Path) -> DataError:
    try:
        list(path.iterdir() if path.is_dir() else [path.stat()])
    except OSError as error:
        return unreadable(path, error)
    return DataError.of(
        message("no format that is read here"),
        where=f"{shown(path)}:",
        mend=message(
            "a folder of one folder of images per class (or train and test folders of these), "
            "of CIFAR's .bin files or of .parquet files; a .csv, .tsv, .npz or .parquet file"
        ),
    )
