"""The arrays of trials, as they are read."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from functools import lru_cache
from typing import Any

import numpy as np
from sqlalchemy import Connection, Row, select

from hikaku.record import Sheet
from hikaku.store.faults import NONSENSE, Damaged
from hikaku.store.schema import sheet


def sheets_of(connection: Connection, ids: list[int]) -> dict[int, list[Sheet]]:
    """Return the arrays of each of these trials, by its id, in the order of their names."""
    found: dict[int, list[Sheet]] = defaultdict(list)
    query = select(sheet).where(sheet.c.trial_id.in_(ids)).order_by(sheet.c.trial_id, sheet.c.name)
    for row in connection.execute(query).all():
        found[row.trial_id].append(_sheet(row))
    return found


def _sheet(row: Row[Any]) -> Sheet:
    """Return the array as it was; its bytes are shared with the row, and cannot be written to."""
    try:
        dtype, shape, size = _layout(row.dtype, row.shape)
        if dtype.kind not in "biufU" or size != len(row.bytes):
            raise Damaged(f"sheet {row.name} of trial {row.trial_id}")
        return Sheet(row.name, np.ndarray(shape, dtype, row.bytes))
    except NONSENSE as error:
        raise Damaged(f"sheet {row.name} of trial {row.trial_id}: {error}") from error


@lru_cache
def _layout(dtype: str, shape: str) -> tuple[np.dtype[Any], tuple[int, ...], int]:
    """Return what the tables say of an array, and its size in bytes; most trials say the same."""
    kind, sides = np.dtype(dtype), tuple(json.loads(shape))
    return kind, sides, math.prod(sides) * kind.itemsize
