"""What changes a store besides plans, each on an open connection and inside one transaction."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, insert, select, update

from hikaku.errors import StoreError
from hikaku.record import Checkpoint, Measured, Spent
from hikaku.store import unfinished
from hikaku.store.arms import arms_of, superseded
from hikaku.store.differ import difference
from hikaku.store.reader import Bill, allowances, finished
from hikaku.store.reader import measured as read
from hikaku.store.rows import batches, insert_row, insert_rows, to_json
from hikaku.store.schema import (
    allowance,
    arm,
    happened,
    look,
    now,
    planned,
    record,
    sheet,
    study,
    survey,
    trial,
)
from hikaku.store.schema import checkpoint as points
from hikaku.store.seal import seals
from hikaku.words import message


@dataclass(frozen=True)
class Removed:
    """How much was deleted."""

    trials: int
    records: int
    files: int = 0


def add(connection: Connection, measured: Measured) -> bool:
    """Write a trial with all that it left; return whether that was news.

    A finished trial is never changed; a failed one is replaced. Where one that was trained again
    gives other numbers, that is told as an event. Its checkpoints are forgotten.
    """
    outcome = measured.outcome
    unfinished.release(connection, outcome.key)
    if finished(connection, [outcome.key]):
        _compare(connection, measured)
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
        "seals": to_json(seals(outcome, measured.records, measured.sheets)),
    })  # fmt: skip
    insert_rows(connection, record, [
        {
            "trial_id": owner, "position": position, "reading": one.reading, "step": one.step,
            "split": one.split, "metric": one.metric,
            "value": _or_null(one.value),
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


def checkpoint(connection: Connection, new: Checkpoint) -> tuple[str, ...]:
    """Write where an unfinished trial can go on; return the files that no checkpoint names.

    Of a finished one that is the new file, and nothing is written.
    """
    if finished(connection, [new.key]):
        return (new.file,)
    return unfinished.point(connection, new)


def spend(connection: Connection, base: str, variant: str, metric: str, new: Spent) -> None:
    """Write what this comparison is bound to from now on; `new.shown` becomes now.

    Where it was bound before over any of these seeds, the oldest such row goes on governing. Only
    its family grows, and what an older version of the tables did not know is filled in.
    """
    comparison = {"base": base, "variant": variant, "metric": metric}
    worth = _or_null(new.worth)
    differences = to_json([[seed, _or_null(value)] for seed, value in new.differences])
    for row in connection.execute(select(look).filter_by(**comparison).order_by(look.c.id)).all():
        if not set(new.seeds).isdisjoint(json.loads(row.seeds)):
            connection.execute(update(look).where(look.c.id == row.id).values(
                family=max(row.family, new.family),
                worth=worth if row.worth is None else row.worth,
                differences=row.differences if json.loads(row.differences) else differences,
            ))  # fmt: skip
            return
    connection.execute(insert(look).values(
        **comparison, seeds=to_json(new.seeds), auto=new.auto, horizon=new.horizon, worth=worth,
        family=new.family, differences=differences, shown=now(),
    ))  # fmt: skip


def charge(connection: Connection, name: str, folder: str, new: Bill) -> None:
    """Add to what the study has cost."""
    mine = (study.c.name == name) & (study.c.folder == folder)
    more = {"seconds": study.c.seconds + new.seconds, "trained": study.c.trained + new.trials}
    if not connection.execute(update(study).where(mine).values(**more)).rowcount:
        raise StoreError.of(message("study {name} was never planned", name=name))


def allow(connection: Connection, base: str, variant: str, equal: str, steps: int) -> int:
    """Write how many updates the variant is given, unless that was settled; return what stands."""
    standing = allowances(connection, base, equal).get(variant)
    if standing is None:
        connection.execute(
            insert(allowance).values(base=base, variant=variant, equal=equal, steps=steps)
        )
    return steps if standing is None else standing


def keep_survey(connection: Connection, mark: str, data: str, said: str) -> None:
    """Write what was found out about an arm on its data, in place of what stood there."""
    connection.execute(delete(survey).filter_by(fingerprint=mark, data=data))
    connection.execute(insert(survey).values(fingerprint=mark, data=data, text=said))


def forget(connection: Connection, name: str, folder: str | None) -> Removed:
    """Delete the study of this name in this folder, or in every folder, and what only it planned.

    What it has cost and its first seed go with it. Looks stay: what was looked at once has been
    looked at. So do allowances: trials were trained under them.
    """
    named = delete(study).where(study.c.name == name)
    connection.execute(named if folder is None else named.where(study.c.folder == folder))
    return _remove_orphans(connection)


def prune(connection: Connection) -> Removed:
    """Delete the plans of arms whose text was planned again since with other files or data.

    The arms stay, for by them the study knows what it has looked at.
    """
    studies = connection.scalars(select(study.c.id)).all()
    old = [one for owner in studies for one in superseded(arms_of(connection, owner))]
    for some in batches(old):
        connection.execute(delete(planned).where(planned.c.arm_id.in_(some)))
    return _remove_orphans(connection)


def _or_null(value: float) -> float | None:
    """Return NaN as None, which is what the tables and JSON have for it."""
    return None if math.isnan(value) else float(value)


def _compare(connection: Connection, new: Measured) -> None:
    """Tell where what is kept of this trial and what it gave now differ."""
    key = new.outcome.key
    found = difference(read(connection, [key])[key], new)
    if found:
        unfinished.tell(connection, key, "nondeterministic", found)


def _remove_orphans(connection: Connection) -> Removed:
    for table in (points, happened):
        connection.execute(delete(table).where(table.c.key.not_in(select(planned.c.key))))
    orphan = trial.c.key.not_in(select(planned.c.key))
    records = select(func.count()).select_from(record).join(trial).where(orphan)
    count = connection.scalar(records) or 0
    return Removed(connection.execute(delete(trial).where(orphan)).rowcount, count)
