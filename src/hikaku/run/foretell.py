"""What a budget does to a run, said before it: what is spent, and that no verdict can come of it.

Eats a study's plan, what is measured and what its runs have cost. Makes sentences.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from hikaku.analysis.verdict import courses
from hikaku.execution.plan import Plan
from hikaku.record import Results
from hikaku.run.allocate import Place
from hikaku.run.identify import Identified
from hikaku.run.sizes import minutes_text
from hikaku.store.reader import Bill
from hikaku.study.budget import is_spent, left_of
from hikaku.study.study import FEWEST, Study
from hikaku.words import Message, message


def spent(study: Study, bill: Bill) -> Iterator[Message]:
    """Yield what is spent of each budget of the study; one of which nothing is, too."""
    budget = study.budget
    left = left_of(budget, bill.seconds, bill.trials)
    if budget.trials is not None:
        yield message(
            "budget: {spent} of {most} trials are spent, over all runs of this study, also with "
            "other settings; {left} are left",
            spent=bill.trials,
            most=budget.trials,
            left=left.trials,
        )
    if budget.minutes is not None:
        yield message(
            "budget: {spent} of {most} minutes are spent, over all runs of this study, also with "
            "other settings; {left} are left",
            spent=minutes_text(bill.seconds / 60),
            most=f"{budget.minutes:g}",
            left=minutes_text(left.minutes or 0.0),
        )


def too_little(known: Identified, todo: Plan, there: Results, bill: Bill) -> Iterator[Message]:
    """Warn where the trials that the budget leaves end before any comparison can be judged."""
    study = known.study
    room = left_of(study.budget, bill.seconds, bill.trials).trials
    if room is None or len(study.seeds) < FEWEST:
        return
    if room and is_spent(study.budget, bill.seconds, bill.trials):
        return  # of minutes nobody knows how many it takes
    went = courses(study, there)
    if any(one.is_look for one in went.values()):
        return
    takes = FEWEST if study.auto else len(study.seeds)
    wanted = {
        name: [((there.base_of(name), seed), (name, seed)) for seed in one.rule.seeds[:takes]]
        for name, one in went.items()
    }
    first = _until_whole(_order(known, todo, wanted), wanted, there)
    if first is not None and first > room:
        yield message(
            "caution: no verdict can come of this budget: the first takes {first} more trials, and "
            "{room} are left; --set budget.trials={enough} is enough for one",
            first=first,
            room=room,
            enough=bill.trials + first,
        )


Wanted = Mapping[str, Sequence[tuple[Place, Place]]]
"""By comparison, the trials of base and variant that a verdict takes, seed by seed."""


def _order(known: Identified, todo: Plan, wanted: Wanted) -> Iterable[Place]:
    """Return the trials in the order in which they begin, up to a first verdict at least."""
    if not known.study.auto:
        return [known.names(key) for keys in todo.stacks for key in keys]
    # As `Allocation` does it: each comparison in turn, seed by seed, base first.
    rows = zip(*wanted.values(), strict=False)
    return [place for row in rows for pair in row for place in pair]


def _until_whole(order: Iterable[Place], wanted: Wanted, there: Results) -> int | None:
    """Return how many trials of the order are trained until one comparison has all of its own."""
    lacks = {
        name: {place for pair in pairs for place in pair} - there.trials.keys()
        for name, pairs in wanted.items()
    }
    users: dict[Place, list[str]] = {}
    for name, places in lacks.items():
        for place in places:
            users.setdefault(place, []).append(name)
    begun = dict.fromkeys(place for place in order if place in users)
    for count, place in enumerate(begun, start=1):
        for name in users[place]:
            lacks[name].discard(place)
            if not lacks[name]:
                return count
    return None
