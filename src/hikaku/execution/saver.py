"""How trials are saved on their way, and how they go on: the worker's side of checkpoints.

A state is a file first, whole and on the disk; only then is the supervisor told, whose store
points to it. So the store never points to what is not there, and a file to which nothing points
is nothing.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from threading import Event

from safetensors import SafetensorError

from hikaku import durable
from hikaku.execution.asked_cadence import asked_seconds
from hikaku.execution.job import Job
from hikaku.execution.machine import environment
from hikaku.execution.orders import Beat, Saved, Unsaved, Word
from hikaku.execution.plain import Prepared
from hikaku.record import Checkpoint
from hikaku.study.keep import ENDING
from hikaku.training.keeping import Keeper, told_in_words
from hikaku.training.placement import placed_snapshot
from hikaku.training.saving import Always, Cadence
from hikaku.training.snapshot import Snapshot, Unusable, decode, encode, surroundings_of

BEAT_SECONDS = 1.0
FILE_SECONDS, COPIES, BYTES_A_SECOND = 0.06, 5, 1e8
"""What saving is guessed to cost: for each file, and for optimizer and best weights as well."""


class Stopped(Exception):
    """A task was asked to end, and what it trains is saved."""


class Unwritable(Exception):
    """A state cannot be made into a file; the text says why."""


class Doubtful(Exception):
    """From these states, (state, why), no trial can go on."""

    def __init__(self, states: Sequence[tuple[Checkpoint, str]]) -> None:
        self.states = tuple(states)
        super().__init__(self.states)


def cadence(trials: Sequence[Prepared]) -> Cadence:
    """Return how often these trials are saved together, by the environment where that says so.

    Until the first save shows what one costs, that is a guess from the weights.
    """
    seconds = asked_seconds()
    if seconds is not None:
        return Always(seconds)
    weights = sum(value.nbytes for trial in trials for value in trial.state.params.values())
    return Cadence(cost=FILE_SECONDS * len(trials) + COPIES * weights / BYTES_A_SECOND)


@dataclass
class Saver:
    """Saves the trials of a stack, by lane; `spent` says what each has taken here.

    It tells that they go on, too. Once `park` is set it saves them and ends the task.
    """

    trials: Sequence[Prepared]
    keepers: Sequence[Keeper]
    tell: Callable[[Word], None]
    park: Event
    spent: Callable[[], float]
    beaten: float = field(default_factory=time.monotonic)
    unsaved: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Begin to count."""
        self.cadence = cadence(self.trials)

    def is_due(self, update: int, evaluated: bool) -> bool:
        """Return whether it pays to save after this update, or it was asked for."""
        now = time.monotonic()
        if now - self.beaten >= BEAT_SECONDS:
            self.beaten = now
            self.tell(Beat(self.trials[0].job.key, update))
        return self.park.is_set() or self.cadence.pays(evaluated)

    def save(self, snapshots: Mapping[int, Snapshot]) -> None:
        """Write a file for each lane, and tell of it."""
        began = self.cadence.clock()
        for lane, snapshot in snapshots.items():
            self._save(self.trials[lane], self.keepers[lane], lane, snapshot)
        self.cadence.saved(began)
        if self.park.is_set():
            raise Stopped

    def before(self, lane: int) -> float:
        """Return what a trial had taken when it was last interrupted, in seconds."""
        snapshot = self.trials[lane].snapshot
        return snapshot.seconds if snapshot else 0.0

    def _save(self, trial: Prepared, keeper: Keeper, lane: int, snapshot: Snapshot) -> None:
        key = trial.job.key
        if not trial.job.keep_in or key in self.unsaved:
            return
        spent = replace(snapshot, seconds=self.before(lane) + self.spent())
        try:
            self.tell(Saved(written(trial, keeper.saved(spent))))
        except Unwritable as error:
            # It trains as well without: only interrupting it would cost more.
            self.unsaved.add(key)
            self.tell(Unsaved(key, str(error)))


def written(trial: Prepared, snapshot: Snapshot) -> Checkpoint:
    """Return the checkpoint of this snapshot, whose file has reached the disk."""
    job = trial.job
    try:
        content = encode(snapshot, job.key, here(job))
    except (SafetensorError, KeyError, TypeError, ValueError, RuntimeError) as error:
        raise Unwritable(f"{type(error).__name__}: {error}") from error
    name = f"{snapshot.update:09}-{secrets.token_hex(4)}{ENDING}"
    with told_in_words(trial.keeper.place):
        durable.make_folder(trial.keeper.part)
        durable.write(trial.keeper.part / name, content)
    return Checkpoint(job.key, snapshot.update, name, sha256(content).hexdigest(), snapshot.records)


def resumed(trials: Sequence[Prepared]) -> list[Prepared]:
    """Return the trials as they go on from their newest states; new ones as they are.

    Raises `Doubtful`, with all of them, where a state is damaged, lost, or from other
    surroundings, where other bits might follow.
    """
    found, doubted = [], []
    for trial in trials:
        try:
            found.append(_resumed(trial))
        except Unusable as error:
            doubted.append((trial.job.saved[0], str(error)))
    if doubted:
        raise Doubtful(doubted)
    return found


def _resumed(trial: Prepared) -> Prepared:
    job = trial.job
    if not job.saved:
        return trial
    newest = job.saved[0]
    try:
        content = (trial.keeper.part / newest.file).read_bytes()
    except OSError as error:
        raise Unusable(error.strerror or str(error)) from error
    if sha256(content).hexdigest() != newest.digest:
        raise Unusable("its content is not what was written")
    snapshot = decode(content, job.key, here(job), trial.state, newest.records)
    return replace(trial, snapshot=placed_snapshot(snapshot, trial.program))


def here(job: Job) -> str:
    """Return where and for what a job's trial is computed, as it stands beside its state.

    Which weights are to stay is part of it: a state holds those that were, until then.
    """
    keep = job.keep if job.keep.weights != "none" else "no weights"
    return surroundings_of(environment(), f"{job.arithmetic}, {keep}")
