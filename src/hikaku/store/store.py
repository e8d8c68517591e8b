"""`Store`: what was planned and measured, kept in one database with one writer at a time."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import Connection, Engine

from hikaku.errors import HikakuError
from hikaku.record import Measured, Results
from hikaku.store import planning, reader, schema, sqlite, writer
from hikaku.store.address import Address, locate
from hikaku.store.arms import Asked
from hikaku.store.faults import translated
from hikaku.store.kept import Kept
from hikaku.store.lock import Lock
from hikaku.store.planning import Keys, Planned, Sources
from hikaku.store.reader import Counts, StudyRow
from hikaku.store.writer import Removed
from hikaku.study.places import DEFAULT_STORE
from hikaku.study.sources import evaluation_fingerprint
from hikaku.study.study import Study, Training
from hikaku.study.trial import digest, plain
from hikaku.words import Message, message


@dataclass(frozen=True)
class Size:
    """How much room a store takes, its files included, and what it holds.

    `files` counts the files of weights, which take `file_bytes` of it.
    """

    bytes: int
    counts: Counts
    files: int = 0
    file_bytes: int = 0


class Store:
    """An open store; use it in a `with` block.

    Every method is one transaction, and every error one of ours: StoreError, or Paused where the
    disk is full. Never carry it over a fork: two processes on one SQLite connection damage the
    database, and the child would hold the lock after the parent's death.
    """

    def __init__(self, address: Address, engine: Engine, lock: Lock | None = None) -> None:
        self.address = address
        self._engine = engine
        self._lock = lock
        self._process = os.getpid()

    @classmethod
    def reading(cls, where: str | Path = DEFAULT_STORE) -> Self:
        """Open a store to read, while others read and one may write; nothing is created.

        Where there is no store yet, it reads as an empty one.
        """
        address = locate(where)
        with translated(address):
            if address.database.exists():
                store = cls(address, sqlite.reading_engine(address))
                with store._transaction() as connection:
                    if not schema.is_empty(connection):
                        return store
            store = cls(address, sqlite.empty_engine())
            with store._transaction() as connection:
                schema.create(connection)
            return store

    @classmethod
    def writing(
        cls,
        where: str | Path = DEFAULT_STORE,
        *,
        wait: bool = True,
        notify: Callable[[Message], None] | None = None,
    ) -> Self:
        """Open a store to write, making it where there is none.

        Where another run is writing, `notify` is told once which, and this waits; with `wait`
        false, StoreBusy is raised instead.
        """
        # Look first: to open somebody else's database for writing would already change it.
        cls.reading(where).close()
        address = locate(where)
        with translated(address):
            address.database.parent.mkdir(parents=True, exist_ok=True)
            lock = Lock(address, wait=wait, notify=notify)
            store = cls(address, sqlite.writing_engine(address), lock)
            try:
                with store._change() as connection:
                    sqlite.check(connection)
                    if schema.is_empty(connection):
                        schema.create(connection)
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

    def plan(
        self,
        study: Study,
        fingerprints: Mapping[str, str],
        keys: Keys,
        sources: Sources | None = None,
    ) -> Planned:
        """Write what a study is going to train, and return what of it is finished or comes again.

        `fingerprints` gives each arm's by its name, `keys` the trial key of each (fingerprint,
        seed), and `sources` by arm name the digests of the data and files that its results depend
        on, under names to show when they have changed. What the same study planned before under
        other settings or seeds stays planned.
        """
        asked = self._asked(study, fingerprints)
        with self._change() as connection:
            return planning.plan(connection, asked, keys, sources or {})

    def finished(self, keys: Iterable[str]) -> frozenset[str]:
        """Return those keys whose trial is done or diverged, and so is never trained again."""
        with self._transaction() as connection:
            return reader.finished(connection, keys)

    def add(self, measured: Measured) -> bool:
        """Keep a planned trial, its records and sheets, all or nothing; return whether it is new.

        What is finished is never changed (False); a failed trial is replaced. −0.0 becomes 0.0.
        """
        with self._change() as connection:
            return writer.add(connection, measured)

    def results(self, study: Study, fingerprints: Mapping[str, str]) -> Results:
        """Return what was measured of the study's arms and seeds, failed trials included.

        `fingerprints` gives each arm's by its name. A study is told by its name and folder; where
        it was never planned there is nothing, whatever other studies have trained.
        """
        asked = self._asked(study, fingerprints)
        with self._transaction() as connection:
            return reader.results(connection, asked)

    def planned_keys(self, study: Study, work: Training) -> dict[int, str]:
        """Return by seed the key under which the study last planned this arm of it.

        Also where the user's files or the data have changed since then.
        """
        with self._transaction() as connection:
            return reader.planned_keys(
                connection, study.name, self._seen(study.folder), digest(plain(work))
            )

    def measured(self, keys: Iterable[str]) -> dict[str, Measured]:
        """Return every one of these trials that has ended, by its key."""
        with self._transaction() as connection:
            return reader.measured(connection, keys)

    @property
    def kept(self) -> Kept:
        """The files of weights beside the database."""
        return Kept(self.address.files)

    def make_room(self) -> Kept:
        """Return the files of weights, their folder made, and rid of what killed trials left."""
        with self._change(), translated(self.address):
            self.address.files.mkdir(exist_ok=True)
            self.kept.sweep()
        return self.kept

    def look(self, base: str, variant: str, metric: str, seeds: Iterable[int]) -> None:
        """Keep that a verdict over these seeds was shown; arms by their fingerprints.

        `metric` is the judged figure in words. The same seeds a second time are no second look.
        """
        with self._change() as connection:
            writer.show(connection, base, variant, metric, tuple(seeds))

    def looks(self, base: str, variant: str, metric: str) -> tuple[tuple[int, ...], ...]:
        """Return the seeds of each verdict that was shown of this comparison, oldest first."""
        with self._transaction() as connection:
            return reader.looks(connection, base, variant, metric)

    def studies(self) -> tuple[StudyRow, ...]:
        """Return every study, the latest run first."""
        with self._transaction() as connection:
            rows = reader.studies(connection)
        home = self.address.database.parent
        return tuple(replace(row, folder=os.path.normpath(home / row.folder)) for row in rows)

    def forget(self, name: str, folder: str | None = None) -> Removed:
        """Delete the study of this name in this folder, by default in every folder.

        The trials that no other study has planned go with it. A study that is not there is
        nothing to delete; what was looked at stays looked at.
        """
        with self._change() as connection:
            removed = writer.forget(
                connection, name, None if folder is None else self._seen(folder)
            )
        return self._without_files(removed)

    def prune(self) -> Removed:
        """Delete the trials of arms that were planned again with other files or data since.

        Trials that no study has planned go too; those of other settings and other seeds stay. The
        room is given back to the disk.
        """
        with self._change() as connection:
            removed = writer.prune(connection)
        with translated(self.address):
            sqlite.shrink(self._engine)
        return self._without_files(removed)

    def _without_files(self, removed: Removed) -> Removed:
        """Delete the files of the trials that are no longer there; return how many, too."""
        with self._transaction() as connection:
            orphans = set(self.kept.trials()) - reader.ended(connection)
        count = sum(len(self.kept.files(key)) for key in orphans)
        with translated(self.address):
            self.kept.remove(orphans)
            self.kept.sweep()
        return replace(removed, files=count)

    def size(self) -> Size:
        """Return the room that the store takes, and how much it holds."""
        with self._transaction() as connection:
            counts = reader.counts(connection)
        name = self.address.database.name
        own = [self.address.database.with_name(name + end) for end in ("", "-wal")]
        kept = [path.stat().st_size for path in self.kept.folder.rglob("*") if path.is_file()]
        database = sum(path.stat().st_size for path in own if path.is_file())
        return Size(database + sum(kept), counts, len(kept), sum(kept))

    def _asked(self, study: Study, fingerprints: Mapping[str, str]) -> Asked:
        return Asked(study, self._seen(study.folder), fingerprints, evaluation_fingerprint(study))

    def _seen(self, folder: str) -> str:
        """Return the folder as it is seen from the store's, so that both can move together."""
        return os.path.relpath(Path(folder).resolve(), self.address.database.parent)

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        if os.getpid() != self._process:
            raise HikakuError.of(message("a store was carried over a fork"))
        with translated(self.address), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def _change(self) -> Iterator[Connection]:
        if self._lock is None:
            raise HikakuError.of(message("a store that was opened for reading was written to"))
        with self._transaction() as connection:
            yield connection
