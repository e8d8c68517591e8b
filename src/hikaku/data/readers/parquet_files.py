"""Opens Parquet files as one long table: the parts of a set, and the shards of a part.

Sizes are read from the footers before anything else is; a damaged file is named.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from hikaku.data.readers.contents import (
    MOST_BYTES,
    bomb,
    listed,
    shown,
    stamp,
    too_large,
    unpacked_at_most,
)
from hikaku.errors import DataError
from hikaku.words import Message, message

PARTS = ("train", "validation|valid|val", "test")
MOST_ROWS = 100_000_000
BATCH = 1024
"""Rows that are unpacked before their size is looked at."""

Parts = tuple[Sequence[Path], Sequence[Path], Sequence[Path]]
"""The files to train on, and those of the given validation and test sets."""


@dataclass(frozen=True, eq=False)
class Rows:
    """The rows of files that have the same columns, one file after the other.

    `given` counts the rows of the validation and of the test set, which come last.
    """

    files: Sequence[tuple[Path, Any]]
    given: tuple[int, int]
    where: str

    @property
    def schema(self) -> Any:
        """The columns, by the first file."""
        return self.files[0][1].schema_arrow

    def column(self, name: str) -> Any:
        """Return one column of all files; raise DataError where one of them is damaged."""
        chunks: list[Any] = []
        for path, file in self.files:
            with _damage_named(path):
                found = _column(path, file, name)
                if sum(map(len, found)) != file.metadata.num_rows:
                    raise pa.ArrowInvalid("there are fewer rows than it announces")
                chunks += found
        return pa.chunked_array(chunks)

    def places(self) -> list[str]:
        """Return for each row its file and its number there, from 0: `data/train.parquet[12]`."""
        return [
            f"{shown(path)}[{row}]"
            for path, file in self.files
            for row in range(file.metadata.num_rows)
        ]

    def at(self, rows: Sequence[int]) -> Message:
        """Return where these rows stand, the files by their names alone."""
        places = self.places()
        named = listed([Path(places[row]).name for row in rows])
        return message("row {rows}, {count:,} in all", rows=named, count=len(rows))


@contextmanager
def opened(parts: Parts, where: str) -> Iterator[Rows]:
    """Give the rows of these files.

    Raises DataError where one cannot be opened, has other columns, or all are too large.
    """
    with ExitStack() as held:
        files: list[tuple[Path, Any]] = []
        for path in (path for part in parts for path in part):
            stamp(path)
            with _damage_named(path):
                files.append((path, held.enter_context(pq.ParquetFile(path))))
                _check_like(files[0], files[-1])
        size = sum(_size(file.metadata) for _, file in files)
        if size > MOST_BYTES:
            raise too_large(where.rstrip(":"), size)
        counts = [file.metadata.num_rows for _, file in files]
        if sum(counts) > MOST_ROWS or not sum(counts):
            what = message(
                "{rows:,} rows; 1 to {most:,} are read", rows=sum(counts), most=MOST_ROWS
            )
            raise DataError.of(what, where=where, mend=message("hand over a part with samples"))
        first, second = len(parts[0]), len(parts[0]) + len(parts[1])
        yield Rows(files, (sum(counts[first:second]), sum(counts[second:])), where)


def parts_of(path: Path) -> tuple[Parts, list[Path]]:
    """Return the Parquet files of a folder by set, and those that are of none.

    `train.parquet`, `train-00000-of-00002.parquet` and the like; where no name says a set, all
    are to train on. A file is its own training set.
    """
    if not path.is_dir():
        return ((path,), (), ()), []
    files = sorted(path.glob("*.parquet"))
    train, validation, test = (
        [file for file in files if re.fullmatch(rf"({names})([-_.].*)?", file.stem)]
        for names in PARTS
    )
    named = (*train, *validation, *test)
    if not named:
        return (files, (), ()), []
    if not train:
        raise DataError.of(
            message("there is no train.parquet beside {name}", name=named[0].name),
            where=f"{shown(path)}:",
            mend=message("name the file to train on train.parquet"),
        )
    return (train, validation, test), [file for file in files if file not in named]


def _column(path: Path, file: Any, name: str) -> list[Any]:
    """Return one column in pieces: a text that stands there once may be meant a million times."""
    size = stamp(path)[1]
    left, found = unpacked_at_most(size), []
    for batch in file.iter_batches(BATCH, columns=[name]):
        chunk = batch.column(name)
        if pa.types.is_dictionary(chunk.type):
            chunk = chunk.dictionary_decode()
        chunk.validate(full=True)  # text of a damaged file may be no UTF-8
        found.append(chunk)
        left -= chunk.nbytes
        if left < 0:
            raise bomb(path, size)
    return found


def _check_like(first: tuple[Path, Any], other: tuple[Path, Any]) -> None:
    one, two = first[1].schema_arrow, other[1].schema_arrow
    if one.equals(two):
        return
    different = [n for n in {*one.names, *two.names} if _type(one, n) != _type(two, n)]
    raise DataError.of(
        message("its columns are not those of {file}", file=first[0].name),
        where=f"{shown(other[0])}:",
        why=message("they differ in {names}", names=listed(sorted(different)) or "-"),
        mend=message("write all files of a set alike, or take this one out"),
    )


def _type(schema: Any, name: str) -> Any:
    return schema.field(name).type if schema.names.count(name) == 1 else None


def _size(metadata: Any) -> int:
    """Return the bytes of all columns, unpacked.

    Of the row groups as a whole: the metadata of single columns end the process where they are
    damaged (pyarrow 26), and nothing can catch that.
    """
    groups = range(metadata.num_row_groups)
    return sum(metadata.row_group(number).total_byte_size for number in groups)


@contextmanager
def _damage_named(path: Path) -> Iterator[None]:
    """Turn what Arrow raises of a damaged file into a DataError that names it."""
    try:
        yield
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise DataError.of(
            message("not a Parquet file, or a damaged one"),
            where=f"{shown(path)}:",
            why=message("{reason}", reason=shown(str(error))[:200]),
            mend=message("fetch or write the file again"),
        ) from error
