"""`plan`: what a run would train, what is there already, and why so; trains nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any

from hikaku.errors import StudyError
from hikaku.execution.arithmetic import Arithmetic
from hikaku.execution.choose_pool import at_once, pool_for
from hikaku.execution.plan import Batch, Plan
from hikaku.run.allocate import left, measured
from hikaku.run.choose import Chooser, why_precision
from hikaku.run.disk import room, room_text
from hikaku.run.foretell import too_little
from hikaku.run.identify import Identified, identify
from hikaku.run.outlook import Outlook, outlook
from hikaku.run.seeds import first_seed
from hikaku.run.sizes import duration
from hikaku.run.speed import limit_of, minutes_of_all, peak_of, rate_of, speeds, work_of
from hikaku.store.reader import Bill
from hikaku.store.store import Store
from hikaku.study.budget import starting_at
from hikaku.study.equal import equalized, settled
from hikaku.study.study import BASE, Engine, Study
from hikaku.words import Message, message

MANY = 1000
"""More trials than this are trained by `--yes` only."""


@dataclass(frozen=True)
class Ahead:
    """What a run would do: the trials, the plan for them, and by what it is told how long it takes.

    `rates` are the operations a second that were measured, by arithmetic, `peak` the machine's.
    """

    known: Identified
    plan: Plan
    outlook: Outlook
    rates: Mapping[str, float]
    peak: float
    workers: int
    bill: Bill

    def work_of(self, batch: Batch) -> Iterator[Message]:
        """Yield how much work a batch is."""
        return work_of(batch, rate_of(batch, self.rates), self.peak, self.workers)

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON writes it: in English, None where there is no number."""
        found, (fewest, most) = self.outlook, self.outlook.trials
        budget = self.known.study.budget
        return {
            "format": 1,
            "study": self.known.study.name,
            "arms": [
                {"name": arm.name, "missing": _missing(arm.name, self.known, self.plan)}
                for arm in self.known.arms
            ],
            "trials": {"fewest": fewest, "most": most, "reused": self.plan.reused},
            "minutes": {"fewest": found.minutes[0], "most": found.minutes[1]}
            if found.minutes
            else None,
            "workers": self.workers,
            "bytes": room(self.known, self.plan),
            "budget": {
                "trials": budget.trials,
                "minutes": budget.minutes,
                "trials_spent": self.bill.trials,
                "minutes_spent": self.bill.seconds / 60,
            },
            "lines": [str(line) for line in _told(self)],
        }


def look_ahead(study: Study, store: str, engine: Engine = "auto", *, fresh: bool = False) -> Ahead:
    """Return what a run would do, one with `--fresh` where that is asked.

    Data is fetched and decoded where that is still to do.
    """
    most = at_once(study, None)
    with Store.reading(store) as kept:
        # What is not settled yet would be measured first; until then it counts as written.
        asked = equalized(study, settled(study, kept))
        study = starting_at(asked, first_seed(study, kept, fresh=fresh))
    with closing(pool_for(study, 0, lambda told: None)) as pool:
        chooser = Chooser(store, pool, most, engine)
        known = identify(study, choose=chooser)
        known = replace(known, surveys=chooser.found)
        with Store.reading(store) as kept:
            there = measured(known, kept)
            found = left(known, there, kept.finished(known.trials), most)
            rates, bill = speeds(known, kept), kept.bill(known.study)
        warned = too_little(known, found, there, bill)
        peak = 0.0
        if found.batches and not study.outside:
            pool.grow(1)
            peak = peak_of(pool)
    by_operations = minutes_of_all(found, rates, peak, most)
    ahead = outlook(known.study, found, there, bill, most, by_operations)
    ahead = replace(ahead, lines=(*ahead.lines, *warned))
    return Ahead(known, found, ahead, rates, peak, most, bill)


def explain(
    study: Study, store: str, engine: Engine = "auto", *, fresh: bool = False
) -> Iterator[Message]:
    """Yield the plan in words; as for `look_ahead`."""
    yield from _told(look_ahead(study, store, engine, fresh=fresh))


def _told(ahead: Ahead) -> Iterator[Message]:
    """Yield the plan in words."""
    known, found = ahead.known, ahead.plan
    yield _counts(known, ahead.outlook.trials[1], found.reused)
    for arm in known.arms:
        yield _arm(arm.name, known, found)
    for twin in known.twins.of:
        yield known.twins.why(twin)
    yield from why_precision(known)
    yield from _not_dense(known)
    batches = found.batches if ahead.outlook.trials[1] else ()  # none where the budget is spent
    for batch in batches:
        n, arithmetic = len(batch.trials), batch.group.arithmetic
        if n == 1:
            yield message("1 trial: {arithmetic}", arithmetic=arithmetic)
        else:
            yield message("{n} trials: {arithmetic}", n=n, arithmetic=arithmetic)
        yield batch.why
        yield from ahead.work_of(batch)
    yield from limit_of(batches, ahead.peak)
    if batches:
        yield message("about {room} on the disk", room=room_text(room(known, found)))
    yield from ahead.outlook.lines


def check_many(study: Study, store: str, engine: Engine = "auto", *, fresh: bool = False) -> None:
    """Raise `StudyError` where a run would train more than `MANY` trials: say what they take."""
    if len(study.arms) * len(study.seeds) <= MANY:
        return
    ahead = look_ahead(study, store, engine, fresh=fresh)
    count = ahead.outlook.trials[1]
    if count > MANY:
        raise StudyError.of(
            message("this trains up to {n:,} trials", n=count),
            why=message(
                "they take {time} with {workers} at a time, and about {room} on the disk",
                time=duration(ahead.outlook.minutes[1])
                if ahead.outlook.minutes
                else message("nobody knows how long"),
                workers=ahead.workers,
                room=room_text(room(ahead.known, ahead.plan)),
            ),
            mend=message(
                "write --yes where you mean it; `hikaku plan` says more, and [budget] ends it"
            ),
        )


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


def _missing(name: str, known: Identified, found: Plan) -> int:
    """Return how many trials of an arm are not in the store and may be trained."""
    return sum(trial.fingerprint == known.fingerprints[name] for _, trial in found.trials)


def _arm(name: str, known: Identified, found: Plan) -> Message:
    """Return an arm's sizes and, where that is settled, how many of its trials are to train."""
    todo = _missing(name, known, found)
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
