"""Parquet files that are damaged, of other columns, or that unpack without bound."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from corpus.case import DATA, Case, Content, flipped, reading, written
from corpus.pictures_of import image

Columns = dict[str, Any]


def cases() -> Iterator[Case]:
    """Yield every case of this kind."""
    whole = _images()
    for cut in (0, 4, 8, len(whole) // 2, len(whole) - 8, len(whole) - 4, len(whole) - 1):
        yield _case(f"cut at {cut}", whole[:cut], "parquet:")
    for at in (len(whole) - 5, len(whole) - 1, len(whole) - 8):
        yield _case(f"byte {at} flipped", flipped(whole, at), "parquet:")
    yield _case("HTML", b"<!DOCTYPE html>", "not a Parquet file")
    yield _case("a footer of 2 GB", b"PAR1" + bytes(64) + b"\xff\xff\xff\x7fPAR1", "not a Parquet")
    for name, columns, word in _tables():
        yield _case(name, parquet(columns), word, "D6")
    yield _case("names that are no text", _named(b"\xff\xfe"), "no label")
    yield _case("names in 100,000 brackets", _named(b"[" * 100_000), "no label")
    yield _case("a text that is meant a million times", _repeated, "200 times")
    yield _case("a category that is meant a million times", _categories, "200 times")
    for name, options, word in _SETTINGS:
        make = written("data.parquet", whole)
        yield Case("parquet", name, make, reading(**options), DATA, word, ("D6",))
    yield Case("parquet", "shards of other columns", _shards, reading(), DATA, "columns", ("D6",))
    yield Case("parquet", "only a test file", _test_alone, reading(), DATA, "train", ("D6",))
    for name, special in (("a folder", _folder), ("a pipe", _pipe)):
        yield Case("parquet", name, special, reading(), DATA, "parquet:", ("D20",))


def parquet(columns: Columns, metadata: dict[bytes, bytes] | None = None) -> bytes:
    """Return a Parquet file of these columns."""
    table = pa.table(columns)
    stream = BytesIO()
    pq.write_table(table.replace_schema_metadata(metadata) if metadata else table, stream)
    return stream.getvalue()


@cache
def _pictures() -> tuple[bytes, ...]:
    return tuple(image(seed=seed) for seed in range(4))


def _images() -> bytes:
    return parquet({"image": list(_pictures()), "label": [0, 1, 0, 1]})


def _case(name: str, content: Content, word: str, fault: str = "D6") -> Case:
    return Case("parquet", name, written("data.parquet", content), reading(), DATA, word, (fault,))


def _tables() -> Iterator[tuple[str, Columns, str]]:
    good = list(_pictures())
    y = [0, 1, 0, 1]
    yield "no image in a row", {"image": [good[0], None, good[2], good[3]], "label": y}, "no value"
    yield "no label in a row", {"image": good, "label": [0, None, 0, 1]}, "no value"
    yield "HTML for an image", {"image": [*good[:3], b"<html>"], "label": y}, "[3]"
    yield "no byte for an image", {"image": [*good[:3], b""], "label": y}, "[3]"
    yield "no labels", {"image": good}, "labels is not found"
    yield "labels of lists", {"image": good, "label": [[0], [1], [0], [1]]}, "no label"
    yield "labels of structs", {"image": good, "label": [{"a": n} for n in y]}, "no label"
    yield "labels of fractions", {"image": good, "label": [0.5, 1.0, 0.0, 1.0]}, "no class labels"
    yield "labels of NaN", {"image": good, "label": [0.0, float("nan"), 0.0, 1.0]}, "no value"
    yield "one class", {"image": good, "label": [1, 1, 1, 1]}, "one class"
    yield (
        "no row",
        {"image": pa.array([], pa.binary()), "label": pa.array([], pa.int64())},
        "0 rows",
    )
    yield "no column", {"label": y}, "no column is left"
    yield "a table of bytes", {"a": [b"x"] * 4, "label": y}, "neither numbers nor text"
    yield "a table of lists", {"a": [[1]] * 4, "label": y}, "neither numbers nor text"
    yield "a table of dates", {"a": pa.array([1] * 4, pa.date32()), "label": y}, "neither numbers"
    yield "a table beyond 32 bits", {"a": [1e300] * 4, "label": y}, "beyond"
    twice = pa.array(["a", "b", "a", "b"])
    yield "a text for each row", {"a": ["p", "q", "r", "s"], "label": twice}, "text of its own"


def _named(names: bytes) -> bytes:
    columns = {"image": list(_pictures()), "label": [[0], [1], [0], [1]]}
    return parquet(columns, {b"huggingface": names})


def _repeated(*, as_text: bool = True) -> bytes:
    words = pa.DictionaryArray.from_arrays(
        pa.array([0, 1] * 10_000), pa.array(["x" * 100_000, "y" * 100_000])
    )
    stream = BytesIO()
    table = pa.table({"a": words, "label": [0, 1] * 10_000})
    pq.write_table(table, stream, store_schema=not as_text)
    return stream.getvalue()


def _categories() -> bytes:
    return _repeated(as_text=False)


_SETTINGS = (
    ("a column of images that is not there", {"image": "imag"}, "Did you mean 'image'"),
    ("a column of labels that is not there", {"label": "lable"}, "Did you mean 'label'"),
    ("images that are none", {"image": "label"}, "holds no images"),
    ("classes that are others", {"classes": ("a",)}, "out of range"),
)


def _shards(folder: Path) -> Path:
    (folder / "train-0.parquet").write_bytes(_images())
    (folder / "train-1.parquet").write_bytes(parquet({"image": [b""], "other": [1]}))
    return folder


def _test_alone(folder: Path) -> Path:
    (folder / "test.parquet").write_bytes(_images())
    return folder


def _folder(folder: Path) -> Path:
    (folder / "data.parquet").mkdir()
    return folder


def _pipe(folder: Path) -> Path:
    os.mkfifo(folder / "data.parquet")
    return folder / "data.parquet"
