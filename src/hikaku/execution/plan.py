"""`Plan`: which trials are to be trained, which of them together, by which arithmetic, and why."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from hikaku.study.trial import Trial
from hikaku.words import Message, message

WIDEST = 16
"""Wider stacks ran no faster on a processor, and one that is cut off loses all of its trials."""


@dataclass(frozen=True)
class Group:
    """What decides who trains with whom: trials of equal groups may share a stack.

    `engine` is the arithmetic's, or "outside"; `mark` tells programs apart; `widths` are those of
    a chain of dense layers, for the words. A stack holds `most` trials at most.
    """

    arithmetic: str
    engine: str = "plain"
    mark: str = ""
    widths: tuple[int, ...] = ()
    most: int = WIDEST


@dataclass(frozen=True)
class Batch:
    """Trials that are trained alike: their keys, in order, and at most how many as one stack.

    `flops` are the operations of each of them, 0 where they are not known.
    """

    group: Group
    trials: tuple[tuple[str, Trial], ...]
    flops: tuple[float, ...]
    width: int
    why: Message

    @property
    def stacks(self) -> tuple[tuple[str, ...], ...]:
        """Return the keys, stack by stack."""
        keys = [key for key, _ in self.trials]
        return tuple(
            tuple(keys[begin : begin + self.width]) for begin in range(0, len(keys), self.width)
        )


@dataclass(frozen=True)
class Plan:
    """What is left to do (`batches`) and how many of the study's trials are done already."""

    batches: tuple[Batch, ...]
    reused: int

    @property
    def trials(self) -> tuple[tuple[str, Trial], ...]:
        """Return every (key, trial) to train."""
        return tuple(pair for batch in self.batches for pair in batch.trials)

    @property
    def stacks(self) -> tuple[tuple[str, ...], ...]:
        """Return the keys of every stack in the order in which they are begun.

        In the order of the study's trials, so that a run that is stopped leaves whole pairs
        behind; of those that begin with the same seed, the longest first.
        """
        found = [
            (batch.trials[begin][1].seed, -sum(batch.flops[begin : begin + batch.width]), keys)
            for batch in self.batches
            for begin, keys in zip(
                range(0, len(batch.trials), batch.width), batch.stacks, strict=True
            )
        ]
        seeds = list(dict.fromkeys(trial.seed for _, trial in self.trials))
        found.sort(key=lambda one: (seeds.index(one[0]), one[1]))
        return tuple(keys for _, _, keys in found)

    @property
    def of(self) -> dict[str, Batch]:
        """Return the batch of each trial by its key."""
        return {key: batch for batch in self.batches for key, _ in batch.trials}


def plan(
    trials: Mapping[str, Trial],
    done: Collection[str],
    group_of: Callable[[str], tuple[Group, float]],
    workers: int,
) -> Plan:
    """Return the plan for `trials` (by key, in order), those `done` left out.

    `group_of` gives a trial's group by its key, and its operations, 0 where they are not known.

    Trials of equal groups go into stacks, as wide as every worker having one allows; seeds stay
    in order and base comes first in each.
    """
    groups: dict[Group, list[tuple[str, Trial, float]]] = {}
    for key, trial in trials.items():
        if key not in done:
            group, flops = group_of(key)
            groups.setdefault(group, []).append((key, trial, flops))
    batches = tuple(_batch(group, found, workers) for group, found in groups.items())
    return Plan(batches, len(trials) - sum(len(batch.trials) for batch in batches))


def _batch(group: Group, found: Sequence[tuple[str, Trial, float]], workers: int) -> Batch:
    trials = tuple((key, trial) for key, trial, _ in found)
    flops = tuple(cost for *_, cost in found)
    at_once = min(workers, len(trials))
    stacks = group.engine not in ("plain", "outside")
    width = max(1, min(group.most, -(-len(trials) // workers))) if stacks else 1
    seeds, arms = {one.seed for _, one in trials}, {one.fingerprint for _, one in trials}
    why = WHY[group.engine](
        workers=min(workers, -(-len(trials) // width)) if stacks else at_once,
        width=width,
        seeds=len(seeds),
        arms=len(arms),
        widths="-".join(map(str, group.widths)),
    )
    return Batch(group, trials, flops, width, why)


def _outside(*, workers: int, **values: object) -> Message:
    return message(
        "one trial per process, {workers} at a time: as many as the cores, GPUs and memory that "
        "[resources] asks for allow",
        workers=workers,
    )


def _plain(*, workers: int, **values: object) -> Message:
    return message(
        "one trial per process on one thread, {workers} at a time: results do not depend on the "
        "number of cores, and no trial can disturb another",
        workers=workers,
    )


def _dense(*, widths: str, **values: object) -> Message:
    return message(
        "stacks of {arms} x {seeds} (arms x seeds): chains of dense layers {widths}, trained as "
        "one program. The arms of a seed see the same batch, so their first layer is one product "
        "of matrices. Lanes per stack: {width} at most; stacks at a time: {workers}, each on one "
        "thread; no lane changes what another computes",
        widths=widths,
        **values,
    )


def _stacked(*, widths: str, **values: object) -> Message:
    return message(
        "stacks of {arms} x {seeds} (arms x seeds): the same step under vmap, for they differ in "
        "seeds and mere numbers alone. Lanes per stack: {width} at most; stacks at a time: "
        "{workers}",
        **values,
    )


def _book(*, workers: int, **values: object) -> Message:
    return message(
        "one trial per process, {workers} at a time, by the NumPy library in float64: slow, and "
        "independent of torch in everything that learns",
        workers=workers,
    )


WHY: dict[str, Callable[..., Message]] = {
    "outside": _outside,
    "plain": _plain,
    "dense": _dense,
    "stacked": _stacked,
    "book": _book,
}
"""Why trials are trained as they are, by engine."""
