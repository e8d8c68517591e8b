"""What is shown of a run while it runs, as values: a row per arm, a line per worker, the whole.

Eats a `Watched` and how much room there is. Makes a `Board`, for a terminal or a notebook. With
more arms or seeds than there is room for, arms are folded into a line and seeds share a cell.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from hikaku.analysis.course import Course, Verdict
from hikaku.analysis.finding import WORDS
from hikaku.analysis.numbers import decimals, effect_texts, plain
from hikaku.present.report import Words
from hikaku.present.sparkline import sparkline
from hikaku.present.tally import STATUS
from hikaku.present.watched import Place, State, Task, Watched
from hikaku.words import Message, message

GLYPHS: dict[State, str] = {
    "failed": "!", "diverged": "×", "waiting": "·", "running": "▄", "done": "■", "unwanted": " ",
}  # fmt: skip  # two short lines
GROWING = "▁▂▃▄▅▆▇"
"""A trial on its way, by how far it is."""

SIGNS: dict[Verdict, str] = {
    "helps": "▲", "hurts": "▼", "no-practical-difference": "=", "undecided": "○", "unstable": "◆",
}  # fmt: skip  # two short lines
MEANINGS: dict[State, Message] = {
    "waiting": message("waiting"),
    "running": message("running"),
    "done": STATUS["done"],
    "diverged": STATUS["diverged"],
    "failed": STATUS["failed"],
}
WORST: tuple[State, ...] = ("failed", "diverged")
MOST_NAMED = 3
"""So many arms of what a worker has are named."""


@dataclass(frozen=True)
class Mark:
    """One cell: how it is with a trial, or with a few, and the letter that says so."""

    state: State
    glyph: str


@dataclass(frozen=True)
class Sight:
    """What the run's last look at a comparison came to: how many seeds, effect with interval."""

    seeds: int
    text: str
    verdict: Verdict


@dataclass(frozen=True)
class Row:
    """One arm: a mark per seed, the mean curve and where it stands, and what the run has seen."""

    arm: str
    marks: tuple[Mark, ...]
    curve: str
    value: str
    sight: Sight | None


@dataclass(frozen=True)
class Post:
    """What one worker does: `share` is how far its trials are.

    `texts` say it in full and then in fewer words, for where there is little room.
    """

    texts: tuple[Message, ...]
    share: float


@dataclass(frozen=True)
class Room:
    """How much there is room for: rows of arms, marks of an arm, letters of a curve, workers."""

    rows: int
    marks: int
    curve: int
    posts: int


@dataclass(frozen=True)
class Board:
    """A run as it is shown, from top to bottom; `share` is how much of the whole is done.

    `per_mark` is how many seeds share a mark. `figure` is what curves and values are of; `states`
    and `signs` say what the letters of the rows mean.
    """

    figure: str
    rows: tuple[Row, ...]
    folded: Message | None
    posts: tuple[Post, ...]
    share: float
    count: str
    times: Message
    states: tuple[tuple[str, Message], ...]
    signs: tuple[tuple[str, Message], ...]
    per_mark: int = 1

    @property
    def arms(self) -> tuple[str, ...]:
        """The arms that have a row."""
        return tuple(row.arm for row in self.rows)


def board(run: Watched, room: Room, before: Sequence[str] = ()) -> Board:
    """Return the run as it stands; `before` are the arms that had a row when it was last shown."""
    shown = chosen(run.arms, run.running(), before, room.rows)
    low, high = heights(run, shown)
    rows = tuple(_row(run, arm, room, low, high) for arm in shown)
    tally = run.tally
    return Board(
        figure=run.figure,
        rows=rows,
        folded=_folded(run, [arm for arm in run.arms if arm not in set(shown)]),
        posts=tuple(_posts(run, room.posts)),
        share=tally.work / max(tally.total, 1),
        count=f"{tally.ended}/{tally.most}",
        times=tally.times(),
        states=tuple(_states(rows)),
        signs=tuple(_signs(run)),
        per_mark=per_mark(run, room.marks),
    )


def chosen(arms: Sequence[str], running: Sequence[str], before: Sequence[str], n: int) -> list[str]:
    """Return the arms that are shown, at most n, in order: base, those that run, their neighbours.

    What was shown before stays as long as whatever runs is in it, so that rows rarely change.
    """
    must = list(dict.fromkeys([*arms[:1], *running]))[:n]
    if len(arms) <= n:
        return list(arms)
    if len(before) == n and set(must) <= set(before):
        return list(before)
    start = next((arms.index(arm) for arm in running if arm != arms[0]), 0)
    wanted = set(list(dict.fromkeys([*must, *arms[start:], *arms[:start]]))[:n])
    return [arm for arm in arms if arm in wanted]


def heights(run: Watched, arms: Iterable[str]) -> tuple[float, float]:
    """Return between which values these curves are drawn: one outlier among many leaves them be."""
    values = [value for arm in arms for _, value in run.curve(arm).points()]
    if not values:
        return 0.0, 0.0
    low, high = np.quantile(values, (0.05, 0.95))
    return float(low), float(high)


def per_mark(run: Watched, width: int) -> int:
    """Return how many seeds share a mark, so that there are at most `width` marks."""
    seeds = len(run.study.seeds) if run.study else 0
    return max(1, math.ceil(seeds / max(width, 1)))


def _row(run: Watched, arm: str, room: Room, low: float, high: float) -> Row:
    curve, value = run.curves.get(arm), run.value(arm)
    points = curve.points() if curve else ()
    return Row(
        arm,
        tuple(_marks(run, arm, room.marks)),
        sparkline(points, room.curve, low, high),
        "" if math.isnan(value) else digits(value),
        sight_of(run.looks[arm]) if arm in run.looks else None,
    )


def digits(value: float) -> str:
    """Return one measured number, three digits of it."""
    return plain(value, decimals(math.nan, value))


def sights(run: Watched) -> Iterator[Sight]:
    """Yield what the run has seen of each comparison."""
    return map(sight_of, run.looks.values())


def sight_of(look: Course) -> Sight:
    """Return a look at a comparison in short."""
    mean, latest = look.pairs.mean, look.latest.interval
    effect, low, high = effect_texts(mean, latest.low, latest.high)
    return Sight(len(look.judged), f"{effect} [{low}, {high}]", look.verdict)


def _marks(run: Watched, arm: str, width: int) -> Iterator[Mark]:
    seeds = run.study.seeds if run.study else ()
    size = per_mark(run, width)
    for start in range(0, len(seeds), size):
        yield _mark(run, [(arm, seed) for seed in seeds[start : start + size]])


def _mark(run: Watched, places: Sequence[Place]) -> Mark:
    """Return one mark for some trials: what went wrong comes first, then how far they are."""
    states = {place: run.state(*place) for place in places}
    wanted = [place for place, state in states.items() if state != "unwanted"]
    found = {states[place] for place in wanted} or {"unwanted"}
    for state in GLYPHS:
        if state in found and (state in WORST or found == {state} != {"running"}):
            return Mark(state, GLYPHS[state])
    shares = [run.tally.running.get(place, float(place in run.ends)) for place in wanted]
    height = min(int(sum(shares) / len(shares) * len(GROWING)), len(GROWING) - 1)
    return Mark("running" if "running" in found else "waiting", GROWING[height])


def _folded(run: Watched, arms: Sequence[str]) -> Message | None:
    """Return how many arms have no row, and how all comparisons stand that were looked at."""
    if not arms or run.study is None:
        return None
    ended = Counter(arm for arm, _ in run.ends)
    stand = {name: look.verdict for name, look in run.looks.items()}
    is_over = [
        ended[arm] >= len(run.study.seeds) or stand.get(arm, "undecided") != "undecided"
        for arm in arms
    ]
    told = {"n": len(arms), "done": sum(is_over)}
    counts = Counter(stand.values())
    if not counts:
        return message("and {n} more arms, {done} of them done", **told)
    signs = "  ".join(f"{SIGNS[one]} {counts[one]}" for one in SIGNS if counts[one])
    return message(
        "and {n} more arms, {done} of them done; all together {signs}", signs=signs, **told
    )


def _posts(run: Watched, most: int) -> Iterator[Post]:
    tasks = [task for _, task in sorted(run.tasks.items()) if task.places and most]
    for task in tasks[:most] if len(tasks) <= most else tasks[: most - 1]:
        yield Post(tuple(_told(task)), _share(run, task.places))
    if len(tasks) > most:
        rest = tasks[most - 1 :]
        trials = [place for task in rest for place in task.places]
        told = message("{n} more workers: {trials} trials", n=len(rest), trials=len(trials))
        yield Post((told,), _share(run, trials))


def _told(task: Task) -> Iterator[Message]:
    """Yield what a worker has: by name, without its engine, by number."""
    trials = trials_text(task.places)
    told = {"n": task.worker, "trials": trials}
    yield message("worker {n}, {engine}: {trials}", engine=task.engine, **told)
    yield message("worker {n}: {trials}", **told)
    if len(task.places) > 1:
        yield message("worker {n}: {trials} trials", n=task.worker, trials=len(task.places))


def _share(run: Watched, places: Sequence[Place]) -> float:
    """Return how far these trials are, their mean."""
    return sum(run.tally.running.get(place, 0.0) for place in places) / len(places)


def trials_text(places: Iterable[Place]) -> Words:
    """Return some trials by arm and seeds: "base 0 1, dropout 0"; of many arms the first few."""
    arms: dict[str, list[int]] = {}
    for arm, seed in places:
        arms.setdefault(arm, []).append(seed)
    named = [f"{arm} {' '.join(map(str, seeds))}" for arm, seeds in arms.items()]
    if len(named) <= MOST_NAMED:
        return ", ".join(named)
    rest = sum(map(len, list(arms.values())[MOST_NAMED - 1 :]))
    return message("{trials} and {n} more", trials=", ".join(named[: MOST_NAMED - 1]), n=rest)


def _states(rows: Sequence[Row]) -> Iterator[tuple[str, Message]]:
    there = {mark.state for row in rows for mark in row.marks}
    for state, meaning in MEANINGS.items():
        if state in there or state in ("running", "done"):
            yield GLYPHS[state], meaning


def _signs(run: Watched) -> Iterator[tuple[str, Message]]:
    there = {look.verdict for look in run.looks.values()}
    for verdict in (one for one in SIGNS if one in there):
        yield SIGNS[verdict], WORDS[verdict]
