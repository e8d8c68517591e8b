"""The data of a study's arms: fetched, decoded, divided for trial, and its sizes counted."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from hikaku.data import cache
from hikaku.data.split import Sizes, faults, measure, split
from hikaku.data.task import Task
from hikaku.errors import DataError, Fault, StudyError
from hikaku.execution.loading import decoded
from hikaku.study.recipe import Use
from hikaku.study.study import Data, Study, trained
from hikaku.words import Message, message


class Notes(Protocol):
    """Somebody who hears what is worth a line."""

    def note(self, what: Message) -> None:
        """Hear it."""
        ...


@dataclass(frozen=True)
class Gathered:
    """Where each data set of a study lies decoded, its fingerprint, and the sizes by arm.

    Those of `grouped` are split by whole groups.
    """

    tasks: Mapping[Use, str]
    fingerprints: Mapping[Use, str]
    sizes: Mapping[str, Sizes]
    grouped: frozenset[Use]


def gather(study: Study, watch: Notes | None = None) -> Gathered:
    """Return the data of every arm; fetches and decodes where that is to do.

    `watch` hears how a download goes on. Raises `DataError`, with the faults of every arm, where
    data cannot be had or a split does not add up.
    """
    arms = {arm.name: trained(arm.work).data for arm in study.arms}
    uses = dict.fromkeys(data.use for data in arms.values())
    fetching = progress(watch, fetched) if watch else None
    reading = progress(watch, read) if watch else None
    tasks = {use: decoded(use, study.folder, fetching, reading) for use in uses}
    opened = {use: cache.open_task(folder) for use, folder in tasks.items()}
    _check_splits(study, opened)
    if watch:
        for note in (note for task in opened.values() for note in task.notes):
            watch.note(message("data: {note}", note=note))
    sizes = {name: measure(opened[data.use], data) for name, data in arms.items()}
    _check_metric(study, sizes)
    return Gathered(
        {use: str(folder) for use, folder in tasks.items()},
        {use: task.fingerprint for use, task in opened.items()},
        sizes,
        frozenset(use for use, task in opened.items() if task.groups is not None),
    )


def _check_splits(study: Study, opened: Mapping[Use, Task]) -> None:
    """Raise everything that is wrong with the split of any arm, under any seed, at once."""
    found: dict[str, Fault] = {}
    # Most arms share one split: each is tried once, under the name of the first arm that has it.
    arms: dict[Data, str] = {}
    for arm in study.arms:
        arms.setdefault(trained(arm.work).data, arm.name)
    for data, name in arms.items():
        task = opened[data.use]
        wrong = list(faults(task, data))
        for seed in study.seeds if not wrong else ():
            try:
                split(task, data, seed)
            except DataError as error:
                wrong += error.faults
                break
        for fault in wrong:
            found.setdefault(fault.text(), replace(fault, where=f"{study.name} ({name}):"))
    DataError.gather(found.values())


def fetched(file: str, done: int, total: int) -> Message:
    """Return how far a file has come, in MiB."""
    return message(
        "fetching {file}: {done} of {total} MiB",
        file=file,
        done=f"{done / 2**20:.1f}",
        total=f"{total / 2**20:.1f}",
    )


def read(name: str, done: int, total: int) -> Message:
    """Return how many samples of a data set are decoded."""
    if not total:
        return message("reading {name} ...", name=name)
    return message("reading {name}: {done:,} of {total:,}", name=name, done=done, total=total)


def progress(
    watch: Notes, said: Callable[[str, int, int], Message], every_seconds: float = 2.0
) -> Callable[[str, int, int], None]:
    """Return what tells `watch` about something that goes on, now and then."""
    told: dict[str, float] = {}

    def tell(name: str, done: int, total: int) -> None:
        now = time.monotonic()
        if done >= total or now - told.get(name, 0.0) >= every_seconds:
            told[name] = now
            watch.note(said(name, done, total))

    return tell


def _check_metric(study: Study, sizes: Mapping[str, Sizes]) -> None:
    """Raise where the judged figure needs a validation split and an arm has none."""
    needs = study.metric.split == "validation" or study.metric.of == "best"
    empty = [name for name, size in sizes.items() if not size.validation]
    if needs and empty:
        raise StudyError.of(
            message("metric: {metric} needs a validation split", metric=study.metric),
            why=message("these arms have none: {arms}", arms=", ".join(empty)),
            mend=message("raise data.validation, or judge another figure"),
        )
