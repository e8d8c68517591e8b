"""The arrays of trials, as they are read."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from functools import lru_cache
from typing import Any

import numpy as np
from sqlalchemy import Connection, select

from hikaku.record import Sheet
from hikaku.store.faults import NONSENSE, Damaged
from hikaku.store.schema import sheet


def sheets_of(connection: Connection, ids: list[int]) -> dict[int, list[Sheet]]:
    """Return the arrays of each of these trials, by its id, in the order of their names."""
    found: dict[int, list[Sheet]] = defaultdict(list)
    query = select(sheet).where(sheet.c.trial_id.in_(ids)).order_by(sheet.c.trial_id, sheet.c.name)
    for row in connection.execute(query):
        found[row.trial_id].append(_sheet(*row))
    return found


def _sheet(trial_id: int, name: str, dtype: str, shape: str, content: bytes) -> Sheet:
    """Return the array as it was; its bytes are shared with the row, and cannot be written to."""
    try:
        kind, sides, size = _layout(dtype, shape)
        if kind.kind not in "biufU" or size != len(content):
            raise Damaged(f"sheet {name} of trial {trial_id}")
        return Sheet(name, np.ndarray(sides, kind, content))
    except NONSENSE as error:
        raise Damaged(f"sheet {name} of trial {trial_id}: {error}") from error


@lru_cache
def _layout(dtype: str, shape: str) -> tuple[np.dtype[Any], tuple[int, ...], int]:
    """Return what the tables say of an array, and its size in bytes; most trials say the same."""
    kind, sides = np.dtype(dtype), tuple(json.loads(shape))
    return kind, sides, math.prod(sides) * kind.itemsize
