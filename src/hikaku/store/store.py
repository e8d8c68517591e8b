"""`Store`: what was planned and measured, kept in one database with one writer at a time."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from hikaku import durable
from hikaku.exhibits import Exhibits
from hikaku.record import Checkpoint, Event, EventKind, Measured, Results, Spent
from hikaku.records import READINGS
from hikaku.store import (
    exhibits,
    looks,
    planning,
    reader,
    sqlite,
    unfinished,
    writer,
)
from hikaku.store.address import OWN_FOLDER
from hikaku.store.arms import Asked
from hikaku.store.faults import translated
from hikaku.store.kept import Kept
from hikaku.store.listed import Listed
from hikaku.store.planning import Keys, Planned, Sources
from hikaku.store.reader import ArmOnData, Bill, Counts, Readings
from hikaku.store.writer import Removed
from hikaku.study.sources import evaluation_fingerprint
from hikaku.study.study import Study, Training
from hikaku.study.trial import digest, plain


@dataclass(frozen=True)
class Size:
    """How much room a store takes, its files included, and what it holds.

    `files` counts the files of weights, which take `file_bytes` of it.
    """

    bytes: int
    counts: Counts
    files: int = 0
    file_bytes: int = 0


class Store(Listed):
    """An open store; every method is one transaction, and keeps the promises of `Database`."""

    def plan(
        self,
        study: Study,
        fingerprints: Mapping[str, str],
        keys: Keys,
        sources: Sources | None = None,
        first_seed: int | None = None,
    ) -> Planned:
        """Write what a study is going to train, and return what of it is finished or comes again.

        `fingerprints` gives each arm's by its name, and that of each twin of base by a name of its
        own (`study.twin`), `keys` the trial key of each (fingerprint, seed), and `sources` by name
        the digests of the data and files that its results depend on, under names to show when they
        have changed. What the same study planned before under other settings or seeds stays
        planned. From now on its automatic seeds begin with
        `first_seed`, by default where they began before.
        """
        asked = self._asked(study, fingerprints)
        with self._change() as connection:
            return planning.plan(connection, asked, keys, sources or {}, first_seed)

    def finished(self, keys: Iterable[str]) -> frozenset[str]:
        """Return those keys whose trial is done or diverged, and so is never trained again."""
        with self._transaction() as connection:
            return reader.finished(connection, keys)

    def add(self, measured: Measured) -> bool:
        """Keep a planned trial, its records and sheets, all or nothing; return whether it is new.

        What is finished is never changed (False), but an event tells where it came out otherwise
        this time; a failed trial is replaced. Its checkpoints are forgotten. −0.0 becomes 0.0.
        """
        with self._change() as connection:
            return writer.add(connection, measured)

    def checkpoint(self, checkpoint: Checkpoint) -> tuple[str, ...]:
        """Keep where a planned trial can go on, with its records until then, all or nothing.

        Its file must have reached the disk. Returns the names of the files in the trial's folder
        that no checkpoint names any more: the last two checkpoints stay. A finished trial has
        none; of one, this returns the new file.
        """
        with self._change() as connection:
            return writer.checkpoint(connection, checkpoint)

    def checkpoints(self, keys: Iterable[str]) -> dict[str, tuple[Checkpoint, ...]]:
        """Return the last two checkpoints of each of these trials that has any, newest first."""
        with self._transaction() as connection:
            return unfinished.points(connection, keys)

    def saved(self) -> frozenset[str]:
        """Return the keys of all trials that have a checkpoint."""
        with self._transaction() as connection:
            return frozenset(unfinished.files(connection))

    def distrust(self, checkpoint: Checkpoint, why: str) -> None:
        """Forget a checkpoint from which its trial cannot go on; an event tells why."""
        with self._change() as connection:
            unfinished.distrust(connection, checkpoint, why)

    def event(self, key: str, kind: EventKind, text: str = "") -> None:
        """Add to what happened to a trial; what was told stays for as long as it is planned."""
        with self._change() as connection:
            unfinished.tell(connection, key, kind, text)

    def events(self, keys: Iterable[str]) -> tuple[Event, ...]:
        """Return what happened to these trials, the oldest first."""
        with self._transaction() as connection:
            return unfinished.told(connection, keys)

    def results(
        self, study: Study, fingerprints: Mapping[str, str], readings: Readings = READINGS
    ) -> Results:
        """Return what was measured of the study's arms and seeds, failed trials included.

        `fingerprints` gives each arm's by its name. A study is told by its name and folder; where
        it was never planned there is nothing, whatever other studies have trained. A variant that
        was computed otherwise than base comes with the twin of base that it is compared with.
        Records of other `readings` are left out, and not read.
        """
        asked = self._asked(study, fingerprints)
        with self._transaction() as connection:
            return reader.results(connection, asked, readings)

    def planned_keys(self, study: Study, work: Training) -> dict[int, str]:
        """Return by seed the key under which the study last planned this arm of it.

        Also where the user's files or the data have changed since then.
        """
        with self._transaction() as connection:
            return reader.planned_keys(
                connection, study.name, self.seen(study.folder), digest(plain(work))
            )

    def measured(self, keys: Iterable[str]) -> dict[str, Measured]:
        """Return every one of these trials that has ended, by its key."""
        with self._transaction() as connection:
            return reader.measured(connection, keys)

    @property
    def kept(self) -> Kept:
        """The files beside the database: weights, and the states of unfinished trials."""
        return Kept(self.address.files)

    def make_room(self) -> Kept:
        """Return the files beside the database, their folder made, rid of what is of no use.

        That is what trials left that were killed, but for what their checkpoints name.
        """
        with self._change() as connection:
            wanted = unfinished.files(connection)
            with translated(self.address):
                durable.make_folder(self.address.files, OWN_FOLDER)
                self.kept.sweep(wanted)
        return self.kept

    def spend(self, base: str, variant: str, metric: str, spent: Spent) -> None:
        """Keep what a comparison is bound to, as a verdict of it is shown.

        The arms are told by their fingerprints, `metric` is the judged figure in words, and
        `spent.shown` is not read: it is now. Where the comparison is bound already over any of
        these seeds, the oldest such row stays as it is, but that its family becomes the larger of
        the two, and that what was not remembered once (`worth` NaN, `family` 0, no `differences`)
        is filled in.
        """
        with self._change() as connection:
            writer.spend(connection, base, variant, metric, spent)

    def spent(self, base: str, variant: str, metric: str) -> tuple[Spent, ...]:
        """Return what this comparison is bound to, oldest first."""
        with self._transaction() as connection:
            return looks.spent(connection, base, variant, metric)

    def first_seed(self, study: Study) -> int:
        """Return where the study's automatic seeds begin; 0 where `plan` was never told."""
        with self._transaction() as connection:
            return reader.first_seed(connection, study.name, self.seen(study.folder))

    def unused_seed(self, study: Study, fingerprints: Mapping[str, str]) -> int:
        """Return the first seed from which on nothing of the study was ever looked at.

        It is one past all seeds to which a comparison with any arm that the study has now or has
        ever planned is bound, on either side, by any figure, in any study. Never below
        `first_seed`. `fingerprints` gives each arm's by its name.
        """
        asked = self._asked(study, fingerprints)
        with self._transaction() as connection:
            return max(
                looks.past_all_looks(connection, asked),
                reader.first_seed(connection, study.name, asked.folder),
            )

    def bill(self, study: Study) -> Bill:
        """Return what all runs of the study have cost until now."""
        with self._transaction() as connection:
            return reader.bill(connection, study.name, self.seen(study.folder))

    def charge(self, study: Study, seconds: float, trials: int) -> None:
        """Add to what the study has cost. Raises StoreError where it was never planned."""
        with self._change() as connection:
            bill = Bill(seconds, trials)
            writer.charge(connection, study.name, self.seen(study.folder), bill)

    def allow(self, base: str, variant: str, equal: str, steps: int) -> int:
        """Settle how many updates a variant is given to cost as much as base; return what stands.

        The arms are told by their fingerprints; `equal` is "seconds" or "flops". What was settled
        once stays, also where the study is forgotten: trials were trained under it.
        """
        with self._change() as connection:
            return writer.allow(connection, base, variant, equal, steps)

    def allowances(self, base: str, equal: str) -> dict[str, int]:
        """Return by fingerprint the updates of every variant that was settled beside this base."""
        with self._transaction() as connection:
            return reader.allowances(connection, base, equal)

    def surveys(self, arms: Collection[ArmOnData]) -> dict[ArmOnData, str]:
        """Return what was found out about these arms on their data, as far as it was kept.

        An arm is told by its fingerprint, its data by that of their contents.
        """
        with self._transaction() as connection:
            return reader.surveys(connection, arms)

    def keep_survey(self, fingerprint: str, data: str, text: str) -> None:
        """Keep what was found out about an arm on its data, in place of what was kept before.

        It stays where studies are forgotten: it says nothing that training them would change.
        """
        with self._change() as connection:
            writer.keep_survey(connection, fingerprint, data, text)

    def exhibit(
        self,
        study: Study,
        fingerprints: Mapping[str, str],
        shown: Exhibits,
        sources: Mapping[str, str],
    ) -> None:
        """Keep what the study's report shows beside figures, in place of what was kept before.

        It goes with the study. `sources` says by variant what its examples were made of
        (`exhibits.made_of`); they are shown for as long as that is so.
        """
        asked = self._asked(study, fingerprints)
        with self._change() as connection:
            exhibits.keep(connection, asked, shown, sources)

    def forget(self, name: str, folder: str | None = None) -> Removed:
        """Delete the study of this name in this folder, by default in every folder.

        The trials that no other study has planned go with it. A study that is not there is
        nothing to delete; what was looked at stays looked at, what it has cost is forgotten.
        """
        with self._change() as connection:
            removed = writer.forget(connection, name, None if folder is None else self.seen(folder))
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
            wanted = unfinished.files(connection)
        count = sum(len(self.kept.files(key)) for key in orphans)
        with translated(self.address):
            self.kept.remove(orphans)
            self.kept.sweep(wanted)
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
        return Asked(study, self.seen(study.folder), fingerprints, evaluation_fingerprint(study))

    def seen(self, folder: str) -> str:
        """Return the folder as it is seen from the store's, so that both can move together."""
        return os.path.relpath(Path(folder).resolve(), self.address.database.parent)
