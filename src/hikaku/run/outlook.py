"""What a run will probably take: seeds, trials and minutes, as far as the store can tell."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from hikaku.analysis.course import Course
from hikaku.analysis.finding import WORDS, seconds_each
from hikaku.analysis.forecast import forecast
from hikaku.analysis.numbers import seeds_text
from hikaku.analysis.sentence import more_words
from hikaku.analysis.verdict import courses
from hikaku.execution.plan import Plan
from hikaku.record import Results
from hikaku.run.foretell import spent
from hikaku.run.sizes import duration
from hikaku.store.reader import Bill
from hikaku.study.budget import is_spent, left_of
from hikaku.study.study import FEWEST, Study
from hikaku.words import Message, message


@dataclass(frozen=True)
class Outlook:
    """How many trials a run will train, at the fewest and at the most, and what there is to say.

    No more than the budget leaves. `minutes` are what those take, none where nobody can tell.
    """

    trials: tuple[int, int]
    minutes: tuple[float, ...]
    lines: tuple[Message, ...]


def outlook(
    study: Study, todo: Plan, there: Results, bill: Bill, workers: int, by_operations: float
) -> Outlook:
    """Return what automatic seeds will probably do, how long it takes, and what may be spent.

    `by_operations` are the minutes of all that is to do, by its operations; 0 where these are not
    known, and then trials like it that are in the store tell.
    """
    went = courses(study, there, seen=True)
    is_open = study.auto and went  # base alone has no comparison that could end it early
    wanted = _trials(study, there, went) if is_open else (len(todo.trials),) * 2
    left = left_of(study.budget, bill.seconds, bill.trials)
    is_over = is_spent(study.budget, bill.seconds, bill.trials)
    room = 0 if is_over else left.trials
    fewest, most = (n if room is None else min(n, room) for n in wanted)
    trials = fewest, most
    each = by_operations / len(todo.trials) if by_operations else 0.0
    minutes = tuple(n * each for n in trials) if each else _measured(study, there, trials, workers)
    if left.minutes is not None:
        minutes = tuple(min(one, left.minutes) for one in minutes)
    lines = (
        *_seeds(study, went),
        _left(trials, minutes, workers) if trials[1] else _nothing(wanted[1]),
        *spent(study, bill),
    )
    return Outlook(trials, minutes, lines)


def _seeds(study: Study, went: Mapping[str, Course]) -> Iterator[Message]:
    if study.auto:
        yield message(
            "automatic seeds: each comparison takes {fewest} to {most}, until it is decided",
            fewest=FEWEST,
            most=len(study.seeds),
        )
        yield from (_ahead(name, one) for name, one in went.items())


def _ahead(name: str, went: Course) -> Message:
    if not went.is_open and went.verdict != "undecided":
        return message(
            "  {variant}: {verdict}, decided at {seeds}",
            variant=name,
            verdict=WORDS[went.verdict],
            seeds=seeds_text(len(went.judged)),
        )
    if went.unseen:
        return message("  {variant}: nobody has looked at it yet", variant=name)
    found = forecast(went)
    if found is None:
        return message(
            "  {variant}: {n} of {most} seeds",
            variant=name,
            n=len(went.judged),
            most=went.rule.most,
        )
    return message("  {variant}: {more}", variant=name, more=more_words(found))


def _trials(study: Study, results: Results, went: Mapping[str, Course]) -> tuple[int, int]:
    """Return how many trials are left, at the fewest and at the most.

    Those of base count once a seed, those of each twin of it too.
    """
    fewest, most = {}, {}
    for name, one in went.items():
        if one.is_open:
            found, there = forecast(one), len(one.judged)
            fewest[name] = there + found.low if found else max(FEWEST, there)
            most[name] = one.rule.most
    sums = []
    for ends in (fewest, most):
        wanted = dict(ends)
        for name, end in ends.items():
            base = results.base_of(name)
            wanted[base] = max(end, wanted.get(base, 0))
        sums.append(
            sum(
                (arm, seed) not in results.trials
                for arm, end in wanted.items()
                for seed in study.seeds[:end]
            )
        )
    return sums[0], sums[1]


def _measured(
    study: Study, results: Results, trials: tuple[int, int], workers: int
) -> tuple[float, ...]:
    """Return the minutes of so many trials by those that are there; nothing where none is."""
    each = [seconds for arm in study.arms if (seconds := seconds_each(results, arm.name))]
    if not each:
        return ()
    return tuple(math.ceil(n / workers) * sum(each) / len(each) / 60 for n in trials)


def _nothing(missing: int) -> Message:
    if missing:
        return message("nothing will be trained: the budget is spent")
    return message("nothing is left to train")


def _left(trials: tuple[int, int], minutes: tuple[float, ...], workers: int) -> Message:
    count = str(trials[0]) if trials[0] == trials[1] else f"{trials[0]} – {trials[1]}"
    if not minutes:
        return message("{trials} trials; how long they take is known after the first", trials=count)
    told = {"trials": count, "minutes": duration(*minutes), "workers": workers}
    if count == "1":
        return message("1 trial, {minutes}", minutes=told["minutes"])
    return message("{trials} trials, {minutes} with {workers} at a time", **told)
