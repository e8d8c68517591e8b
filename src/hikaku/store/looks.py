"""What is asked of the looks: to what comparisons are bound since verdicts of them were shown.

A study's arms are here all that it has now or has ever planned: an arm that was edited, taken out
or pruned has been looked at all the same.
"""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, select

from hikaku.record import Earlier, Spent
from hikaku.store.arms import Asked, study_id
from hikaku.store.faults import readable
from hikaku.store.rows import batches
from hikaku.store.schema import arm, look


@readable()
def spent(connection: Connection, base: str, variant: str, metric: str) -> tuple[Spent, ...]:
    """Return what this comparison is bound to since verdicts of it were shown, oldest first."""
    query = select(look).filter_by(base=base, variant=variant, metric=metric).order_by(look.c.id)
    return tuple(map(_spent, connection.execute(query)))


def earlier(connection: Connection, asked: Asked) -> tuple[Earlier, ...]:
    """Return what every other pair of the study's arms is bound to by its figure, oldest first.

    Whichever study has shown it. A pair is in order: base and a variant, swapped, are another.
    """
    now = _now(asked)
    bases = {base for base, _ in now}
    arms = _arms(connection, asked)
    by_figure = look.c.metric == asked.study.metric.judged
    rows = {row.id: row for row in _rows(connection, look.c.base, arms, by_figure)}
    return tuple(
        Earlier(_spent(row), pair=f"{row.base} {row.variant}", same_base=row.base in bases)
        for _, row in sorted(rows.items())
        if row.variant in arms and (row.base, row.variant) not in now
    )


def other_figures(connection: Connection, asked: Asked) -> dict[str, int]:
    """Return by how many other figures each variant was judged over some of the study's seeds."""
    others = look.c.metric != asked.study.metric.judged
    now = _now(asked)
    figures: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in _rows(connection, look.c.base, {base for base, _ in now}, others):
        if not set(asked.study.seeds).isdisjoint(json.loads(row.seeds)):
            figures[row.base, row.variant].add(row.metric)
    return {
        one.name: len(figures[pair])
        for one, pair in zip(asked.study.compared, now, strict=True)
        if pair in figures
    }


@readable()
def past_all_looks(connection: Connection, asked: Asked) -> int:
    """Return one past the largest seed at which any arm of the study was looked at, by any figure.

    Also where another study looked at it. 0 where nothing was looked at.
    """
    arms = _arms(connection, asked)
    return max(
        (
            seed + 1
            for side in (look.c.base, look.c.variant)
            for row in _rows(connection, side, arms)
            for seed in json.loads(row.seeds)
        ),
        default=0,
    )


def _spent(row: Row[Any]) -> Spent:
    return Spent(
        seeds=tuple(json.loads(row.seeds)),
        auto=row.auto,
        horizon=row.horizon,
        worth=math.nan if row.worth is None else row.worth,
        family=row.family,
        shown=row.shown,
        differences=tuple(
            (seed, math.nan if value is None else value)
            for seed, value in json.loads(row.differences)
        ),
    )


def _now(asked: Asked) -> list[tuple[str, str]]:
    """Return the fingerprints of both arms of each of the study's comparisons as they are."""
    marks = asked.fingerprints
    return [(marks[one.against], marks[one.name]) for one in asked.study.compared]


def _arms(connection: Connection, asked: Asked) -> set[str]:
    """Return the fingerprints of all arms that the study has now or has ever planned.

    Those of now belong to it before they are planned, so that planning changes no verdict.
    """
    owner = study_id(connection, asked.study.name, asked.folder)
    ever = connection.scalars(select(arm.c.fingerprint).where(arm.c.study_id == owner))
    return {*ever, *(asked.fingerprints[one.name] for one in asked.study.arms)}


def _rows(
    connection: Connection,
    side: ColumnElement[str],
    marks: set[str],
    where: ColumnElement[bool] | None = None,
) -> Iterator[Row[Any]]:
    """Yield the looks that have one of these arms on this side."""
    for some in batches(marks):
        query = select(look).where(side.in_(some))
        yield from connection.execute(query if where is None else query.where(where))
