"""Everything that is asked of a store, each on an open connection; nothing here changes it."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, select

from hikaku.record import Measured, Outcome, Results
from hikaku.records import READINGS, Layout, Reading
from hikaku.store import exhibits, looks
from hikaku.store.arms import Asked, arms_of, changed, study_id, superseded
from hikaku.store.faults import readable
from hikaku.store.records import guessed_records, records_of
from hikaku.store.rows import batches
from hikaku.store.schema import allowance, arm, look, planned, record, sheet, study, survey, trial
from hikaku.store.seal import check, check_plan, is_sealed
from hikaku.store.sheets import sheets_of
from hikaku.store.twins import Trials, base_in_two_ways, in_two_ways, own_trials, twins
from hikaku.study.twin import Twin, twin_fingerprint

FINISHED = ("done", "diverged")
"""The states that are results; a failed trial is kept too, but it is trained again."""

Readings = Collection[Reading]
"""Which readings of its records a trial comes with; a long curve takes long to read."""
ArmOnData = tuple[str, str]
"""An arm's fingerprint and that of its data's contents."""


@dataclass(frozen=True)
class StudyRow:
    """A study in the store: arms and trials of its latest plan, and how many of those are done."""

    name: str
    question: str
    folder: str
    arms: int
    trials: int
    done: int


@dataclass(frozen=True)
class Counts:
    """How many of each the store holds."""

    studies: int
    trials: int
    records: int
    sheets: int
    looks: int


@dataclass(frozen=True)
class Bill:
    """What all runs of a study have cost: seconds of training, and trials."""

    seconds: float = 0.0
    trials: int = 0


_FINISHED = select(trial.c.key).where(
    trial.c.key.in_(bindparam("keys", expanding=True)), trial.c.state.in_(FINISHED)
)
"""Built once: it is said before each state that a run saves."""


def finished(connection: Connection, keys: Iterable[str]) -> frozenset[str]:
    """Return those keys whose trial is done or diverged."""
    found: set[str] = set()
    for some in batches(keys):
        found.update(connection.scalars(_FINISHED, {"keys": some}))
    return frozenset(found)


def ended(connection: Connection) -> set[str]:
    """Return the key of every trial that has ended, one way or another."""
    return set(connection.scalars(select(trial.c.key)))


@readable()
def results(connection: Connection, asked: Asked, readings: Readings) -> Results:
    """Return what this study has planned, whenever that was, and what came of it."""
    marks = {arm.name: asked.fingerprints[arm.name] for arm in asked.study.arms}
    judged = asked.study.metric.judged
    every = _trials(connection, asked, marks, readings)
    aside = in_two_ways(asked.study, every)
    trials = {place: one for place, one in every.items() if place not in aside}
    bases, own = twins(asked.study, trials)
    of_twins = _of_twins(connection, asked, trials, own, readings)
    unused = base_in_two_ways(asked.study, trials, bases)
    trials = {place: one for place, one in trials.items() if place not in unused}
    found = Results(
        seeds=asked.study.seeds,
        trials=trials | of_twins,
        bases=bases,
        twins={name: arm for name, (arm, _) in own.items()},
        aside=aside | unused,
        spent={
            arm.name: found
            for arm in asked.study.compared
            if (found := looks.spent(connection, marks[arm.against], marks[arm.name], judged))
        },
        earlier=looks.earlier(connection, asked),
        other_figures=looks.other_figures(connection, asked),
    )
    if not set(READINGS) <= set(readings):
        # Tables ask for less, and show no examples; these are megabytes of small images.
        return found
    return replace(found, exhibits=exhibits.read(connection, asked, found))


def _trials(
    connection: Connection, asked: Asked, marks: Mapping[str, str], readings: Readings
) -> dict[tuple[str, int], Measured]:
    """Return what came of the arms of these fingerprints, by name and seed."""
    keys = _keys(connection, asked, marks.values())
    wanted = {
        (name, seed): keys[mark, seed]
        for name, mark in marks.items()
        for seed in asked.study.seeds
        if (mark, seed) in keys
    }
    ended = measured(connection, wanted.values(), readings)
    return {place: ended[key] for place, key in wanted.items() if key in ended}


def _of_twins(
    connection: Connection,
    asked: Asked,
    trials: Trials,
    twins: Mapping[str, Twin],
    readings: Readings,
) -> dict[tuple[str, int], Measured]:
    """Return what came of these twins, by name and seed."""
    marks = {
        name: twin_fingerprint(asked.fingerprints[arm], text) for name, (arm, text) in twins.items()
    }
    own = {
        (name, seed): one
        for name, twin in twins.items()
        for seed, one in own_trials(asked.study, trials, twin).items()
    }
    return (_trials(connection, asked, marks, readings) if marks else {}) | own


@readable()
def planned_keys(connection: Connection, name: str, folder: str, text: str) -> dict[int, str]:
    """Return by seed the last planned key of a study's arm, told by the digest of what it trains.

    Whatever has become of the files that it was planned with.
    """
    owner = study_id(connection, name, folder)
    arms = arms_of(connection, owner) if owner is not None else {}
    mine = {own_id: own for own_id, own in arms.items() if own.text == text}
    latest = mine.keys() - set(superseded(mine))
    query = select(planned.c.seed, planned.c.key).where(planned.c.arm_id.in_(latest))
    rows = connection.execute(query.order_by(planned.c.plan))
    return {row.seed: row.key for row in rows}


def first_seed(connection: Connection, name: str, folder: str) -> int:
    """Return the seed with which the study's automatic seeds begin."""
    query = select(study.c.first_seed).filter_by(name=name, folder=folder)
    return connection.scalar(query) or 0


def bill(connection: Connection, name: str, folder: str) -> Bill:
    """Return what the study has cost; nothing where it was never planned."""
    query = select(study.c.seconds, study.c.trained).filter_by(name=name, folder=folder)
    row = connection.execute(query).first()
    return Bill(*row) if row else Bill()


def allowances(connection: Connection, base: str, equal: str) -> dict[str, int]:
    """Return by variant the updates it was given to cost as much of `equal` as this base."""
    query = select(allowance.c.variant, allowance.c.steps).filter_by(base=base, equal=equal)
    return {row.variant: row.steps for row in connection.execute(query)}


@readable()
def surveys(connection: Connection, arms: Collection[ArmOnData]) -> dict[ArmOnData, str]:
    """Return the survey of each of these arms on these data that was made."""
    found: dict[ArmOnData, str] = {}
    for some in batches(mark for mark, _ in arms):
        query = select(survey).where(survey.c.fingerprint.in_(some))
        found |= {(mark, data): said for mark, data, said in connection.execute(query)}
    return {key: said for key, said in found.items() if key in arms}


@readable()
def studies(connection: Connection) -> tuple[StudyRow, ...]:
    """Return every study, the latest run first."""
    latest = (arm.c.study_id == study.c.id) & (planned.c.plan == study.c.plans)
    trials = select(func.count()).select_from(planned).join(arm).where(latest)
    done = trials.join(trial, (trial.c.key == planned.c.key) & trial.c.state.in_(FINISHED))
    query = select(
        study.c.name, study.c.question, study.c.folder, study.c.arms,
        trials.scalar_subquery(), done.scalar_subquery(),
    ).order_by(study.c.last_run.desc(), study.c.name)  # fmt: skip
    return tuple(StudyRow(*row) for row in connection.execute(query))


def counts(connection: Connection) -> Counts:
    """Return how many rows of each kind there are."""
    tables = (study, trial, record, sheet, look)
    numbers = [connection.scalar(select(func.count()).select_from(table)) for table in tables]
    return Counts(*(number or 0 for number in numbers))


def _keys(connection: Connection, asked: Asked, more: Iterable[str]) -> dict[tuple[str, int], str]:
    """Return the last planned key of each (fingerprint, seed) of the study's arms, and of `more`.

    Where files or data have changed between two plans, only what agrees with the later one is
    read: base and variant of one pair must not differ in that.
    """
    owner = study_id(connection, asked.study.name, asked.folder)
    if owner is None:
        return {}
    wanted = {*asked.fingerprints.values(), *more}
    latest: dict[str, str] = {}
    marks: dict[int, str] = {}
    for arm_id, own in arms_of(connection, owner).items():
        fits = own.fingerprint in wanted and own.evaluation == asked.evaluation
        if fits and not changed(own.sources, latest):
            latest.update(own.sources)
            marks[arm_id] = own.fingerprint
    keys: dict[tuple[str, int], str] = {}
    for some in batches(marks):
        query = select(planned.c.arm_id, planned.c.seed, planned.c.key, planned.c.seal)
        for arm_id, seed, key, seal in connection.execute(query.where(planned.c.arm_id.in_(some))):
            check_plan(seal, marks[arm_id], seed, key)
            keys[marks[arm_id], seed] = key
    return keys


@readable()
def measured(
    connection: Connection, keys: Iterable[str], readings: Readings = READINGS
) -> dict[str, Measured]:
    """Return every one of these trials that has ended, by its key, with its records so read."""
    found: dict[str, Measured] = {}
    left_out = {*READINGS} - {*readings}
    layouts: dict[int, Layout] = {}
    for some in batches(keys):
        rows = connection.execute(select(trial).where(trial.c.key.in_(some))).all()
        ids = [row.id for row in rows]
        sheets = sheets_of(connection, ids)
        # Most trials of a study have records of the same things: the seal tells whether this one.
        guessed = guessed_records(connection, ids, readings, layouts)
        wholes = {
            row.id: Measured(_outcome(row), guessed.get(row.id, ()), tuple(sheets[row.id]))
            for row in rows
        }
        doubtful = [
            row
            for row in rows
            if row.id not in guessed or not is_sealed(row.seals, wholes[row.id], left_out)
        ]
        records = records_of(connection, [row.id for row in doubtful], readings)
        for row in doubtful:
            one = wholes[row.id] = replace(wholes[row.id], records=records.get(row.id, ()))
            check(row.seals, one, left_out)
            layouts[len(one.records)] = one.figures.layout
        found |= {one.outcome.key: one for one in wholes.values()}
    return found


def _outcome(row: Row[Any]) -> Outcome:
    return Outcome(
        key=row.key, status=row.state, step=row.step, epoch=row.epoch,
        steps_per_epoch=row.steps_per_epoch, parameters=row.parameters,
        arithmetic=row.arithmetic, environment=row.environment, error=row.error,
        samples=_sizes(row.samples), cost=json.loads(row.cost),
    )  # fmt: skip


@lru_cache
def _sizes(text: str) -> tuple[int, int, int]:
    train, validation, test = json.loads(text)
    return train, validation, test
