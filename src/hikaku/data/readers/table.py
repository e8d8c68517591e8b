"""From named columns to a `Task`: numbers with gaps, categories, a target, groups.

Eats the columns of a CSV or Parquet file, float64 or text, null where a cell is empty. What a
network cannot learn from (a number of its own for each row, text in hundreds of kinds) is refused
with its name; what is only odd is noted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from hikaku.data.labels import Labels, labels_of
from hikaku.data.readers.contents import collected, gather, listed
from hikaku.data.task import Column, Kind, Task
from hikaku.errors import DataError, Fault
from hikaku.study.nearest import suggest
from hikaku.study.own_data import Table
from hikaku.words import Message, message

MOST_CATEGORIES = 100
RENAME = message("rename one of them")
LONGEST_LABEL = 200
"""Characters of a class name."""
MOST_FLOAT32 = float(np.finfo(np.float32).max)
MOST_LABEL = 2.0**53
"""Beyond it, float64 does not hold every whole number."""

Columns = Mapping[str, Any]
"""By name, in the file's order: Arrow arrays of float64 or string."""


class Source(Protocol):
    """Where a table comes from, for errors."""

    @property
    def where(self) -> str:
        """The file, with a colon."""
        ...

    def at(self, rows: Sequence[int]) -> Message:
        """Return the places of these rows in the file, in words."""
        ...


@dataclass(frozen=True, eq=False)
class Feature:
    """One column as the task holds it: (n,) float32, gaps NaN, and what is odd about it."""

    column: Column
    values: NDArray[np.float32]
    notes: tuple[Message, ...] = ()


def check_names(names: Sequence[str], asked: Table, where: str, setting: str = "target") -> None:
    """Raise DataError where a column that was asked for is not there, or no target is named.

    `setting` is what the study calls the target.
    """
    faults = []
    if not asked.target:
        faults.append(
            Fault(
                message("the column to predict is not named"),
                where,
                message("the columns are: {names}", names=listed(names)),
                message('write {setting} = "{name}"', setting=setting, name=names[-1]),
            )
        )
    wanted = [asked.target, asked.groups, *asked.drop, *asked.categorical]
    for name in dict.fromkeys(name for name in wanted if name and name not in names):
        what = suggest(message("there is no column '{name}'.", name=name), name, names)
        are = message("the columns are: {n}", n=listed(names))
        faults.append(Fault(what, where, are, message("write one of these names")))
    DataError.gather(faults)


def as_task(
    name: str,
    columns: Columns,
    kind: Kind,
    asked: Table,
    source: Source,
    given: tuple[int, int] = (0, 0),
) -> Task:
    """Return the table as a task, one row a sample: (n, columns) float32.

    The last rows are the `given` validation and test sets. Raises DataError with everything that
    is wrong with the columns.
    """
    if not len(columns[asked.target]):
        mend = message("write a row for each sample")
        raise DataError.of(message("there is a header and no row"), where=source.where, mend=mend)
    faults: list[Fault] = []
    groups, empty, features = None, [], []
    with collected(faults):
        labels = _labels(columns[asked.target], kind, asked, source)
    with collected(faults):
        groups = _groups(columns[asked.groups], asked.groups, source) if asked.groups else None
    for key, cells in columns.items():
        if key in (asked.target, asked.groups, *asked.drop):
            continue
        if cells.null_count == len(cells):
            empty.append(key)
            continue
        with collected(faults):
            features.append(_feature(key, cells, key in asked.categorical, source))
    gather(faults)
    if not features:
        mend = message("drop fewer columns, or fill some in")
        raise DataError.of(
            message("no column is left to learn from"), where=source.where, mend=mend
        )
    return Task(
        name=name,
        inputs=np.stack([feature.values for feature in features], axis=1),
        targets=labels.targets,
        kind=kind,
        classes=labels.classes,
        official_validation=given[0],
        official_test=given[1],
        groups=groups,
        columns=tuple(feature.column for feature in features),
        standardize=asked.standardize,
        notes=(*labels.notes, *_empty(empty), *(n for feature in features for n in feature.notes)),
    )


def is_text(cells: Any) -> bool:
    """Return whether this column holds text."""
    return bool(pa.types.is_string(cells.type))


def _rows(mask: Any) -> list[int]:
    return [int(row) for row in np.flatnonzero(np.asarray(mask))]


def _labels(cells: Any, kind: Kind, asked: Table, source: Source) -> Labels:
    where = f"{source.where} {asked.target}:"
    refuse_gaps(cells, where, source)
    raw: NDArray[Any]
    if is_text(cells):
        longest = pc.max(pc.utf8_length(cells)).as_py()
        if longest > LONGEST_LABEL:
            raise DataError.of(
                message("this column is no label: it has texts of {n:,} characters", n=longest),
                where=where,
                mend=message('name another one: target = "…"'),
            )
        raw = np.array(cells.to_pylist(), dtype=str)
    else:
        raw = _numbers(cells)
        most = MOST_LABEL if kind == "classification" else MOST_FLOAT32
        _refuse_large(raw, most, where, source)
        if kind == "classification" and (raw == np.floor(raw)).all():
            raw = raw.astype(np.int64)
    return labels_of(raw, kind, where, asked.classes or None)


def _groups(cells: Any, name: str, source: Source) -> NDArray[np.int64]:
    refuse_gaps(cells, f"{source.where} {name}:", source)
    codes = cells.combine_chunks().dictionary_encode().indices
    return np.asarray(codes).astype(np.int64)


def _feature(name: str, cells: Any, categorical: bool, source: Source) -> Feature:
    where = f"{source.where} {name}:"
    if is_text(cells) or categorical:
        texts = cells if is_text(cells) else _whole_numbers(name, cells, where, source)
        return _category(name, texts, where)
    values = _numbers(cells)
    _refuse_large(values, MOST_FLOAT32, where, source)
    return Feature(
        Column(name, gaps=bool(np.isnan(values).any())),
        values.astype(np.float32),
        tuple(_odd_numbers(name, values)),
    )


def _odd_numbers(name: str, values: NDArray[np.float64]) -> Iterator[Message]:
    there = values[~np.isnan(values)]
    if (there == there[0]).all():
        yield _constant(name)
    elif len(there) == len(values) > 2 and (np.diff(values) == 1).all():
        yield message(
            "column '{name}' counts the rows; where they are in some order, it tells the answer: "
            'drop = ["{name}"] leaves it out',
            name=name,
        )


def _category(name: str, cells: Any, where: str) -> Feature:
    encoded = cells.combine_chunks().dictionary_encode()
    names = encoded.dictionary.to_pylist()
    mend = message('leave it out by drop = ["{name}"], or turn it into numbers', name=name)
    if len(names) == len(cells) - cells.null_count > 1:
        raise DataError.of(
            message("every row has a text of its own here, so nothing can be learnt from it"),
            where=where,
            why=message("it begins with {names}", names=listed(names, 3)),
            mend=mend,
        )
    if len(names) > MOST_CATEGORIES:
        raise DataError.of(
            message(
                "{count:,} categories; up to {most} are allowed",
                count=len(names),
                most=MOST_CATEGORIES,
            ),
            where=where,
            why=message("it begins with {names}", names=listed(names, 3)),
            mend=mend,
        )
    order = sorted(range(len(names)), key=lambda number: _by_size(names[number]))
    place = np.empty(len(names), np.float32)
    place[order] = np.arange(len(names))
    there = np.asarray(cells.is_valid())
    values = np.full(len(cells), np.nan, np.float32)
    values[there] = place[np.asarray(encoded.indices.drop_null())]
    return Feature(
        Column(name, tuple(names[number] for number in order), gaps=not there.all()),
        values,
        (_constant(name),) if len(names) == 1 else (),
    )


def _by_size(name: str) -> tuple[float, str]:
    """Return what sorts 2 before 10, and numbers before other text."""
    return (float(name) if name.isdecimal() else float("inf"), name)


def _whole_numbers(name: str, cells: Any, where: str, source: Source) -> Any:
    """Return numbers that name categories as text."""
    values = _numbers(cells)
    broken = _rows(~np.isnan(values) & (values != np.floor(values)))
    if broken:
        raise DataError.of(
            message("a category must be a whole number or text"),
            where=where,
            why=source.at(broken),
            mend=message('take "{name}" out of `categorical`', name=name),
        )
    texts = [None if value != value else str(int(value)) for value in values.tolist()]
    return pa.chunked_array([pa.array(texts, pa.string())])


def _numbers(cells: Any) -> NDArray[np.float64]:
    return np.asarray(cells.to_numpy(), np.float64)


def refuse_gaps(cells: Any, where: str, source: Source) -> None:
    """Raise DataError with the places of the rows that have no value in a column."""
    rows = _rows(cells.is_null(nan_is_null=True))
    if rows:
        raise DataError.of(
            message("{count:,} rows have no value here", count=len(rows)),
            where=where,
            why=source.at(rows),
            mend=message("fill them in, or remove these rows"),
        )


def _refuse_large(values: NDArray[np.float64], most: float, where: str, source: Source) -> None:
    rows = _rows(np.abs(values) > most)
    if rows:
        raise DataError.of(
            message("numbers beyond ±{most:.3g}, which cannot be kept", most=most),
            where=where,
            why=source.at(rows),
            mend=message("write them in larger units, or leave the column or these rows out"),
        )


def _constant(name: str) -> Message:
    return message("column '{name}' has the same value in every row", name=name)


def _empty(names: Sequence[str]) -> Iterator[Message]:
    if names:
        yield message("columns without a single value were left out: {names}", names=listed(names))
