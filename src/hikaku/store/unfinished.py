"""Where trials that have not ended can go on, and what happened to them; on an open connection."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy import Connection, bindparam, delete, insert, select

from hikaku.errors import StoreError
from hikaku.record import Checkpoint, Event, EventKind
from hikaku.records import Record
from hikaku.store.faults import NONSENSE, Damaged
from hikaku.store.kept import own_name
from hikaku.store.rows import batches, to_json
from hikaku.store.schema import checkpoint, happened, now, planned
from hikaku.words import message

KEPT = 2
"""Checkpoints of a trial: where the file of the last one is damaged, there is one before it."""


# Built once: a run says these for each state that it saves, and building took as long as saving.
_PLANNED = select(planned.c.key).where(planned.c.key == bindparam("key"))
_OF_TRIAL = (
    select(checkpoint.c.number, checkpoint.c.file)
    .where(checkpoint.c.key == bindparam("key"))
    .order_by(checkpoint.c.number)
)
_INSERT = insert(checkpoint)
_OLD = delete(checkpoint).where(
    checkpoint.c.key == bindparam("of"), checkpoint.c.number <= bindparam("until")
)


def point(connection: Connection, new: Checkpoint) -> tuple[str, ...]:
    """Write that this trial can go on from here; return the files that no row names any more.

    Raises StoreError where the trial was never planned.
    """
    mine = {"key": new.key}
    if connection.scalar(_PLANNED, mine) is None:
        raise StoreError.of(message("trial {key} was never planned", key=new.key))
    before = connection.execute(_OF_TRIAL, mine).all()
    number = before[-1].number + 1 if before else 1
    connection.execute(_INSERT, {
        "key": new.key, "number": number, "step": new.step, "file": new.file,
        "digest": new.digest, "records": _written(new.records), "written": now(),
    })  # fmt: skip
    until = number - KEPT
    old = {row.file for row in before if row.number <= until}
    if old:
        connection.execute(_OLD, {"of": new.key, "until": until})
    # A file that two rows name, because a trial wrote the same name again, is still wanted.
    wanted = {new.file} | {row.file for row in before if row.number > until}
    return tuple(sorted(map(own_name, old - wanted)))


def points(connection: Connection, keys: Iterable[str]) -> dict[str, tuple[Checkpoint, ...]]:
    """Return the checkpoints of each of these trials that has one, the newest first."""
    found: dict[str, list[Checkpoint]] = defaultdict(list)
    for some in batches(keys):
        query = select(checkpoint).where(checkpoint.c.key.in_(some))
        for row in connection.execute(query.order_by(checkpoint.c.number.desc())):
            records = _read(row.records, row.key)
            file = own_name(row.file)
            found[row.key].append(Checkpoint(row.key, row.step, file, row.digest, records))
    return {key: tuple(rows) for key, rows in found.items()}


def files(connection: Connection) -> dict[str, set[str]]:
    """Return by trial the names of all files that a checkpoint names."""
    found: dict[str, set[str]] = defaultdict(set)
    for key, file in connection.execute(select(checkpoint.c.key, checkpoint.c.file)):
        found[key].add(file)
    return found


def release(connection: Connection, key: str) -> None:
    """Forget the checkpoints of a trial, for it has ended."""
    connection.execute(delete(checkpoint).where(checkpoint.c.key == key))


def distrust(connection: Connection, state: Checkpoint, why: str) -> None:
    """Forget one checkpoint, and tell why."""
    one = (checkpoint.c.key == state.key) & (checkpoint.c.file == state.file)
    connection.execute(delete(checkpoint).where(one))
    tell(connection, state.key, "damaged-checkpoint", why)


def tell(connection: Connection, key: str, kind: EventKind, text: str) -> None:
    """Add to what happened to a trial."""
    connection.execute(insert(happened).values(key=key, kind=kind, text=text, at=now()))


def told(connection: Connection, keys: Iterable[str]) -> tuple[Event, ...]:
    """Return what happened to these trials, the oldest first."""
    rows = [
        row
        for some in batches(keys)
        for row in connection.execute(select(happened).where(happened.c.key.in_(some)))
    ]
    rows.sort(key=lambda row: row.id)
    return tuple(Event(row.key, row.kind, row.text, row.at) for row in rows)


def _written(records: Iterable[Record]) -> str:
    # JSON has no NaN and no infinities; as words they are what `float` reads.
    return to_json([
        (one.reading, one.step, one.split, one.metric,
         float(one.value) if math.isfinite(one.value) else str(float(one.value)))
        for one in records
    ])  # fmt: skip


def _read(text: str, key: str) -> tuple[Record, ...]:
    try:
        return tuple(
            Record(reading, step, split, metric, float(value))
            for reading, step, split, metric, value in json.loads(text)
        )
    except NONSENSE as error:
        raise Damaged(f"checkpoint of trial {key}: {error}") from error
