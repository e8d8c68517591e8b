"""Reads Parquet files of images, as they lie on the Hugging Face hub, and Parquet tables.

A column of images holds bytes, or structs `{bytes, path}`. The names of the classes stand in the
schema's metadata: under `class_names`, separated by commas, or under `huggingface`, as JSON.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hikaku.data.labels import Labels, labels_of
from hikaku.data.readers.contents import gather, listed, shown
from hikaku.data.readers.parquet_files import Parts, Rows, opened, parts_of
from hikaku.data.readers.parquet_table import task_of_table
from hikaku.data.readers.pixels import Picture, stack
from hikaku.data.readers.table import RENAME, refuse_gaps
from hikaku.data.task import Kind, Progress, Task
from hikaku.errors import DataError, Fault
from hikaku.study.nearest import suggest
from hikaku.study.own_data import Parquet
from hikaku.words import message

IMAGES = ("image", "img")
LABELS = ("label", "fine_label", "labels", "target")


def read(path: Path, kind: Kind, asked: Parquet, progress: Progress | None = None) -> Task:
    """Return the samples of a Parquet file, or of a folder of `train`, `validation` and `test`.

    Images become uint8 (n, h, w) grey or (n, 3, h, w); without a column of images the rows are
    those of a table, whose target is `asked.label`. Raises DataError with every row that is wrong.
    """
    parts, strays = parts_of(path)
    task = _task(parts, path, kind, asked, progress)
    if not strays:
        return task
    names = listed([file.name for file in strays])
    note = message("files that belong to no set were passed over: {names}", names=names)
    return replace(task, notes=(note, *task.notes))


def read_files(train: Path, test: Path | None = None, progress: Progress | None = None) -> Task:
    """Return the images of one file and, as the official test set, those of another.

    For named sets: classification, one size, nothing standardized.
    """
    parts: Parts = ((train,), (), (test,) if test else ())
    return _task(parts, train, "classification", Parquet(), progress)


def files(path: Path) -> list[Path]:
    """Return the files that `read` reads, in its order."""
    return [file for part in parts_of(path)[0] for file in part]


def _task(parts: Parts, path: Path, kind: Kind, asked: Parquet, progress: Progress | None) -> Task:
    where = f"{shown(path)}:"
    with opened(parts, where) as rows:
        _check_columns(rows, (asked.image, asked.label))
        image = asked.image or next((n for n in IMAGES if _holds_images(rows.schema, n)), None)
        name = asked.label or next((name for name in LABELS if name in rows.schema.names), "")
        if image is None:
            return task_of_table(rows, path.stem, name, kind, asked)
        if not name:
            raise DataError.of(
                message("the column of labels is not found"),
                where=where,
                why=message("the columns are: {names}", names=listed(rows.schema.names)),
                mend=message('write label = "…"'),
            )
        places = rows.places()
        labels = _labels(rows, name, kind, asked.classes)
        pictures = [
            Picture(place, content)
            for place, content in zip(places, _contents(rows, image), strict=True)
        ]
    stacked = stack(pictures, asked.size, asked.channels, where, progress)
    return Task(
        name=path.stem,
        inputs=stacked.images,
        targets=labels.targets,
        kind=kind,
        classes=labels.classes,
        official_validation=rows.given[0],
        official_test=rows.given[1],
        scale=255.0,
        standardize=bool(asked.standardize),
        notes=(*labels.notes, *stacked.notes),
    )


def _holds_images(schema: Any, name: str) -> bool:
    """Return whether this column may hold the bytes of images."""
    if name not in schema.names:
        return False
    kind = schema.field(name).type
    if pa.types.is_struct(kind) and kind.get_field_index("bytes") >= 0:
        kind = kind.field("bytes").type
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind))


def _contents(rows: Rows, name: str) -> list[bytes]:
    if not _holds_images(rows.schema, name):
        raise DataError.of(
            message("this column holds no images"),
            where=f"{rows.where} {name}:",
            why=message("it is of type {type}", type=rows.schema.field(name).type),
            mend=message("images are bytes, or structs of bytes and path"),
        )
    column = rows.column(name)
    column = pc.struct_field(column, "bytes") if pa.types.is_struct(column.type) else column
    refuse_gaps(column, f"{rows.where} {name}:", rows)
    contents: list[bytes] = column.to_pylist()
    return contents


def _labels(rows: Rows, name: str, kind: Kind, asked: Sequence[str]) -> Labels:
    where = f"{rows.where} {name}:"
    column = rows.column(name)
    refuse_gaps(column, where, rows)
    if pa.types.is_list(column.type) or pa.types.is_struct(column.type):
        raise DataError.of(
            message("this column is no label: it is of type {type}", type=column.type),
            where=where,
            mend=message('name another one: label = "…"'),
        )
    names = asked or _class_names(rows.schema, name)
    raw = np.array(column.to_pylist())
    if kind == "regression" or not names or asked or raw.dtype.kind not in "iu":
        return labels_of(raw, kind, where, names or None)
    there = np.unique(raw)
    if there[0] < 0 or there[-1] >= len(names) or len(there) == len(names):
        return labels_of(raw, kind, where, names)
    # A part of a set keeps the names of the whole; what no sample is of cannot be learnt.
    kept = [names[number] for number in there]
    absent = [name for name in names if name not in kept]
    found = labels_of(np.searchsorted(there, raw), kind, where, kept)
    note = message("classes without a sample were left out: {names}", names=listed(absent))
    return replace(found, notes=(*found.notes, note))


def _class_names(schema: Any, label: str) -> tuple[str, ...]:
    """Return the classes in the order of their numbers; none where the file names none."""
    metadata = schema.metadata or {}
    written = metadata.get(b"class_names", b"").decode("utf-8", "replace")
    try:
        if not written:
            written = metadata.get(b"huggingface", b"{}").decode("utf-8", "replace")
            return tuple(map(str, json.loads(written)["info"]["features"][label]["names"]))
        return (
            tuple(map(str, json.loads(written))) if written[0] == "[" else tuple(written.split(","))
        )
    except (ValueError, KeyError, TypeError, RecursionError):
        return ()


def _check_columns(rows: Rows, wanted: Sequence[str]) -> None:
    names = rows.schema.names
    faults = [
        Fault(
            suggest(message("there is no column '{name}'.", name=name), name, names),
            rows.where,
            message("the columns are: {names}", names=listed(names)),
            message("write one of these names"),
        )
        for name in wanted
        if name and name not in names
    ]
    twice = sorted({name for name in names if names.count(name) > 1})
    faults += [
        Fault(message("two columns are called '{n}'", n=n), rows.where, mend=RENAME) for n in twice
    ]
    gather(faults)
