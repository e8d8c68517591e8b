"""Results as tidy rows, as data frames and spreadsheets want them: one figure a row.

Eats a `Study`, its `Results` and `Finding`s. Makes `Figure`s and `Effect`s, and files of them; the
columns are those of docs/reference/columns.md, always all of them, in this order.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import astuple, dataclass, fields
from io import BytesIO
from typing import Literal

from hikaku.analysis.cost import overhead
from hikaku.analysis.figures import judged
from hikaku.analysis.finding import Finding
from hikaku.present.csv_text import csv_text
from hikaku.record import Measured, Results
from hikaku.study.study import Study
from hikaku.words import inert

What = Literal["trials", "curves", "findings"]
ENDS = ("last", "best")
"""Readings at the end of a trial; the others were taken on the way."""
JUDGED, COST = "judged", "cost"
"""The reading of the figure that the verdicts are made of, and of what clocks measured."""


@dataclass(frozen=True)
class Figure:
    """One number of one trial: `value` is NaN where there is none, as in a trial that failed.

    `step` counts the updates before it was read, `epoch` the same in epochs, NaN where these are
    not counted.
    """

    study: str
    arm: str
    seed: int
    status: str
    step: int
    epoch: float
    reading: str
    split: str
    metric: str
    value: float


@dataclass(frozen=True)
class Effect:
    """One finding, under the names that the JSON form gives its numbers; `pairs` counts seeds."""

    study: str
    variant: str
    against: str
    metric: str
    pairs: int
    effect: float
    ci_low: float
    ci_high: float
    level: float
    verdict: str
    worth: float
    equivalence_low: float
    equivalence_high: float
    by: str
    family: int
    exploratory: bool
    seconds_ratio: float
    flops_ratio: float


Row = Figure | Effect
Rows = Iterator[Figure] | Iterator[Effect]


def trials(study: Study, results: Results) -> Iterator[Figure]:
    """Yield what each trial reached at the end, the judged figure first, and what it cost."""
    names = dict.fromkeys((*(arm.name for arm in study.arms), *(arm for arm, _ in results.trials)))
    for arm in names:
        figures = judged(results, arm, study.metric).tolist()
        for seed, value in zip(results.seeds, figures, strict=True):
            if measured := results.trials.get((arm, seed)):
                yield _judged(study, arm, seed, measured, value)
                yield from _records(study, arm, seed, measured, ENDS)
                yield from _costs(study, arm, seed, measured)


def curves(study: Study, results: Results) -> Iterator[Figure]:
    """Yield every figure that was read on the way, trial by trial, in the order of the steps."""
    on_the_way = ("curve", "running", "batch")
    for (arm, seed), measured in results.trials.items():
        yield from _records(study, arm, seed, measured, on_the_way)


def effects(study: Study, results: Results, findings: Sequence[Finding]) -> Iterator[Effect]:
    """Yield one row per comparison, in the order of the study."""
    for found in findings:
        costs = overhead(results, found.variant, found.base)
        yield Effect(
            study=study.name,
            variant=found.variant,
            against=found.against,
            metric=found.metric,
            pairs=len(found.seeds),
            effect=found.effect,
            ci_low=found.ci_low,
            ci_high=found.ci_high,
            level=found.level,
            verdict=found.verdict,
            worth=found.worth,
            equivalence_low=found.equivalence_low,
            equivalence_high=found.equivalence_high,
            by=found.by,
            family=found.family,
            exploratory=found.explores,
            seconds_ratio=costs.seconds_ratio,
            flops_ratio=costs.flops_ratio,
        )


def as_csv(rows: Iterator[Row], kind: type[Row]) -> bytes:
    """Return the rows as CSV in UTF-8, with a header; an unknown number is an empty cell."""
    head = tuple(field.name for field in fields(kind))
    cells = (tuple(map(_cell, astuple(row))) for row in rows)
    # No cell holds a line's end, and programs for lines of text want no CR in the last column.
    return csv_text([head, *cells]).replace("\r\n", "\n").encode()


def as_parquet(rows: Iterator[Row], kind: type[Row]) -> bytes:
    """Return the rows as Parquet, each column of its own type; an unknown number is null."""
    import pyarrow as pa
    from pyarrow import parquet

    types = {"str": pa.string(), "int": pa.int64(), "float": pa.float64(), "bool": pa.bool_()}
    schema = pa.schema([(field.name, types[str(field.type)]) for field in fields(kind)])
    columns = zip(*(map(_known, astuple(row)) for row in rows), strict=True)
    found = [*columns] or [() for _ in fields(kind)]
    arrays = [pa.array(column, one.type) for column, one in zip(found, schema, strict=True)]
    written = BytesIO()
    parquet.write_table(pa.table(arrays, schema=schema), written)
    return written.getvalue()


def _judged(study: Study, arm: str, seed: int, measured: Measured, value: float) -> Figure:
    split = study.metric.split
    return _figure(study, arm, seed, measured, (JUDGED, split, str(study.metric), value))


def _records(
    study: Study, arm: str, seed: int, measured: Measured, readings: Collection[str]
) -> Iterator[Figure]:
    for one in measured.records:
        if one.reading in readings:
            told = (one.reading, one.split, one.metric, one.value)
            yield _figure(study, arm, seed, measured, told, one.step)


def _costs(study: Study, arm: str, seed: int, measured: Measured) -> Iterator[Figure]:
    end = measured.outcome
    for name, value in {**end.cost, "parameters": float(end.parameters)}.items():
        yield _figure(study, arm, seed, measured, (COST, "", name, value))


def _figure(
    study: Study,
    arm: str,
    seed: int,
    measured: Measured,
    told: tuple[str, str, str, float],
    step: int | None = None,
) -> Figure:
    end = measured.outcome
    at = end.step if step is None else step
    epoch = at / end.steps_per_epoch if end.steps_per_epoch else math.nan
    return Figure(study.name, arm, seed, end.status, at, epoch, *told)


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return "" if math.isnan(value) else repr(value)
    return inert(str(value))


def _known(value: object) -> object:
    return None if isinstance(value, float) and math.isnan(value) else value
