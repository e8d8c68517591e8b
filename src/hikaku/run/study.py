"""`run`: from a study to stored results, training what is not trained yet, and its findings."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Protocol

from hikaku.analysis.finding import Finding
from hikaku.analysis.verdict import compare
from hikaku.data import builtin, cache
from hikaku.data.split import Sizes, measure
from hikaku.data.task import Task
from hikaku.errors import Fault, StudyError
from hikaku.execution.arithmetic import Arithmetic
from hikaku.execution.dispatch import Ended, Happening, Retried, Started, check, dispatch
from hikaku.execution.job import Job
from hikaku.execution.machine import cores
from hikaku.execution.plan import Plan, plan
from hikaku.execution.workers import Progress, Workers
from hikaku.record import Results
from hikaku.store.store import Store
from hikaku.study.catalogue import is_file_reference
from hikaku.study.sources import evaluation_fingerprint, fingerprints, local_sources
from hikaku.study.study import BASE, Arm, Study
from hikaku.study.trial import Trial, trial_key, trials
from hikaku.words import Message, message


class Watch(Protocol):
    """Somebody who looks on while a study runs; none of it changes what happens."""

    def planned(self, study: Study, plan: Plan, workers: int) -> None:
        """Hear what is going to be trained, and by how many workers."""
        ...

    def progress(self, arm: str, seed: int, step: int, steps: int) -> None:
        """Hear that a trial has begun (step 0) or come this far."""
        ...

    def ended(self, arm: str, seed: int, status: str) -> None:
        """Hear that a trial has ended: done, diverged or failed."""
        ...

    def note(self, what: Message) -> None:
        """Hear something that is worth a line."""
        ...

    def tick(self) -> None:
        """Hear that nothing has happened for a moment."""
        ...


@dataclass(frozen=True)
class Ran:
    """What a run came to: counts of trials, and everything that the store now says of the study."""

    study: Study
    results: Results
    findings: tuple[Finding, ...]
    trained: int
    reused: int


@dataclass(frozen=True)
class Identified:
    """A study's trials under their keys, and what a worker needs to know of each."""

    study: Study
    fingerprints: Mapping[str, str]
    trials: Mapping[str, Trial]
    tasks: Mapping[str, str]
    sizes: Mapping[str, Sizes]
    sources: Mapping[str, Mapping[str, str]]
    extra: tuple[str, ...]

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
        trial = self.trials[key]
        return Job(
            key=key,
            work=trial.work,
            seed=trial.seed,
            task=self.tasks[trial.work.data.use.name],
            folder=self.study.folder,
            extra=self.extra,
        )


def identify(study: Study, watch: Watch | None = None) -> Identified:
    """Return the study's trials under their keys; fetches and decodes data where that is to do.

    `watch` hears how a download goes on.

    Raises `DataError` where data cannot be had, or where a split does not add up.
    """
    names = dict.fromkeys(arm.work.data.use.name for arm in study.arms)
    progress = _download(watch) if watch else None
    tasks = {name: cache.prepare(builtin.find(name), progress) for name in names}
    opened = {name: cache.open_task(folder) for name, folder in tasks.items()}
    sizes = {arm.name: measure(opened[arm.work.data.use.name], arm.work.data) for arm in study.arms}
    _check_metric(study, sizes)
    marks, evaluation = fingerprints(study), evaluation_fingerprint(study)
    keyed = {
        trial_key(
            trial, opened[trial.work.data.use.name].fingerprint, evaluation, str(Arithmetic())
        ): trial
        for trial in trials(study, marks)
    }
    extra = (study.metric.name,) if evaluation else ()
    return Identified(
        study,
        marks,
        keyed,
        {name: str(folder) for name, folder in tasks.items()},
        sizes,
        {arm.name: _sources(arm, study, opened) for arm in study.arms},
        extra,
    )


def _download(watch: Watch, every_seconds: float = 2.0) -> Callable[[str, int, int], None]:
    """Return what tells `watch` about a file that is being fetched, now and then."""
    told: dict[str, float] = {}

    def progress(file: str, done: int, total: int) -> None:
        now = time.monotonic()
        if now - told.get(file, 0.0) < every_seconds and done < total:
            return
        told[file] = now
        watch.note(
            message(
                "fetching {file}: {done} of {total} MiB",
                file=file,
                done=f"{done / 2**20:.1f}",
                total=f"{total / 2**20:.1f}",
            )
        )

    return progress


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


def _sources(arm: Arm, study: Study, opened: Mapping[str, Task]) -> dict[str, str]:
    """Return what an arm's results depend on beyond the study's text: data, and files by name."""
    data = arm.work.data.use.name
    names = [use.name for _, use in arm.work.recipe.uses()] + [study.metric.name]
    files = sorted({name.rpartition(":")[0] for name in names if is_file_reference(name)})
    return {data: opened[data].fingerprint} | local_sources(files, study.folder)


def run(
    study: Study, store: str, watch: Watch, *, workers: int | None = None, wait: bool = True
) -> Ran:
    """Train every trial of the study that the store does not hold, and return what it all says.

    `workers` is the number of processes, one per core by default. With `wait`, a store that
    another run is writing to is waited for; without, `StoreBusy` is raised. Whatever interrupts
    it, finished trials stay in the store. Raises `StudyError` before anything trains where an
    arm cannot be built.
    """
    known = identify(study, watch)
    with Store.reading(store) as kept:
        todo = plan(known.trials, kept.finished(known.trials), str(Arithmetic()), 1)
    count = min(workers or cores(), len(todo.trials))
    # Workers come first: a process that is forked while the store is open would hold its lock.
    with closing(Workers(count)) as pool:
        if todo.trials:
            check_arms(known, todo, pool)
        with Store.writing(store, wait=wait, notify=watch.note) as kept:
            planned = kept.plan(study, known.fingerprints, known.keys, known.sources)
            for again in planned.again:
                watch.note(again.sentence)
            todo = plan(known.trials, planned.finished, str(Arithmetic()), count)
            watch.planned(study, todo, count)
            for happening in dispatch([known.job(key) for key, _ in todo.trials], pool):
                _hear(happening, known, kept, watch)
            return _concluded(known, kept, todo)


def _concluded(known: Identified, kept: Store, todo: Plan) -> Ran:
    """Return what the store now says, and remember which verdicts it showed."""
    study = known.study
    results = kept.results(study, known.fingerprints)
    findings = compare(study, results)
    base = known.fingerprints[BASE]
    for finding in findings:
        if finding.is_look:
            variant = known.fingerprints[finding.variant]
            kept.look(base, variant, str(study.metric), finding.planned)
    return Ran(study, results, findings, len(todo.trials), todo.reused)


def check_arms(known: Identified, todo: Plan, pool: Workers) -> None:
    """Try to build every arm that has trials to train; raise all that is wrong at once."""
    jobs = {known.names(key)[0]: known.job(key) for key, _ in reversed(todo.trials)}
    found: dict[str, Fault] = {}
    for key, fault in check(list(jobs.values()), pool):
        arm, _ = known.names(key)
        # What is wrong with base is wrong with most variants too; once is enough.
        found.setdefault(fault.text(), replace(fault, where=f"{known.study.name} ({arm}):"))
    StudyError.gather(found.values())


def _hear(happening: Happening, known: Identified, kept: Store, watch: Watch) -> None:
    if isinstance(happening, Started):
        watch.progress(*known.names(happening.key), 0, 1)
    elif isinstance(happening, Progress):
        watch.progress(*known.names(happening.key), happening.step, happening.steps)
    elif isinstance(happening, Retried):
        arm, seed = known.names(happening.key)
        watch.note(
            message(
                "{arm}, seed {seed}: {reason}; it is tried again",
                arm=arm,
                seed=seed,
                reason=happening.reason,
            )
        )
    elif isinstance(happening, Ended):
        outcome = happening.measured.outcome
        arm, seed = known.names(outcome.key)
        kept.add(happening.measured)
        watch.ended(arm, seed, outcome.status)
        if outcome.status == "failed":
            watch.note(
                message(
                    "{arm}, seed {seed} failed: {error}", arm=arm, seed=seed, error=outcome.error
                )
            )
    else:
        watch.tick()
