"""The worker's side: a training without torch in the place of the real one.

The fork server loads this module, which puts itself in the place of the modules that need torch.
All else of a worker is the real one: its main function, its pipe, its orders and events, and how
it saves trials and takes them up again.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from errno import ENOSPC
from pathlib import Path
from threading import Event
from types import ModuleType
from typing import Any, cast

from hikaku.durable import PART
from hikaku.errors import Paused, StoreError
from hikaku.execution.job import Job
from hikaku.execution.orders import Progress, Result, Word
from hikaku.records import Record
from hikaku.words import message
from soak import trials

STEP_SECONDS = float(os.environ.get("SOAK_STEP_SECONDS", "0.001"))


class Unusable(Exception):
    """A file is no state from which this trial could go on."""


@dataclass(frozen=True)
class Snapshot:
    """A trial between two steps."""

    update: int
    state: bytes
    records: tuple[Record, ...] = ()
    seconds: float = 0.0


@dataclass(frozen=True)
class Keeper:
    """Knows where a trial's files lie, and keeps no weights."""

    place: Path

    @property
    def part(self) -> Path:
        """Where they lie until the trial has ended."""
        return self.place.with_name(self.place.name + PART)

    def saved(self, snapshot: Snapshot) -> Snapshot:
        """Return the snapshot: there is nothing to add."""
        return snapshot


@dataclass(frozen=True)
class Prepared:
    """A trial that is ready to train."""

    job: Job
    snapshot: Snapshot | None = None
    program: None = None
    state: None = None

    @property
    def keeper(self) -> Keeper:
        """Who knows where its files lie."""
        return Keeper(Path(self.job.keep_in, self.job.key))

    @property
    def begins(self) -> Snapshot:
        """Where it starts or goes on."""
        return self.snapshot or Snapshot(0, trials.first(self.job.key))


def encode(snapshot: Snapshot, key: str, surroundings: str) -> bytes:
    """Return the content of a file of this state: no larger than it has to be."""
    text = {"key": key, "surroundings": surroundings, "update": snapshot.update}
    return json.dumps({**text, "state": snapshot.state.hex()}).encode()


def decode(
    content: bytes, key: str, surroundings: str, first: None, records: tuple[Record, ...]
) -> Snapshot:
    """Return the state that a file holds."""
    try:
        text = json.loads(content)
        snapshot = Snapshot(text["update"], bytes.fromhex(text["state"]), records)
        is_mine = (text["key"], text["surroundings"]) == (key, surroundings)
    except (ValueError, KeyError, TypeError) as error:
        raise Unusable(str(error)) from error
    if not is_mine:
        raise Unusable("another trial's")
    return snapshot


@contextmanager
def told_in_words(place: Path) -> Iterator[None]:
    """Raise what the file system says as the real one does."""
    try:
        yield
    except OSError as error:
        kind = Paused if error.errno == ENOSPC else StoreError
        raise kind.of(message("the weights cannot be kept: {error}", error=str(error))) from error


def run_together(jobs: Sequence[Job], tell: Callable[[Word], None], park: Event) -> None:
    """Make every step of these trials, which have all come as far, and save them on the way."""
    from hikaku.execution.saver import Saver, resumed

    found: Any = resumed(cast(Any, [Prepared(job) for job in jobs]))
    keepers = [trial.keeper for trial in found]
    saver = Saver(found, keepers, tell, park, lambda: 0.0)
    lanes: dict[int, Snapshot] = {n: trial.begins for n, trial in enumerate(found)}
    while lanes:
        time.sleep(STEP_SECONDS)
        lanes = {lane: _step(jobs[lane].key, now) for lane, now in lanes.items()}
        for lane in [lane for lane, now in lanes.items() if _has_ended(jobs[lane].key, now)]:
            now = lanes.pop(lane)
            tell(Result(trials.measured(jobs[lane].key, now.records, now.update, now.state)))
        update = next((now.update for now in lanes.values()), 0)
        is_read = update % trials.EVERY == 0
        for lane in lanes if is_read else ():
            tell(Progress(jobs[lane].key, update, trials.STEPS))
        if lanes and saver.is_due(update, is_read):
            saver.save(lanes)  # type: ignore[arg-type]


def _step(key: str, now: Snapshot) -> Snapshot:
    update = now.update + 1
    state = trials.step(key, update, now.state)
    return Snapshot(update, state, now.records + trials.records(key, update, state))


def _has_ended(key: str, now: Snapshot) -> bool:
    if now.update < trials.last(key):
        return False
    if trials.status(key) == "failed":
        raise trials.Refuses(key)
    return True


def _nothing(*_: object) -> None:
    return None


def _module(name: str, **holds: object) -> None:
    module = ModuleType(f"hikaku.{name}")
    vars(module).update(holds)
    sys.modules[module.__name__] = module


def install() -> None:
    """Put all of it in the place of what needs torch."""
    _module("execution.plain", prepare_process=_nothing, Prepared=Prepared)
    _module("execution.together", run_together=run_together)
    _module("execution.dry", dry_run=_nothing)
    for name in ("survey", "gauge", "own_data"):
        _module(f"execution.{name}")
    _module("execution.device", explained=_nothing)
    _module("training.keeping", Keeper=Keeper, told_in_words=told_in_words)
    _module("training.placement", placed_snapshot=lambda snapshot, _: snapshot)
    _module(
        "training.snapshot",
        Snapshot=Snapshot,
        Unusable=Unusable,
        encode=encode,
        decode=decode,
        surroundings_of=lambda environment, arithmetic: f"{environment}, {arithmetic}",
    )


install()

import hikaku.execution.saver  # noqa: E402 - what a worker needs is there when it is forked
import hikaku.execution.serve  # noqa: E402, F401 - as it is in earnest
from soak import bugs  # noqa: E402 - a defect is put into what stands now

bugs.install_in_workers(os.environ.get("SOAK_BUG", ""))
