"""`run`: from a study to stored results, training what is not trained yet, and its findings."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, replace
from typing import Protocol

from hikaku.analysis.finding import Finding
from hikaku.analysis.verdict import compare
from hikaku.errors import Fault, StudyError
from hikaku.execution.dispatch import Ended, Happening, Retried, Started, check, dispatch
from hikaku.execution.inline import Here
from hikaku.execution.job import Job
from hikaku.execution.machine import cores
from hikaku.execution.orders import Pool, Progress
from hikaku.execution.plan import Plan, plan
from hikaku.execution.workers import Workers
from hikaku.record import Results
from hikaku.run.identify import Identified, identify
from hikaku.run.keeping import Pruner, lacking
from hikaku.store.store import Store
from hikaku.study.held import whys
from hikaku.study.study import BASE, Study
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
    """What a run came to: everything that the store now says of the study, and counts of trials.

    `trained` does not count those that failed.
    """

    study: Study
    results: Results
    findings: tuple[Finding, ...]
    trained: int
    reused: int


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
        done = kept.finished(known.trials) - lacking(study, known.fingerprints, kept)
        todo = plan(known.trials, done, str(known.arithmetic), 1)
    # Workers come first: a process that is forked while the store is open would hold its lock.
    with (
        closing(_pool(known, todo, workers or cores(), watch)) as pool,
        Store.writing(store, wait=wait, notify=watch.note) as kept,
    ):
        # While this run waited, another may have trained some of it, or have forgotten some.
        lacks = _lacking(known, kept, watch)
        done = kept.finished(known.trials) - lacks
        todo = plan(known.trials, done, str(known.arithmetic), workers or cores())
        pool.grow(min(workers or cores(), len(todo.trials)))
        if todo.trials:
            watch.note(message("trying every arm on two batches ..."))
        check_arms(known, todo, pool)
        planned = kept.plan(study, known.fingerprints, known.keys, known.sources)
        for again in planned.again:
            watch.note(again.sentence)
        pruner = Pruner(study, kept.make_room() if study.keep.weights != "none" else kept.kept)
        _train(known, todo, pool, pruner, kept, watch)
        # Only now is it known which seed of an arm is best; it may be one that lacks its file.
        tried = lacks | {key for key, _ in todo.trials}
        lacks = _lacking(known, kept, watch, tried)
        if lacks:
            late = {key: known.trials[key] for key in known.trials if key in lacks}
            pool.grow(min(workers or cores(), len(late)))
            rest = plan(late, (), str(known.arithmetic), workers or cores())
            _train(known, rest, pool, pruner, kept, watch)
        return _concluded(known, kept, todo, pruner)


def _pool(known: Identified, todo: Plan, workers: int, watch: Watch) -> Pool:
    """Return worker processes, or this process where a model cannot travel to any; say so."""
    reasons = whys(arm.work.model.name for arm in known.study.arms)
    if not reasons:
        return Workers(min(workers, len(todo.trials)))
    for reason in reasons if todo.trials else ():
        watch.note(reason)
    return Here(lambda told: watch.progress(*known.names(told.key), told.step, told.steps))


def _lacking(
    known: Identified, kept: Store, watch: Watch, tried: frozenset[str] = frozenset()
) -> frozenset[str]:
    """Return the trials to train again for their weights; say so where there are any."""
    found = lacking(known.study, known.fingerprints, kept) - tried
    if found:
        watch.note(message("{n} trials again: their weights were not kept", n=len(found)))
    return found


def _train(
    known: Identified, todo: Plan, pool: Pool, pruner: Pruner, kept: Store, watch: Watch
) -> None:
    """Train these trials, and keep of each what it measured and the weights that are to stay."""
    watch.planned(known.study, todo, min(len(pool.all), len(todo.trials)))
    place = str(kept.address.files)
    keys = [key for key, _ in todo.trials]
    jobs = [replace(known.job(key), keep=known.study.keep, keep_in=place) for key in keys]
    for happening in dispatch(jobs, pool):
        _hear(happening, known, kept, watch)
        if isinstance(happening, Ended):
            measured = happening.measured
            pruner.ended(*known.names(measured.outcome.key), measured)


def _concluded(known: Identified, kept: Store, todo: Plan, pruner: Pruner) -> Ran:
    """Return what the store now says, and remember which verdicts it showed."""
    study = known.study
    results = kept.results(study, known.fingerprints)
    pruner.concluded(results)
    findings = compare(study, results)
    base = known.fingerprints[BASE]
    for finding in findings:
        if finding.is_look:
            variant = known.fingerprints[finding.variant]
            kept.look(base, variant, study.metric.judged, finding.planned)
    trained = kept.finished(key for key, _ in todo.trials)
    return Ran(study, results, findings, len(trained), todo.reused)


def check_arms(known: Identified, todo: Plan, pool: Pool) -> None:
    """Try every arm that has trials to train; raise all that is wrong at once, base first."""
    jobs: dict[str, Job] = {}
    for key, _ in todo.trials:
        jobs.setdefault(known.names(key)[0], known.job(key))
    errors = {known.names(key)[0]: error for key, error in check(list(jobs.values()), pool)}
    found: dict[str, Fault] = {}
    for arm in (arm for arm in jobs if arm in errors):
        for fault in errors[arm].faults:
            # What is wrong with base is wrong with most variants too; once is enough.
            found.setdefault(
                fault.text(),
                replace(fault, where=f"{known.study.name} ({arm}): {fault.where}".strip()),
            )
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
