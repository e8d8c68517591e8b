"""The oracle: what a store must hold after whatever has happened to those who wrote it.

It reads the database by itself, with nothing of ours in between.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import struct
import tempfile
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from hikaku.record import Measured
from hikaku.records import Record
from soak.world import World

FINISHED = ("done", "diverged")
KEPT = 2
"""Of so many states of a trial its store may know."""
GIVEN_UP = 3
"""So many deaths of its workers under one supervisor give a trial up."""


@dataclass(frozen=True)
class Trial:
    """A trial as the store holds it, its numbers as bits."""

    state: str
    step: int
    records: tuple[tuple[object, ...], ...]
    sheets: tuple[tuple[str, bytes], ...]
    error: str = field(default="", compare=False)


Expect = Callable[[str], Trial]
"""What each trial must leave, by its key."""


@dataclass(frozen=True)
class Pointer:
    """A checkpoint as the store holds it."""

    key: str
    step: int
    file: str
    digest: str
    records: tuple[tuple[object, ...], ...]


@dataclass(frozen=True)
class Held:
    """Everything that a store holds of a study."""

    planned: Counter[str]
    trials: Mapping[str, Trial]
    pointers: tuple[Pointer, ...]
    damage: tuple[str, ...]

    @property
    def finished(self) -> dict[str, Trial]:
        """The trials that are never trained again."""
        return {key: one for key, one in self.trials.items() if one.state in FINISHED}


def held(database: Path) -> Held:
    """Return what the store holds; nothing where it is not there yet.

    It is a copy that is read: to open a database after a crash is to change it, and that is for
    the next run to do.
    """
    with tempfile.TemporaryDirectory(prefix="soak-copy-") as folder:
        for path in database.parent.glob(f"{database.name}*"):
            if path.suffix != ".db-shm":
                shutil.copy(path, folder)
        with closing(sqlite3.connect(Path(folder, database.name))) as connection:
            return _held(connection)


def _held(connection: sqlite3.Connection) -> Held:
    ask = connection.execute
    said = [row[0] for row in ask("PRAGMA integrity_check(3)") if row[0] != "ok"]
    said += [f"foreign key: {row}" for row in ask("PRAGMA foreign_key_check")]
    tables = {row[0] for row in ask("SELECT name FROM sqlite_master")}
    if "hikaku_checkpoint" not in tables:
        return Held(Counter(), {}, (), tuple(said))
    planned = Counter(row[0] for row in ask("SELECT key FROM hikaku_planned"))
    trials = {
        key: Trial(state, step, _records(connection, number), _sheets(connection, number), why)
        for number, key, state, step, why in ask(
            "SELECT id, key, state, step, error FROM hikaku_trial"
        ).fetchall()
    }
    pointers = tuple(
        Pointer(key, step, file, digest, _of_json(records))
        for key, step, file, digest, records in ask(
            "SELECT key, step, file, digest, records FROM hikaku_checkpoint ORDER BY number"
        )
    )
    return Held(planned, trials, pointers, tuple(said))


def wanted(measured: Measured) -> Trial:
    """Return a trial as a store must hold it."""
    return Trial(
        measured.outcome.status,
        measured.outcome.step,
        bits(measured.records),
        tuple(sorted((one.name, one.array.tobytes()) for one in measured.sheets)),
    )


def bits(records: Collection[Record]) -> tuple[tuple[object, ...], ...]:
    """Return records with their values as bits."""
    return tuple((r.reading, r.step, r.split, r.metric, _bits(r.value)) for r in records)


@dataclass
class Oracle:
    """Judges one world after each of its deaths; `expect` tells what each trial must leave.

    `seen` are the finished trials of before: none of them may go, or change. Files that were
    `damaged` on purpose may be.
    """

    world: World
    expect: Expect
    seen: dict[str, Trial] = field(default_factory=dict)
    damaged: set[str] = field(default_factory=set)
    given_up: set[str] = field(default_factory=set)

    def judge(self, deaths: int) -> tuple[Held, list[str]]:
        """Return what the store holds now, and what is wrong with it.

        `deaths` counts the workers that were killed since this was asked last, in the lives of
        one supervisor.
        """
        now = held(self.world.store)
        wrong = [*now.damage, *self._planned(now)]
        for key, before in self.seen.items():
            if now.trials.get(key) != before:
                wrong.append(f"{key[:8]}: a finished trial is lost or has changed")
        for key, trial in now.trials.items():
            wrong += self._trial(key, trial, deaths)
        self.given_up &= now.trials.keys()
        wrong += self._pointers(now)
        self.seen = now.finished
        return now, wrong

    def conclude(self) -> list[str]:
        """Return what is wrong after a run that nothing disturbed."""
        self.given_up.clear()
        now, wrong = self.judge(0)
        missing = self.world.keys - now.trials.keys()
        wrong += [f"{key[:8]}: planned, and never ended" for key in sorted(missing)]
        wrong += [f"{one.key[:8]}: a checkpoint of a trial that has ended" for one in now.pointers]
        return wrong + strays(self.world, now.finished.keys())

    def _planned(self, now: Held) -> list[str]:
        if not now.planned:
            return []
        wrong = [f"{key[:8]}: planned {n} times" for key, n in now.planned.items() if n > 1]
        if set(now.planned) != self.world.keys:
            wrong.append(f"{len(now.planned)} of {len(self.world.keys)} trials are planned")
        return wrong

    def _trial(self, key: str, trial: Trial, deaths: int) -> list[str]:
        if key not in self.world.keys:
            return [f"{key[:8]}: nobody asked for this trial"]
        right = self.expect(key)
        if trial.state == "failed":
            if right.state == "failed" or deaths >= GIVEN_UP or key in self.given_up:
                self.given_up.add(key)
                return []
            return [f"{key[:8]}: failed, and should be {right.state} ({trial.error})"]
        return [] if trial == right else [f"{key[:8]}: {_difference(trial, right)}"]

    def _pointers(self, now: Held) -> list[str]:
        counts = Counter(one.key for one in now.pointers)
        wrong = [f"{key[:8]}: {n} checkpoints" for key, n in counts.items() if n > KEPT]
        newest = {one.key: one for one in now.pointers}
        for one in now.pointers:
            wrong += [
                f"{one.key[:8]} at {one.step}: {fault}"
                for fault in self._pointer(one, one is newest[one.key], one.key in now.finished)
            ]
        return wrong

    def _pointer(self, one: Pointer, is_newest: bool, is_finished: bool) -> Iterator[str]:
        if is_finished:
            yield "a checkpoint of a trial that has ended"
            return
        file = self.world.state(one.key, one.file)
        if one.file not in self.damaged and not file.exists():
            yield "the file of its checkpoint is missing"
        elif one.file not in self.damaged and _digest(file) != one.digest:
            yield "the file of its checkpoint is not what it should be"
        if one.key not in self.world.keys:
            yield "a checkpoint of a trial that nobody asked for"
            return
        right = [row for row in self.expect(one.key).records if int(str(row[1])) <= one.step]
        if is_newest and list(one.records) != right:
            yield "its checkpoint has other records than its trial"


def strays(world: World, finished: Collection[str]) -> list[str]:
    """Return what lies in the folder of a store beside what has to be there.

    Weights of a finished trial may: a run that is killed cannot know whether they are its arm's
    best, and the next one leaves alone what it has not written.
    """
    names = {"store.db", "store.lock", "store.files", "store.logs", "log"}
    found = [path for path in world.folder.iterdir() if path.name not in names]
    weights = [path for path in world.files.glob("*/*") if path.name == "best.safetensors"]
    kept = {path for path in weights if path.parent.name in finished}
    kept |= {path.parent for path in kept}
    found += [path for path in world.files.rglob("*") if path not in kept]
    wrong = [f"a stray file: {path.relative_to(world.folder)}" for path in sorted(found)]
    if len(weights) < world.weights:
        wrong.append(f"{len(weights)} files of weights, not {world.weights}")
    return wrong


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _difference(found: Trial, right: Trial) -> str:
    if found.state != right.state:
        return f"{found.state}, and should be {right.state} ({found.error})"
    if found.step != right.step:
        return f"ended at step {found.step}, and should at {right.step}"
    if found.records != right.records:
        return f"{len(found.records)} records, not the {len(right.records)} of its trial"
    return "its sheets have other bits"


def _records(connection: sqlite3.Connection, trial: int) -> tuple[tuple[object, ...], ...]:
    rows = connection.execute(
        "SELECT reading, step, split, metric, value FROM hikaku_record WHERE trial_id = ? "
        "ORDER BY position",
        (trial,),
    )
    return tuple((*row[:4], _bits(row[4])) for row in rows)


def _sheets(connection: sqlite3.Connection, trial: int) -> tuple[tuple[str, bytes], ...]:
    rows = connection.execute(
        "SELECT name, bytes FROM hikaku_sheet WHERE trial_id = ? ORDER BY name", (trial,)
    )
    return tuple((str(name), bytes(content)) for name, content in rows)


def _bits(value: float | None) -> bytes:
    return b"NaN" if value is None or value != value else struct.pack("<d", value)


def _of_json(text: str) -> tuple[tuple[object, ...], ...]:
    return tuple((*row[:4], _bits(float(row[4]))) for row in map(tuple, json.loads(text)))
