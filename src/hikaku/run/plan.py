"""`plan`: what a run would train, what is there already, and why so; trains nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

from hikaku.execution.arithmetic import Arithmetic
from hikaku.execution.choose_pool import at_once, pool_for
from hikaku.execution.plan import Plan
from hikaku.run.allocate import left
from hikaku.run.choose import Chooser
from hikaku.run.identify import Identified, identify
from hikaku.run.outlook import outlook
from hikaku.run.speed import limit_of, peak_of, speeds, work_of
from hikaku.store.store import Store
from hikaku.study.budget import starting_at
from hikaku.study.equal import equalized, settled
from hikaku.study.study import BASE, Engine, Study
from hikaku.words import Message, message


def explain(study: Study, store: str, engine: Engine = "auto") -> Iterator[Message]:
    """Yield the plan in words; data is fetched and decoded where that is still to do."""
    most = at_once(study, None)
    with Store.reading(store) as kept:
        # What is not settled yet would be measured first; until then it counts as written.
        asked = equalized(study, settled(study, kept))
        study = starting_at(asked, kept.first_seed(study))
    with closing(pool_for(study, 0, lambda told: None)) as pool:
        chooser = Chooser(store, pool, most, engine)
        known = identify(study, choose=chooser)
        known = replace(known, surveys=chooser.found)
        with Store.reading(store) as kept:
            found = left(known, kept, kept.finished(known.trials), most)
            ahead = outlook(known, found, kept, most)
            rates = speeds(known, kept)
        peak = 0.0
        if found.batches and not study.outside:
            pool.grow(1)
            peak = peak_of(pool)
    yield _counts(known, ahead.trials[1], found.reused)
    for arm in known.arms:
        yield _arm(arm.name, known, found)
    for twin in known.twins.of:
        yield known.twins.why(twin)
    yield from _not_dense(known)
    for batch in found.batches:
        n, arithmetic = len(batch.trials), batch.group.arithmetic
        if n == 1:
            yield message("1 trial: {arithmetic}", arithmetic=arithmetic)
        else:
            yield message("{n} trials: {arithmetic}", n=n, arithmetic=arithmetic)
        yield batch.why
        yield from work_of(batch, rates.get(batch.group.arithmetic, 0.0), peak, most)
    yield from limit_of(found.batches, peak)
    yield from ahead.lines


def _counts(known: Identified, to_train: int, reused: int) -> Message:
    """Return how many arms, seeds and trials there are; with automatic seeds, at most."""
    study = known.study
    return message(
        "arms: {arms}; seeds: {seeds}; trials: {count}, {todo} to train, {reused} in the store",
        arms=len(study.arms),
        seeds=message("up to {n}", n=len(study.seeds)) if study.auto else len(study.seeds),
        count=message("up to {n}", n=len(known.trials)) if study.auto else len(known.trials),
        todo=message("up to {n}", n=to_train) if study.auto and to_train else to_train,
        reused=reused,
    )


def _not_dense(known: Identified) -> Iterator[Message]:
    """Say why arms on the processor are no stack, each reason once."""
    reasons: dict[Message, list[str]] = {}
    for name, survey in known.surveys.items():
        arithmetic = known.arithmetics[name]
        is_plain = isinstance(arithmetic, Arithmetic) and arithmetic.engine == "plain"
        if is_plain and survey.why_not_dense is not None and not survey.convolves:
            reasons.setdefault(survey.why_not_dense, []).append(name)
    for reason, names in reasons.items():
        yield message("not in a stack: {arms}: {why}", arms=", ".join(names), why=reason)
    base = known.arithmetics[BASE]
    for name, survey in known.surveys.items() if getattr(base, "engine", "") == "book" else ():
        if survey.not_in_book is not None and known.arithmetics[name] != base:
            yield message("not by the book: {arm}: {why}", arm=name, why=survey.not_in_book)


def _arm(name: str, known: Identified, found: Plan) -> Message:
    """Return an arm's sizes and, where that is settled, how many of its trials are to train."""
    todo = sum(trial.fingerprint == known.fingerprints[name] for _, trial in found.trials)
    sizes = None if known.study.outside else known.sizes[name]
    if known.study.auto:
        return (
            message("  {arm}", arm=name)
            if sizes is None
            else message("  {arm}: {sizes}", arm=name, sizes=sizes)
        )
    if sizes is None:
        return message("  {arm}: {todo} to train", arm=name, todo=todo)
    return message("  {arm}: {sizes}; {todo} to train", arm=name, sizes=sizes, todo=todo)
