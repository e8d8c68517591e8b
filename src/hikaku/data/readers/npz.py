"""Reads npz files: arrays by name in a zip archive. Nothing is unpickled.

Each array's header is held against the size of its member before any room is made for it.
"""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from math import prod
from pathlib import Path
from typing import IO, Any

from numpy.lib import format as npy
from numpy.typing import NDArray

from hikaku.data.own import task_of
from hikaku.data.readers.contents import (
    MOST_BYTES,
    bomb,
    listed,
    shown,
    stamp,
    too_large,
    unpacked_at_most,
    unreadable,
)
from hikaku.data.task import Kind, Task
from hikaku.errors import DataError, HikakuError
from hikaku.study.nearest import suggest
from hikaku.study.own_data import Npz
from hikaku.words import Message, message

INPUTS = ("x", "inputs", "X", "data")
TARGETS = ("y", "targets", "labels")
GROUPS = "groups"
SETS = {"train": ("train",), "validation": ("val", "validation", "valid"), "test": ("test",)}
HEADERS = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}
PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)

Array = NDArray[Any]


def read(path: Path, kind: Kind, asked: Npz) -> Task:
    """Return the samples in an npz file.

    The arrays are `asked.inputs` and `asked.targets`, or the first of the usual names that is
    there; or, where sets are given, the same names with `_train`, `_val` and `_test` behind.
    `groups` holds a label per sample to train on, or per sample. Raises DataError where the file
    is damaged or holds objects, or where its arrays do not fit one another.
    """
    where = f"{shown(path)}:"
    stamp(path)
    try:
        with zipfile.ZipFile(path) as archive:
            loaded = _loaded(_Archive(archive, where), asked)
    except OSError as error:
        raise unreadable(path, error) from error
    except HikakuError:
        raise
    except Exception as error:  # a damaged file makes the libraries raise almost anything
        raise DataError.of(
            message("not an npz file, or a damaged one"),
            where=where,
            why=message("{reason}", reason=error),
            mend=message("save it again by np.savez(file, x=x, y=y)"),
        ) from error
    return task_of(loaded, path.stem, kind, where, standardize=asked.standardize)


class _Archive:
    """The arrays of an open file by name."""

    def __init__(self, archive: zipfile.ZipFile, where: str) -> None:
        self.archive, self.where = archive, where
        self.names = [name[:-4] for name in archive.namelist() if name.endswith(".npy")]

    def first(self, names: Sequence[str]) -> str | None:
        """Return the first of these names that is there, None where none is."""
        return next((name for name in names if name in self.names), None)

    def read(self, name: str) -> Array:
        """Return an array, once its header and the size of its member agree."""
        member = self.archive.getinfo(f"{name}.npy")
        where = f"{self.where} {name}:"
        if member.compress_type not in PACKINGS:
            raise _fault(where, message("packed in a way that npz files are not"))
        if member.file_size > unpacked_at_most(member.compress_size):
            raise bomb(where.rstrip(":"), member.compress_size)
        with self.archive.open(member) as stream:
            _check_header(stream, member.file_size, where)
        with self.archive.open(member) as stream:
            array: Array = npy.read_array(stream, allow_pickle=False)
            stream.read(1)  # the checksum is compared at the end
        return array.astype(array.dtype.newbyteorder("="), copy=False)


def arrays(path: Path, where: str) -> dict[str, Array]:
    """Return the arrays of an npz file by name, or that of an npy file under "".

    Raises DataError where an array's header does not fit its size; where the file is none of the
    two, almost anything.
    """
    with path.open("rb") as file:
        if file.read(len(npy.MAGIC_PREFIX)) == npy.MAGIC_PREFIX:
            file.seek(0)
            _check_header(file, path.stat().st_size, where)
            file.seek(0)
            return {"": npy.read_array(file, allow_pickle=False)}
    with zipfile.ZipFile(path) as archive:
        held = _Archive(archive, where)
        sizes = sum(member.file_size for member in archive.infolist())
        if sizes > MOST_BYTES:
            raise too_large(where.rstrip(":"), sizes)
        return {name: held.read(name) for name in held.names}


def _check_header(stream: IO[bytes], size: int, where: str) -> None:
    """Raise DataError unless an array of numbers or text fills its `size` bytes to the last."""
    version = npy.read_magic(stream)
    if version not in HEADERS:
        raise _fault(where, message("written in a version that arrays do not need"))
    shape, _, dtype = HEADERS[version](stream)
    if dtype.hasobject:
        raise _fault(
            where,
            message("it holds Python objects, which only running code could read"),
            message("save it as an array of numbers or text"),
        )
    expected = stream.tell() + prod(shape) * dtype.itemsize
    if expected > MOST_BYTES:
        raise too_large(where.rstrip(":"), expected)
    if expected != size or min(shape, default=0) < 0:
        raise _fault(
            where,
            message("expected {expected:,} bytes, found {found:,}", expected=expected, found=size),
        )


def _fault(where: str, what: Message, mend: Message | None = None) -> DataError:
    """Return the error that says what is wrong with an array."""
    again = message("save it again by np.savez(file, x=x, y=y)")
    return DataError.of(what, where=where, mend=mend or again)


def _loaded(archive: _Archive, asked: Npz) -> dict[str, Any]:
    """Return the sets by name, each a pair of inputs and targets, with groups and classes."""
    _check_names(archive, asked)
    inputs = (asked.inputs,) if asked.inputs else INPUTS
    targets = (asked.targets,) if asked.targets else TARGETS
    given = {
        part: (_ending(archive, inputs, ends), _ending(archive, targets, ends))
        for part, ends in SETS.items()
    }
    names = {part: pair for part, pair in given.items() if any(pair)}
    if "train" not in names:
        names = {"train": (archive.first(inputs), archive.first(targets))}
    sets: dict[str, Any] = {part: _pair(archive, *pair) for part, pair in names.items()}
    groups = archive.first([asked.groups or GROUPS])
    return {
        **sets,
        "groups": archive.read(groups) if groups else None,
        "classes": asked.classes or None,
    }


def _ending(archive: _Archive, names: Sequence[str], ends: Sequence[str]) -> str | None:
    return archive.first([f"{name}_{end}" for name in names for end in ends])


def _pair(archive: _Archive, x: str | None, y: str | None) -> tuple[Array, Array]:
    if x is None or y is None:
        raise DataError.of(
            message("inputs are not found") if x is None else message("targets are not found"),
            where=archive.where,
            why=message("its arrays are: {names}", names=listed(archive.names) or "-"),
            mend=message('name them: inputs = "…", targets = "…"'),
        )
    inputs, targets = archive.read(x), archive.read(y)
    for name, array in ((x, inputs), (y, targets)):
        if not array.ndim:
            raise _fault(f"{archive.where} {name}:", message("it is one number, not one each"))
    if len(inputs) != len(targets):
        raise DataError.of(
            message(
                "{x} holds {inputs:,} samples and {y} {targets:,}",
                x=x,
                inputs=len(inputs),
                y=y,
                targets=len(targets),
            ),
            where=archive.where,
            mend=message("give one target for each sample"),
        )
    return inputs, targets


def _check_names(archive: _Archive, asked: Npz) -> None:
    """Raise DataError where an array that was asked for is not there, with or without sets."""
    ends = [f"_{end}" for ends in SETS.values() for end in ends]
    known = [*archive.names, *(n.removesuffix(end) for n in archive.names for end in ends)]
    for name in (asked.inputs, asked.targets, asked.groups):
        if name and name not in known:
            what = suggest(message("there is no array '{name}'.", name=name), name, archive.names)
            why = message("its arrays are: {names}", names=listed(archive.names) or "-")
            mend = message("write one of these names")
            raise DataError.of(what, where=archive.where, why=why, mend=mend)
