"""Small things that every statement needs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import TypeVar

from sqlalchemy import Connection, Table, insert

Value = TypeVar("Value", int, str)
TOGETHER = 500
"""Values in one query; databases limit the parameters of a statement."""
_encoder = json.JSONEncoder(sort_keys=True, separators=(",", ":"))


def batches(values: Iterable[Value]) -> Iterator[list[Value]]:
    """Return the values, each once and in order, in lists short enough for one query."""
    every = sorted(set(values))
    for start in range(0, len(every), TOGETHER):
        yield every[start : start + TOGETHER]


def insert_row(connection: Connection, table: Table, values: dict[str, object]) -> int:
    """Insert one row; return its id."""
    key = connection.execute(insert(table).values(**values)).inserted_primary_key
    assert key is not None, "one row was inserted"
    return int(key[0])


def insert_rows(connection: Connection, table: Table, rows: list[dict[str, object]]) -> None:
    """Insert all rows; none at all, too."""
    # With no rows, the statement would insert one row of defaults.
    if rows:
        connection.execute(insert(table), rows)


def to_json(value: object) -> str:
    """Return the value as canonical JSON."""
    return _encoder.encode(value)
