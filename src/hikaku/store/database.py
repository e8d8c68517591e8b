"""`Database`: how a store is opened, to read or as its one writer, and what a transaction is."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import Connection, Engine

from hikaku import durable
from hikaku.errors import HikakuError, StoreError
from hikaku.store import schema, sqlite, upgrade
from hikaku.store.address import OWN_FOLDER, Address, locate, own
from hikaku.store.faults import translated
from hikaku.store.lock import Lock
from hikaku.store.place import check_local
from hikaku.study.places import DEFAULT_STORE
from hikaku.words import Message, message

Notify = Callable[[Message], None]


class Database:
    """An open database with a store's tables; use it in a `with` block.

    Every error is one of ours: StoreError, or Paused where the disk is full. Never carry it over a
    fork: two processes on one SQLite connection damage the database, and the child would hold the
    lock after the parent's death.
    """

    def __init__(self, address: Address, engine: Engine, lock: Lock | None = None) -> None:
        self.address = address
        self._engine = engine
        self._lock = lock
        self._lies_at: tuple[int, int] | None = None
        self._taken: StoreError | None = None
        self._process = os.getpid()

    @classmethod
    def reading(cls, where: str | Path = DEFAULT_STORE) -> Self:
        """Open a store to read, while others read and one may write; nothing is created.

        Where there is no store yet, it reads as an empty one; a store of an older version reads
        as one of today, and stays as it is.
        """
        address = locate(where)
        with translated(address):
            if address.database.exists():
                store = cls(address, sqlite.reading_engine(address))
                with store._transaction() as connection:
                    if schema.version_of(connection):
                        return store
            store = cls(address, sqlite.empty_engine())
            with store._transaction() as connection:
                schema.create(connection)
            return store

    @classmethod
    def writing(
        cls, where: str | Path = DEFAULT_STORE, *, wait: bool = True, notify: Notify | None = None
    ) -> Self:
        """Open a store to write, making it where there is none.

        Where another run is writing, `notify` is told once which, and this waits; with `wait`
        false, StoreBusy is raised instead. A store of an older version is upgraded, whole or not
        at all; `notify` is told where a copy of it as it was lies. On a network file system it is
        refused.
        """
        # Look first: to open somebody else's database for writing would already change it.
        cls.reading(where).close()
        address = locate(where)
        check_local(address)
        with translated(address):
            durable.make_folder(address.database.parent, OWN_FOLDER)
            lock = Lock(address, wait=wait, notify=notify)
            own(address.database)
            store = cls(address, sqlite.writing_engine(address), lock)
            try:
                store._lies_at = _inode(address.database)
                store._prepare(notify or (lambda _: None))
            except BaseException:
                store.close()
                raise
            return store

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the database and free the lock; a second call does nothing."""
        if self._lock is None:
            self._engine.dispose()
            return
        sqlite.close(self._engine)
        self._lock.release()
        self._lock = None

    def _prepare(self, notify: Notify) -> None:
        """Make the tables where there are none, and bring older ones to today's version."""
        with self._change() as connection:
            sqlite.check(connection)
            found = schema.version_of(connection)
            if not found:
                schema.create(connection)
            elif found < schema.VERSION:
                self._upgrade(connection, found, notify)

    def _upgrade(self, connection: Connection, version: int, notify: Notify) -> None:
        """Bring the tables to today's version; the store as it was is kept beside itself."""
        backup = self.address.backup(version)
        sqlite.copy(self.address, backup)
        try:
            upgrade.upgrade(connection)
            notify(message("upgrading the store; as it was, it is kept in {file}", file=backup))
        except BaseException:
            # The store stays as it was, and with every try there would be one more copy of it.
            backup.unlink()
            raise

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        if os.getpid() != self._process:
            raise HikakuError.of(message("a store was carried over a fork"))
        with translated(self.address), self._engine.begin() as connection:
            if self._lock is None:
                # Each time, for a run may upgrade the store between two readings of it.
                upgrade.view(connection)
            yield connection

    @contextmanager
    def _change(self) -> Iterator[Connection]:
        if self._lock is None:
            raise HikakuError.of(message("a store that was opened for reading was written to"))
        if self._taken is None:
            with self._transaction() as connection:
                yield connection
            if self._lies_at != _inode(self.address.database):
                self._taken = self._rescue()
        if self._taken:
            raise self._taken

    def _rescue(self) -> StoreError:
        """Write the store anew, whose file another program has taken away; return what to raise.

        Where another file lies in its place, that one stays.
        """
        there = self.address.database
        to = self.address.rescued() if os.path.lexists(there) else there
        with translated(self.address):
            durable.make_folder(to.parent, OWN_FOLDER)
            sqlite.rescue(self._engine, to)
        return StoreError.of(
            message("the store {store} was taken away during the run", store=there),
            why=message("another program has removed or replaced its file"),
            mend=message(
                "all that was measured lies in {file}; a run with --store {file} goes on from it",
                file=to,
            ),
        )


def _inode(file: Path) -> tuple[int, int] | None:
    """Return what no other file has at the same time; None where there is no file."""
    with suppress(FileNotFoundError):
        found = file.stat()
        return found.st_dev, found.st_ino
    return None
