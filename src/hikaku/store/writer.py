"""What changes a store besides plans, each on an open connection and inside one transaction."""

from __future__ import annotations

import math
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, insert, select

from hikaku.errors import StoreError
from hikaku.record import Measured
from hikaku.store.arms import arms_of, superseded
from hikaku.store.reader import FINISHED
from hikaku.store.rows import batches, insert_row, insert_rows, to_json
from hikaku.store.schema import arm, look, now, planned, record, sheet, study, trial
from hikaku.words import message


@dataclass(frozen=True)
class Removed:
    """How much was deleted."""

    trials: int
    records: int
    files: int = 0


def add(connection: Connection, measured: Measured) -> bool:
    """Write a trial with all that it left; return whether that was news.

    A finished trial is never changed; a failed one is replaced.
    """
    outcome = measured.outcome
    state = connection.scalar(select(trial.c.state).where(trial.c.key == outcome.key))
    if state in FINISHED:
        return False
    connection.execute(delete(trial).where(trial.c.key == outcome.key))
    place = connection.execute(
        select(arm.c.fingerprint, planned.c.seed).join(planned).where(planned.c.key == outcome.key)
    ).first()
    if place is None:
        raise StoreError.of(message("trial {key} was never planned", key=outcome.key))
    owner = insert_row(connection, trial, {
        "key": outcome.key, "fingerprint": place.fingerprint, "seed": place.seed,
        "state": outcome.status, "step": outcome.step, "epoch": outcome.epoch,
        "steps_per_epoch": outcome.steps_per_epoch, "parameters": outcome.parameters,
        "samples": to_json(outcome.samples), "arithmetic": outcome.arithmetic,
        "environment": outcome.environment, "error": outcome.error,
        "cost": to_json(outcome.cost), "ended": now(),
    })  # fmt: skip
    insert_rows(connection, record, [
        {
            "trial_id": owner, "position": position, "reading": one.reading, "step": one.step,
            "split": one.split, "metric": one.metric,
            "value": None if math.isnan(one.value) else float(one.value),
        }
        for position, one in enumerate(measured.records)
    ])  # fmt: skip
    insert_rows(connection, sheet, [
        {
            "trial_id": owner, "name": one.name, "dtype": one.array.dtype.str,
            "shape": to_json(one.array.shape), "bytes": one.array.tobytes(),
        }
        for one in measured.sheets
    ])  # fmt: skip
    return True


def show(
    connection: Connection, base: str, variant: str, metric: str, seeds: tuple[int, ...]
) -> None:
    """Write that a verdict of this comparison was shown; once for the same seeds."""
    values = {"base": base, "variant": variant, "metric": metric, "seeds": to_json(seeds)}
    if connection.scalar(select(look.c.id).filter_by(**values)) is None:
        connection.execute(insert(look).values(**values, shown=now()))


def forget(connection: Connection, name: str, folder: str | None) -> Removed:
    """Delete the study of this name in this folder, or in every folder, and what only it planned.

    Looks stay: what was looked at once has been looked at.
    """
    named = delete(study).where(study.c.name == name)
    connection.execute(named if folder is None else named.where(study.c.folder == folder))
    return _remove_orphans(connection)


def prune(connection: Connection) -> Removed:
    """Delete the arms whose text was planned again since with other files or data."""
    studies = connection.scalars(select(study.c.id)).all()
    old = [one for owner in studies for one in superseded(arms_of(connection, owner))]
    for some in batches(old):
        connection.execute(delete(arm).where(arm.c.id.in_(some)))
    return _remove_orphans(connection)


def _remove_orphans(connection: Connection) -> Removed:
    orphan = trial.c.key.not_in(select(planned.c.key))
    records = select(func.count()).select_from(record).join(trial).where(orphan)
    count = connection.scalar(records) or 0
    return Removed(connection.execute(delete(trial).where(orphan)).rowcount, count)
