"""Which trials a study consists of: their keys, and what a worker needs to train them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from hikaku.data import cache
from hikaku.data.split import Sizes, faults, measure, split
from hikaku.data.task import Task
from hikaku.errors import DataError, Fault, StudyError
from hikaku.execution.arithmetic import Arithmetic
from hikaku.execution.choice import choose
from hikaku.execution.job import Job
from hikaku.execution.loading import decoded
from hikaku.study.recipe import Use
from hikaku.study.sources import evaluation_fingerprint, files_of, fingerprints
from hikaku.study.study import Data, Study
from hikaku.study.trial import Trial, trial_key, trials
from hikaku.words import Message, message


class Notes(Protocol):
    """Somebody who hears what is worth a line."""

    def note(self, what: Message) -> None:
        """Hear it."""
        ...


@dataclass(frozen=True)
class Identified:
    """A study's trials under their keys, and what a worker needs to know of each."""

    study: Study
    fingerprints: Mapping[str, str]
    trials: Mapping[str, Trial]
    tasks: Mapping[Use, str]
    sizes: Mapping[str, Sizes]
    data: Mapping[Use, str]
    files: Mapping[str, dict[str, str]]
    extra: tuple[str, ...]
    arithmetic: Arithmetic

    @property
    def sources(self) -> dict[str, dict[str, str]]:
        """Return what each arm's results depend on beyond the study's text, by arm name."""
        return {
            arm.name: {arm.work.data.use.name: self.data[arm.work.data.use]} | self.files[arm.name]
            for arm in self.study.arms
        }

    @property
    def keys(self) -> dict[tuple[str, int], str]:
        """Return the key of each (arm fingerprint, seed)."""
        return {(trial.fingerprint, trial.seed): key for key, trial in self.trials.items()}

    def names(self, key: str) -> tuple[str, int]:
        """Return the first arm, and the seed, that this trial stands for."""
        trial = self.trials[key]
        arm = next(n for n, given in self.fingerprints.items() if given == trial.fingerprint)
        return arm, trial.seed

    def job(self, key: str) -> Job:
        """Return what a worker needs to train this trial."""
        trial, (arm, _) = self.trials[key], self.names(key)
        return Job(
            key=key,
            work=trial.work,
            seed=trial.seed,
            task=self.tasks[trial.work.data.use],
            folder=self.study.folder,
            extra=self.extra,
            files=tuple(sorted(self.files[arm].items())),
            arithmetic=self.arithmetic,
        )


def identify(study: Study, watch: Notes | None = None) -> Identified:
    """Return the study's trials under their keys; fetches and decodes data where that is to do.

    `watch` hears how a download goes on. Raises `DataError`, with the faults of every arm, where
    data cannot be had or a split does not add up.
    """
    uses = dict.fromkeys(arm.work.data.use for arm in study.arms)
    fetching = progress(watch, fetched) if watch else None
    reading = progress(watch, read) if watch else None
    tasks = {use: decoded(use, study.folder, fetching, reading) for use in uses}
    opened = {use: cache.open_task(folder) for use, folder in tasks.items()}
    _check_splits(study, opened)
    if watch:
        for note in (note for task in opened.values() for note in task.notes):
            watch.note(message("data: {note}", note=note))
    sizes = {arm.name: measure(opened[arm.work.data.use], arm.work.data) for arm in study.arms}
    _check_metric(study, sizes)
    arithmetic = choose(study.device)
    marks, evaluation = fingerprints(study), evaluation_fingerprint(study)
    data = {use: task.fingerprint for use, task in opened.items()}
    keyed = {
        trial_key(trial, data[trial.work.data.use], evaluation, str(arithmetic)): trial
        for trial in trials(study, marks)
    }
    return Identified(
        study=study,
        fingerprints=marks,
        trials=keyed,
        tasks={use: str(folder) for use, folder in tasks.items()},
        sizes=sizes,
        data=data,
        files={arm.name: files_of(arm.work, study.folder, study.metric.name) for arm in study.arms},
        extra=(study.metric.name,) if evaluation else (),
        arithmetic=arithmetic,
    )


def _check_splits(study: Study, opened: Mapping[Use, Task]) -> None:
    """Raise everything that is wrong with the split of any arm, under any seed, at once."""
    found: dict[str, Fault] = {}
    # Most arms share one split: each is tried once, under the name of the first arm that has it.
    arms: dict[Data, str] = {}
    for arm in study.arms:
        arms.setdefault(arm.work.data, arm.name)
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
