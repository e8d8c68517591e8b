"""The section that says how all was computed, and how to do it again.

Eats a `Study`, its `Results` and where the numbers lie. Makes blocks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from hikaku.analysis.verdict import courses
from hikaku.present.report import (
    Block,
    Column,
    Heading,
    Place,
    Table,
    Text,
    Words,
    cells,
    short,
)
from hikaku.record import Outcome, Results
from hikaku.study.study import Study
from hikaku.words import Message, message

MINUTE = 60
MOST_RUNS = 12
"""A list of seeds is written as so many runs of numbers at most."""


@dataclass(frozen=True)
class Origin:
    """Where the numbers lie and the command that makes them again; empty where unknown.

    `read` is when they were read, where a page does not stand for all times.
    """

    store: str = ""
    command: str = ""
    read: str = ""


NOWHERE = Origin()


def redo(study: Study, results: Results, origin: Origin) -> Iterator[Block]:
    """Yield the environment, the arithmetic, the seeds, what it took, the command, the store."""
    ends = {place: trial.outcome for place, trial in results.trials.items()}
    rows = [*_surroundings(ends), *_seeds(study, ends), *_spent(list(ends.values()))]
    if rows or origin != NOWHERE:
        yield Heading(message("How to do it again"))
    if rows:
        yield Table(
            columns=(Column(message("what"), "name"), Column(message("value"))),
            rows=tuple(cells(*row) for row in rows),
            caption=message("How it was trained"),
        )
    if origin.command:
        yield Place(message("The command that makes this again"), origin.command)
        yield from _begun_late(study)
        yield from _ended_early(study, results)
    if origin.store:
        yield Place(message("The store that holds every number"), origin.store)
    if origin.read:
        yield Text(message("Read from the store: {time}", time=origin.read))


def _begun_late(study: Study) -> Iterator[Text]:
    """Say where the command begins elsewhere, where this began on seeds that nobody had seen."""
    if study.counted and study.seeds and study.seeds[0]:
        yield Text(
            message(
                "Its seeds begin at {first}, for verdicts on those before had been shown "
                "(`--fresh`). In an empty store the command begins at seed 0",
                first=study.seeds[0],
            )
        )


def _ended_early(study: Study, results: Results) -> Iterator[Text]:
    """Say how the command ends where this did, where a comparison was still open then."""
    n = len(results.trials)
    if n in (0, study.budget.trials):
        return
    if any(one.is_open for one in courses(study, results).values()):
        yield Text(
            message(
                "This ended after {n} trials, before every comparison was decided. Where nothing "
                "is trained yet, the command ends there too with --set budget.trials={n}",
                n=n,
            )
        )


def _surroundings(ends: dict[tuple[str, int], Outcome]) -> Iterator[tuple[Words, Words]]:
    """Yield every environment, and every arithmetic with the arms that it computed."""
    for text in dict.fromkeys(end.environment for end in ends.values() if end.environment):
        yield message("environment"), text
    ways: dict[str, dict[str, None]] = {}
    for (arm, _), end in ends.items():
        if end.arithmetic:
            ways.setdefault(end.arithmetic, {})[short(arm)] = None
    for text, arms in ways.items():
        if len(ways) == 1:
            yield message("computed"), text
        else:
            yield message("computed"), f"{text} ({', '.join(arms)})"


def _seeds(study: Study, ends: dict[tuple[str, int], Outcome]) -> Iterator[tuple[Words, Words]]:
    met = [seed for seed in study.seeds if any(one == seed for _, one in ends)]
    yield message("seeds"), runs(study.seeds) if not study.auto else _automatic(study, met)


def _automatic(study: Study, met: Sequence[int]) -> Message:
    return message(
        "automatic: {met}, of at most {all}",
        met=runs(met) or message("none yet"),
        all=runs(study.seeds),
    )


def runs(numbers: Sequence[int]) -> str:
    """Return whole numbers in order, those that follow one another as a run.

    >>> runs((0, 1, 2, 3, 4)), runs((1, 7, 8)), runs(())
    ('0–4', '1, 7, 8', '')
    """
    inside = [number + 1 == following for number, following in pairwise(numbers)]
    found: list[list[int]] = []
    for number, goes_on in zip(numbers, [False, *inside], strict=False):
        if goes_on:
            found[-1].append(number)
        else:
            found.append([number])
    texts = [_run(run) for run in found]
    return ", ".join(texts[:MOST_RUNS]) + (", …" if len(texts) > MOST_RUNS else "")


def _run(numbers: Sequence[int]) -> str:
    return f"{numbers[0]}–{numbers[-1]}" if len(numbers) > 2 else ", ".join(map(str, numbers))


def _spent(ends: Sequence[Outcome]) -> Iterator[tuple[Words, Words]]:
    """Yield how many trials there are, and what they took of the machine."""
    if not ends:
        return
    seconds = sum(end.cost.get("seconds", 0.0) for end in ends)
    again = sum(int(end.cost.get("attempts", 1)) - 1 for end in ends)
    told = message("{n} trials", n=f"{len(ends):,}")
    if again > 0:
        told = message("{told}, {again} begun again", told=told, again=again)
    yield message("trained"), told
    if seconds > 0:
        yield message("training time"), _time(seconds)
    if peak := max(end.cost.get("peak_mib", 0.0) for end in ends):
        yield message("memory"), message("up to {mib:,.0f} MiB in one process", mib=peak)


def _time(seconds: float) -> Message:
    if seconds < MINUTE:
        return message("{n} seconds in all, one trial at a time", n=f"{seconds:.2g}")
    return message("{n} minutes in all, one trial at a time", n=f"{seconds / MINUTE:.3g}")
