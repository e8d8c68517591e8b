"""Many trials in this process as one program: from their jobs to what each measured."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from threading import Event

import torch
from threadpoolctl import threadpool_limits

from hikaku.errors import EnvironmentFault, StudyError
from hikaku.execution.arithmetic import THREADS
from hikaku.execution.book.engine import BookStack
from hikaku.execution.dense.engine import DenseStack
from hikaku.execution.ground import Ground, ground_of
from hikaku.execution.job import Job
from hikaku.execution.lifted import Lifted
from hikaku.execution.memory import peak_memory_mib, reset_peak_memory
from hikaku.execution.memory_fit import fitted
from hikaku.execution.orders import Progress, Result, Word
from hikaku.execution.plain import Prepared, measured, prepared
from hikaku.execution.saver import Doubtful, Saver, resumed
from hikaku.execution.unchanged import check_files
from hikaku.training.chain import EVERY, ON_ROWS, Chain
from hikaku.training.edited import Models, edits, is_of_the_house
from hikaku.training.evaluate import CHUNK
from hikaku.training.flops import scaled, sizes_of, update_flops
from hikaku.training.keeping import Keeper
from hikaku.training.loop import train
from hikaku.training.memory_format import rows
from hikaku.training.outside_random import generators, outside_random, outside_seed
from hikaku.training.recognise import LOOKED_AT, chain_of
from hikaku.training.rehearsal import rehearsed
from hikaku.training.saving import NEVER, Renumbered, Saving
from hikaku.training.stack import Evaluated, Start, Trained
from hikaku.words import Message, message

Tell = Callable[[Word], None]


def run_together(jobs: Sequence[Job], tell: Tell, park: Event | None = None) -> None:
    """Train these jobs as one stack; `tell` hears how they go on, and what each measured.

    They are such as the planner puts together; those that were interrupted go on where they were
    saved, all after as many updates. Raises `Paused` where a file of the user's is no longer the
    one that the keys were made from, `Doubtful` where a saved state is of no use, and `Stopped`
    as soon as they are saved after `park` was set.
    """
    clock = Clock(len(jobs))
    reset_peak_memory()
    for job in jobs:
        check_files(job)
    trials = resumed(list(prepared_together(jobs)))
    flops = Flops()
    with ExitStack() as open_ones:
        keepers = [open_ones.enter_context(trial.keeper) for trial in trials]
        saver = Saver(trials, keepers, tell, park or Event(), clock.until_now)
        for lane, trained in trained_together(trials, hearing(trials, keepers, tell), None, saver):
            check_files(jobs[lane])
            keepers[lane].finish(trained)
            seconds = saver.before(lane) + clock.ended()
            cost = {"seconds": seconds, "peak_mib": peak_memory_mib()}
            cost |= {"stack": float(len(jobs))} if len(jobs) > 1 else {}
            cost |= flops.of(trials[lane], trained.step)
            tell(Result(measured(trials[lane], trained, cost)))


def trained_together(
    trials: list[Prepared],
    hear: Callable[[int, Evaluated], None],
    limit: int | None = None,
    saving: Saving = NEVER,
) -> Iterator[tuple[int, Trained]]:
    """Yield what each trial left, by its number, as they end; the others are as for `train`.

    Where memory gave out, `trials` say afterwards by which arithmetic they were really computed.
    """
    if trials[0].job.arithmetic.engine == "plain":
        (trial,) = trials
        yield 0, trial.train(partial(hear, 0), limit, saving)
        return
    with outside_random(outside_seed(trials[0].job.seed, "outside")):
        before = generators()
        for lane, trained in _trained(trials, hear, limit, saving):
            if generators() != before:
                raise draws_of_its_own()
            probable = trials[lane].program.habits.probabilities
            yield lane, replace(trained, noticed=("softmax",) if probable else ())


def _trained(
    trials: list[Prepared],
    hear: Callable[[int, Evaluated], None],
    limit: int | None,
    saving: Saving,
) -> Iterator[tuple[int, Trained]]:
    starts = [trial.start for trial in trials]
    if trials[0].job.arithmetic.engine == "dense":
        yield from train(dense_stack(trials), starts, hear, limit, saving)
        return
    if trials[0].job.arithmetic.engine == "book":
        with threadpool_limits(THREADS, "blas"):
            book = BookStack(starts[0], chain_in(trials[0]))
            yield from train(book, starts, hear, limit, saving)
        return
    places = {id(start): place for place, start in enumerate(starts)}

    def lifted(some: Sequence[Start], width: int | None) -> Iterator[tuple[int, Trained]]:
        own = [places[id(start)] for start in some]
        refuse_half(trials, own, width)
        for start in some:
            place = places[id(start)]
            trials[place] = narrowed(trials[place], width)

        def told(lane: int, seen: Evaluated) -> None:
            hear(own[lane], seen)

        return train(Lifted(some, width), some, told, limit, Renumbered(saving, own))

    yield from fitted(lifted, starts, trials[0].job.arithmetic.width or None)


def refuse_half(trials: Sequence[Prepared], places: Sequence[int], width: int | None) -> None:
    """Raise `Doubtful` where trials that go on would do so by another width: they begin again."""
    job = trials[places[0]].job
    if job.saved and (width or 0) != job.arithmetic.width:
        states = [(trials[place].job.saved[0], "memory gave out") for place in places]
        raise Doubtful(states)


def narrowed(trial: Prepared, width: int | None) -> Prepared:
    """Return a trial that is computed in stacks of this width."""
    arithmetic = replace(trial.job.arithmetic, width=width or 0)
    return replace(trial, job=replace(trial.job, arithmetic=arithmetic))


def draws_of_its_own() -> StudyError:
    """Return the error of a stack in which something draws from a global generator.

    What it draws would hang on who shares the stack.
    """
    return StudyError.of(
        message("something draws random numbers of its own after the first update"),
        why=message("in a stack of trials they would hang on its company"),
        mend=message("draw from `moment.draws`, or write --engine plain"),
    )


def dense_stack(trials: Sequence[Prepared]) -> DenseStack:
    """Return the stack of these trials. Raises `EnvironmentFault` where one is no chain."""
    starts = [trial.start for trial in trials]
    chains: dict[object, Chain] = {}
    for trial in trials:
        if kind_of(trial.job) not in chains:
            chains[kind_of(trial.job)] = chain_in(trial)
    own = [chains[kind_of(trial.job)] for trial in trials]
    return DenseStack(starts, own, sparse=trials[0].job.arithmetic.sparse)


def kind_of(job: Job) -> object:
    """Return what jobs have in common that do the same but for seeds and mere numbers."""
    return job.kind or job.work


_chains: dict[tuple[object, ...], Chain] = {}
"""Chains of our own models by all that they hang on; no code of the user's was there meanwhile."""


def chain_in(trial: Prepared) -> Chain:
    """Return the chain of layers that a trial's model is, of those that its engine has.

    What was found for a kind of our own models holds for all of them that this process meets; but
    not where code of the user's runs beside it, which may change whatever it likes.
    """
    job = trial.job
    count = min(LOOKED_AT, job.work.recipe.batch_size, len(trial.material.train.y))
    sample = rows(trial.material.train.x, torch.arange(count))
    sizes = sizes_of(job.work.recipe, trial.ground.samples, CHUNK)
    what = (kind_of(job), edits(job.work), job.task, job.arithmetic, count, sizes)
    known = _chains if is_of_the_house(job.work) and not job.files else {}
    if what in known:
        return known[what]
    kinds = EVERY if job.arithmetic.engine == "book" else ON_ROWS
    found = chain_of(trial.program, trial.state, sample, sizes, kinds)
    if not isinstance(found, Chain):
        raise not_taken(trial, found.why)
    known[what] = found
    return found


def not_taken(trial: Prepared, why: Message) -> EnvironmentFault:
    """Return the error of an engine that cannot take a trial."""
    return EnvironmentFault.of(
        message("the {engine} engine cannot take this arm", engine=trial.job.arithmetic.engine),
        why=why,
        mend=message("leave the choice to hikaku, or write --engine plain"),
    )


def prepared_together(jobs: Sequence[Job], few: int | None = None) -> Iterator[Prepared]:
    """Yield the jobs' trials, those of one seed on the same data on one ground.

    Each split is cut to `few` samples where given.
    """
    grounds: dict[tuple[object, ...], tuple[Ground, Models]] = {}
    seen: dict[object, Prepared] = {}
    for job in jobs:
        place = (job.task, job.work.data, job.seed)
        if place not in grounds:
            grounds[place] = ground_of(job, few), Models()
        ground, known = grounds[place]
        trial = prepared(job, ground=ground, known=known if len(jobs) > 1 else None)
        if job.arithmetic.engine == "stacked":
            # What a rehearsal finds is the arm's, whatever the seed.
            kind = kind_of(job)
            if kind not in seen:
                seen[kind] = _rehearsed(trial)
            model = seen[kind].program
            program = replace(trial.program, calling=model.calling, habits=model.habits)
            trial = replace(trial, program=program)
        yield trial


def _rehearsed(trial: Prepared) -> Prepared:
    given = (trial.program, trial.state, trial.material.data, trial.job.work.recipe.batch_size)
    return replace(trial, program=rehearsed(*given))


def hearing(
    trials: Sequence[Prepared], keepers: Sequence[Keeper], tell: Tell
) -> Callable[[int, Evaluated], None]:
    """Return what hears an evaluation: it keeps weights, and tells how far the trial has come."""

    def hear(lane: int, seen: Evaluated) -> None:
        keepers[lane].hear(seen)
        trial = trials[lane]
        per_epoch = trial.size.steps_per_epoch
        tell(Progress(trial.job.key, seen.update, seen.updates, seen.scores, per_epoch))

    return hear


class Clock:
    """Shares the seconds of a stack among its trials: those that run together share alike."""

    def __init__(self, lanes: int) -> None:
        self.lanes, self.each, self.since = lanes, 0.0, time.perf_counter()

    def until_now(self) -> float:
        """Return the seconds of each trial that has not ended."""
        return self.each + (time.perf_counter() - self.since) / max(1, self.lanes)

    def ended(self) -> float:
        """Return the seconds of a trial that has just ended."""
        self.each, self.since = self.until_now(), time.perf_counter()
        self.lanes -= 1
        return self.each


class Flops:
    """The operations of an update by arm: the same for every seed, so they are counted once."""

    def __init__(self) -> None:
        self.known: dict[object, float | None] = {}

    def of(self, trial: Prepared, steps: int) -> dict[str, float]:
        """Return the "flops" of a trial's first updates; nothing where they cannot be counted."""
        work, data, kind = trial.job.work, trial.material.data, kind_of(trial.job)
        if kind not in self.known:
            self.known[kind] = update_flops(trial.program, trial.state, data, work.recipe)
        whole = self.known[kind]
        if whole is None:
            return {}
        return {"flops": scaled(whole, trial.program.facts, work.recipe, len(data[1]), steps)}
