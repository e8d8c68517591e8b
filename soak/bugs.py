"""Defects, put in on purpose: a harness that finds none of them would prove nothing.

Each is a mistake that programs of this kind have really made. The two halves of this file put
them into supervisors and into workers; where a defect has no half there, nothing changes.
"""

from __future__ import annotations

import json
import mmap
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any
from zlib import crc32

BUGS = {
    "in-place": "a state is written over the one before, in the same file",
    "two-transactions": "a result and its records are two transactions",
    "newest-file": "the newest file is trusted, whatever the store points to",
    "pointer-first": "the store points to a file before it is there",
    "removed-early": "the old states are removed before the new one is committed",
    "records-twice": "what was recorded before is recorded again by a trial that goes on",
    "unverified": "the hash of a state is not looked at",
    "deaths-remembered": "a trial is given up for deaths of its supervisors",
    "no-lock": "the lock of the store is not taken",
    "no-flush": "a state is renamed before it has reached the disk",
    "deaf-worker": "a worker goes on when its supervisor is gone",
    "plan-in-pieces": "a plan is written in two transactions",
    "no-sweep": "what killed trials leave is never removed",
}


def install_in_supervisors(name: str) -> None:
    """Put this defect into this process, whose forks are supervisors."""
    SUPERVISORS.get(name, _none)()


def install_in_workers(name: str) -> None:
    """Put this defect into a fork server of workers."""
    WORKERS.get(name, _none)()


def _none() -> None:
    return None


def _two_transactions() -> None:
    from sqlalchemy import delete

    from hikaku.store import schema, writer
    from hikaku.store.store import Store

    def add(self: Any, measured: Any) -> bool:
        with self._change() as connection:
            is_new = writer.add(connection, replace(measured, records=()))
        if is_new:
            with self._change() as connection:
                key = measured.outcome.key
                connection.execute(delete(schema.trial).where(schema.trial.c.key == key))
                writer.add(connection, measured)
        return is_new

    _set(Store, "add", add)


def _newest_file() -> None:
    from hikaku.record import Checkpoint
    from hikaku.store.store import Store

    pointed = Store.checkpoints

    def newest(kept: Any, keys: Any) -> dict[str, tuple[Checkpoint, ...]]:
        found = pointed(kept, keys)
        for key in keys:
            records = found[key][0].records if found.get(key) else ()
            files = sorted(kept.kept.part(key).glob("*.safetensors"))
            found[key] = tuple(
                Checkpoint(key, int(f.name[:9]), f.name, _digest(f), records) for f in files[-1:]
            )
        return found

    _set(Store, "checkpoints", newest)


def _removed_early() -> None:
    def save(kept: Any, state: Any) -> None:
        part = kept.kept.part(state.key)
        for old in kept.checkpoints([state.key]).get(state.key, ()):
            (part / old.file).unlink(missing_ok=True)
        kept.checkpoint(state)

    _set(_module("hikaku.run.saved"), "save", save)


def _deaths_remembered() -> None:
    from hikaku.execution import dispatch

    # Forks share these pages, so they outlive a supervisor as a column of the store would.
    counts = mmap.mmap(-1, 1 << 20)
    given = dispatch.Desk.given

    def remembered(self: Any, worker: Any, jobs: Any) -> None:
        given(self, worker, jobs)
        for job in jobs:
            place = crc32(job.key.encode()) % len(counts)
            counts[place] = min(255, counts[place] + 1)
            if counts[place] > dispatch.ATTEMPTS:
                self.deaths[job.key] = dispatch.ATTEMPTS
                worker.process.kill()

    _set(dispatch.Desk, "given", remembered)


def _no_lock() -> None:
    from hikaku.store.lock import Lock

    _set(Lock, "_take", lambda *_: None)


def _plan_in_pieces() -> None:
    planning = _module("hikaku.store.planning")
    insert_rows = planning.insert_rows

    def inserted(connection: Any, table: Any, rows: list[dict[str, object]]) -> None:
        insert_rows(connection, table, rows[:1])
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        insert_rows(connection, table, rows[1:])

    _set(planning, "insert_rows", inserted)


def _no_sweep() -> None:
    from hikaku.store.kept import Kept

    _set(Kept, "sweep", lambda *_: None)
    _set(Kept, "drop_part", lambda *_: None)


def _in_place() -> None:
    saver = _module("hikaku.execution.saver")
    from hikaku import durable

    def save(self: Any, trial: Any, keeper: Any, lane: int, snapshot: Any) -> None:
        job = trial.job
        content = saver.encode(snapshot, job.key, saver.here(job))
        durable.make_folder(keeper.part)
        with (keeper.part / "0.safetensors").open("wb") as file:
            file.write(content)
            os.fsync(file.fileno())
        _tell(self, job.key, snapshot, "0.safetensors", content)

    _set(saver.Saver, "_save", save)


def _pointer_first() -> None:
    saver = _module("hikaku.execution.saver")
    from hikaku import durable

    def save(self: Any, trial: Any, keeper: Any, lane: int, snapshot: Any) -> None:
        job, name = trial.job, f"{snapshot.update:09}.safetensors"
        content = saver.encode(snapshot, job.key, saver.here(job))
        _tell(self, job.key, snapshot, name, content)
        with suppress(OSError):
            durable.make_folder(keeper.part)
            durable.write(keeper.part / name, content)

    _set(saver.Saver, "_save", save)


def _records_twice() -> None:
    saver = _module("hikaku.execution.saver")
    resumed = saver._resumed

    def twice(trial: Any) -> Any:
        found = resumed(trial)
        if found.snapshot:
            records = found.snapshot.records
            again = replace(found.snapshot, records=records + records[-1:])
            found = replace(found, snapshot=again)
        return found

    _set(saver, "_resumed", twice)


def _unverified() -> None:
    saver = _module("hikaku.execution.saver")

    def trusted(trial: Any) -> Any:
        job = trial.job
        if not job.saved:
            return trial
        newest = job.saved[0]
        try:
            content = Path(job.keep_in, f"{job.key}.part", newest.file).read_bytes()
            text = json.loads(content.decode(errors="replace"))
            state = bytes.fromhex(text["state"])
        except (OSError, ValueError, KeyError) as error:
            raise saver.Unusable(str(error)) from error
        known = saver.Snapshot(newest.step, state, newest.records)
        return replace(trial, snapshot=known)

    _set(saver, "_resumed", trusted)


def _no_flush() -> None:
    from hikaku import durable

    def write(path: Path, content: bytes) -> None:
        new = path.with_name(f".hikaku-{os.getpid()}{durable.PART}")
        new.write_bytes(content)
        new.replace(path)

    _set(durable, "write", write)


def _deaf_worker() -> None:
    _set(_module("hikaku.execution.serve"), "_leave", lambda *_: None)


SUPERVISORS: dict[str, Callable[[], None]] = {
    "two-transactions": _two_transactions,
    "newest-file": _newest_file,
    "removed-early": _removed_early,
    "deaths-remembered": _deaths_remembered,
    "no-lock": _no_lock,
    "plan-in-pieces": _plan_in_pieces,
    "no-sweep": _no_sweep,
}
WORKERS: dict[str, Callable[[], None]] = {
    "in-place": _in_place,
    "pointer-first": _pointer_first,
    "records-twice": _records_twice,
    "unverified": _unverified,
    "no-flush": _no_flush,
    "deaf-worker": _deaf_worker,
}


def _module(name: str) -> Any:
    """Return a module by its full name: packages show functions in the place of some."""
    __import__(name)
    return sys.modules[name]


def _set(owner: Any, name: str, value: object) -> None:
    """Put a defect in the place of what stands there, which must be there."""
    if not hasattr(owner, name):
        raise AttributeError(f"{owner} has no {name}: this defect must be written anew")
    setattr(owner, name, value)


def _digest(file: Path) -> str:
    return sha256(file.read_bytes()).hexdigest()


def _tell(saver: Any, key: str, snapshot: Any, name: str, content: bytes) -> None:
    from hikaku.execution.orders import Saved
    from hikaku.record import Checkpoint

    digest = sha256(content).hexdigest()
    saver.tell(Saved(Checkpoint(key, snapshot.update, name, digest, snapshot.records)))
