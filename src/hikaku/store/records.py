"""The records of trials, as they are read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from sys import intern
from typing import Any, cast

import numpy as np
from sqlalchemy import ColumnElement, Connection, select

from hikaku.records import Layout, Reading, Records
from hikaku.store.schema import record

LAYOUTS = 64
"""So many layouts are remembered; the trials of a study have few."""


def records_of(
    connection: Connection, ids: list[int], readings: Collection[Reading]
) -> dict[int, Records]:
    """Return the records of each of these trials that has any, by its id, so read."""
    kinds = (record.c.reading, record.c.step, record.c.split, record.c.metric)
    found: dict[int, Records] = {}
    for owner, rows in groupby(_rows(connection, ids, readings, *kinds), key=itemgetter(0)):
        _, values, *layout = zip(*rows, strict=True)
        found[owner] = Records(_layout(*layout), np.array(values, dtype=np.float64))
    return found


def guessed_records(
    connection: Connection,
    ids: list[int],
    readings: Collection[Reading],
    layouts: Mapping[int, Layout],
) -> dict[int, Records]:
    """Return what are the records of these trials, if they are laid out as others of as many are.

    Only their numbers are read, which is twice as quick. A trial of another length has none here.
    """
    values: dict[int, list[float | None]] = defaultdict(list)
    if layouts:
        for owner, value in _rows(connection, ids, readings):
            values[owner].append(value)
    return {
        owner: Records(layouts[len(own)], np.array(own, dtype=np.float64))
        for owner, own in values.items()
        if len(own) in layouts
    }


def _rows(
    connection: Connection,
    ids: list[int],
    readings: Collection[Reading],
    *more: ColumnElement[Any],
) -> Iterator[Any]:
    """Yield the trial's id and the value of each record, None for NaN, and `more`."""
    query = (
        select(record.c.trial_id, record.c.value, *more)
        .where(record.c.trial_id.in_(ids), record.c.reading.in_(sorted(readings)))
        .order_by(record.c.trial_id, record.c.position)
    )
    with connection.execute(query) as found:
        # A million rows: one after the other, and not SQLAlchemy's, which take as long to make.
        yield from cast("Iterator[Any]", found.cursor)


@lru_cache(LAYOUTS)
def _layout(
    readings: tuple[str, ...],
    steps: tuple[int, ...],
    splits: tuple[str, ...],
    metrics: tuple[str, ...],
) -> Layout:
    # The few names come a million times; one copy of each will do.
    how, at, what = (map(intern, column) for column in (readings, splits, metrics))
    rows = zip(cast("map[Reading]", how), map(int, steps), at, what, strict=True)
    return Layout(tuple(rows))
