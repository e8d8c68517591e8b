"""All that is said to SQLite alone: how its file is opened, and its settings.

For writing: WAL, so that readers never wait, and never a memory map, so that a failing disk is an
error and not a signal. `synchronous=FULL`: what was committed survives a power cut.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    NullPool,
    QueuePool,
    StaticPool,
    create_engine,
    event,
)
from sqlalchemy.exc import SQLAlchemyError

from hikaku import durable
from hikaku.store.address import Address, own
from hikaku.store.faults import Damaged

PATIENCE_SECONDS = 10
ANYTHING = "SELECT 1 FROM sqlite_master"
LEFT_HALF = (sqlite3.SQLITE_READONLY_ROLLBACK, sqlite3.SQLITE_READONLY_RECOVERY)
READING = ("PRAGMA mmap_size=0", "PRAGMA trusted_schema=OFF")
WRITING = (
    *READING,
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    # After one large transaction the log would stay as large for as long as the run lasts.
    "PRAGMA journal_size_limit=16777216",
)


def writing_engine(address: Address) -> Engine:
    """Return the engine of the one writer; each transaction holds the write lock from its start."""
    url = URL.create("sqlite", database=str(address))
    engine = create_engine(
        url,
        connect_args={"timeout": PATIENCE_SECONDS},
        poolclass=QueuePool,
        pool_size=1,
        max_overflow=0,
    )
    return _set_up(engine, WRITING, "BEGIN IMMEDIATE")


def reading_engine(address: Address) -> Engine:
    """Return an engine that changes and creates nothing; each transaction is one snapshot."""
    engine = create_engine("sqlite://", creator=lambda: _read_only(address), poolclass=NullPool)
    return _set_up(engine, READING, "BEGIN")


def empty_engine() -> Engine:
    """Return the engine of an empty database in memory."""
    return create_engine("sqlite://", poolclass=StaticPool)


def check(connection: Connection) -> None:
    """Raise Damaged where the pages of the database do not fit together."""
    said = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
    if said != "ok":
        raise Damaged(said)


def shrink(engine: Engine) -> None:
    """Give the room of deleted rows back to the disk."""
    with closing(engine.raw_connection()) as connection:
        connection.cursor().execute("VACUUM")
        connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")


def copy(address: Address, to: Path) -> None:
    """Write what was last committed into a plain file of its own, which is there whole or not.

    It has reached the disk when this returns. Others may read and write meanwhile.
    """
    with closing(_read_only(address)) as source:
        _put(source, to)


def rescue(engine: Engine, to: Path) -> None:
    """Write a database whose file was taken away into another, as `copy` does.

    What an open file holds is there for as long as it is open.
    """
    with closing(engine.raw_connection()) as source:
        assert isinstance(source.driver_connection, sqlite3.Connection)
        _put(source.driver_connection, to)


def _put(source: sqlite3.Connection, to: Path) -> None:
    part = to.with_name(f"{to.name}.part")
    part.unlink(missing_ok=True)
    try:
        own(part)
        with closing(sqlite3.connect(part)) as target:
            source.backup(target)
            target.execute("PRAGMA journal_mode=DELETE")
        durable.flush(part)
        part.rename(to)
        durable.flush(to.parent)
    finally:
        part.unlink(missing_ok=True)


def close(engine: Engine) -> None:
    """Close the engine, leaving one plain file where nobody is reading.

    In WAL mode even a reader creates files beside the database, and in a folder that it may not
    write to it could not read at all. Where a reader holds the database, it stays in WAL mode.
    """
    with suppress(sqlite3.Error, SQLAlchemyError), closing(engine.raw_connection()) as last:
        last.cursor().execute("PRAGMA busy_timeout=0")
        last.cursor().execute("PRAGMA journal_mode=DELETE")
    engine.dispose()


def _read_only(address: Address) -> sqlite3.Connection:
    opened = _connect(address, "ro")
    try:
        opened.execute(ANYTHING)
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode not in LEFT_HALF:
            opened.close()
            raise
        # A writer was killed as it changed the journal's kind. Whoever may write mends that by
        # looking; what was committed stays, and where a writer lives, its locks forbid it.
        with closing(_connect(address, "rw")) as mending:
            mending.execute(ANYTHING)
    return opened


def _connect(address: Address, mode: str) -> sqlite3.Connection:
    uri = f"file:{quote(str(address))}?mode={mode}"
    return sqlite3.connect(uri, uri=True, timeout=PATIENCE_SECONDS)


def _set_up(engine: Engine, settings: Sequence[str], begin: str) -> Engine:
    @event.listens_for(engine, "connect")
    def on_connect(connection: sqlite3.Connection, _: Any) -> None:
        # Python's own BEGIN comes too late: only before the first change, and deferred.
        connection.isolation_level = None
        for setting in settings:
            connection.execute(setting)

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine
