"""`Plan`: which trials are to be trained, in which order, by which arithmetic, and why."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from hikaku.study.trial import Trial
from hikaku.words import Message, message


@dataclass(frozen=True)
class Batch:
    """Trials that are trained alike: their keys, in order, the arithmetic, and why so."""

    trials: tuple[tuple[str, Trial], ...]
    arithmetic: str
    device: str
    why: Message


@dataclass(frozen=True)
class Plan:
    """What is left to do (`batches`) and how many of the study's trials are done already."""

    batches: tuple[Batch, ...]
    reused: int

    @property
    def trials(self) -> tuple[tuple[str, Trial], ...]:
        """Return every (key, trial) to train, in order."""
        return tuple(pair for batch in self.batches for pair in batch.trials)


def plan(trials: Mapping[str, Trial], done: Collection[str], arithmetic: str, workers: int) -> Plan:
    """Return the plan for `trials` (by key, in order), those `done` left out.

    Every trial has a process and a thread of its own; seeds stay in order and base comes first
    in each, so that a run that is stopped leaves whole pairs behind.
    """
    device = arithmetic.split(" ")[1].rstrip(",")
    todo = tuple((key, trial) for key, trial in trials.items() if key not in done)
    at_once = min(workers, max(1, len(todo)))
    ours = message(
        "one trial per process on one thread, {workers} at a time: results do not depend on the "
        "number of cores, and no trial can disturb another",
        workers=at_once,
    )
    theirs = message(
        "one trial per process, {workers} at a time: as many as the cores, GPUs and memory that "
        "[resources] asks for allow",
        workers=at_once,
    )
    why = theirs if arithmetic.startswith("outside") else ours
    batches = (Batch(todo, arithmetic, device, why),) if todo else ()
    return Plan(batches, len(trials) - len(todo))
