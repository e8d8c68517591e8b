"""What the store knows of its studies without their files: the list, and each as last planned.

Whoever reads a study so reads its own text and the arms that were written beside it. No file of the
study is looked at, so what was measured is found wherever the study has gone since.
"""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, case, func, select

from hikaku.errors import StoreError
from hikaku.store.arms import Asked, arms_of
from hikaku.store.faults import NONSENSE, readable
from hikaku.store.reader import FINISHED
from hikaku.store.schema import arm, exhibit, look, planned, study, trial
from hikaku.study.remembered import study_of
from hikaku.study.study import Study
from hikaku.study.trial import digest, plain
from hikaku.words import message


@dataclass(frozen=True)
class Entry:
    """A study in the list: its number in this store, and how much of its latest plan is there.

    `folder` is seen from the store's. `mark` changes whenever what is said of it may change.
    """

    number: int
    name: str
    question: str
    folder: str
    arms: int
    trials: int
    done: int
    first_run: str
    last_run: str
    mark: str

    @property
    def identity(self) -> tuple[str, str, str]:
        """What no other study has that bears this number before or after it."""
        return self.name, self.folder, self.first_run


@readable()
def entries(connection: Connection) -> tuple[Entry, ...]:
    """Return every study, the latest run first."""
    done = func.sum(case((trial.c.state.in_(FINISHED), 1), else_=0))
    counted = {
        row.study_id: row
        for row in connection.execute(
            select(
                arm.c.study_id, func.count().label("trials"), done.label("done"),
                func.count(trial.c.id).label("ended"), func.max(trial.c.id).label("last"),
            )
            .select_from(planned)
            .join(arm)
            .join(study, (study.c.id == arm.c.study_id) & (study.c.plans == planned.c.plan))
            .outerjoin(trial, trial.c.key == planned.c.key)
            .group_by(arm.c.study_id)
        )
    }  # fmt: skip
    looks = connection.execute(select(func.count(), func.sum(look.c.family))).one()
    made_of = select(func.group_concat(exhibit.c.made_of)).where(exhibit.c.study_id == study.c.id)
    columns = (
        study.c.id, study.c.name, study.c.question, study.c.folder, study.c.arms, study.c.plans,
        study.c.first_run, study.c.last_run, made_of.scalar_subquery().label("made_of"),
    )  # fmt: skip
    rows = connection.execute(select(*columns).order_by(study.c.last_run.desc(), study.c.name))
    return tuple(
        Entry(
            row.id, row.name, row.question, row.folder, row.arms,
            own.trials if own else 0, own.done if own else 0, row.first_run,
            row.last_run,
            " ".join(
                map(str, (row.plans, *((own.ended, own.last) if own else ()), *looks, row.made_of))
            ),
        )
        for row in rows
        for own in (counted.get(row.id),)
    )  # fmt: skip


@readable()
def naming(connection: Connection, name: str, home: Path) -> dict[int, Study]:
    """Return the studies whose text holds `"name": name` by number, the latest run first.

    Those of another version, whose text cannot be read, are left out.
    """
    held = study.c.text.contains(f'"name":"{name}"', autoescape=True)
    latest = study.c.last_run.desc(), study.c.name
    found = {}
    for row in connection.execute(select(study).where(held).order_by(*latest)):
        with contextlib.suppress(*NONSENSE):
            found[row.id] = _study(row, home)
    return found


def _study(row: Row[Any], home: Path) -> Study:
    folder = os.path.normpath(home / row.folder)
    return replace(study_of(row.text), name=row.name, folder=folder)


def asked(connection: Connection, number: int, home: Path) -> Asked | None:
    """Return a study as it was last planned, with its arms' fingerprints; None where there is none.

    `home` is the store's folder. Raises StoreError where its text is that of another version.
    """
    row = connection.execute(select(study).where(study.c.id == number)).first()
    if row is None:
        return None
    try:
        found = _study(row, home)
    except NONSENSE as error:
        raise StoreError.of(
            message("study {name} was planned by another version", name=row.name),
            mend=message("`hikaku run` plans it anew; trials that fit are not trained again"),
        ) from error
    latest = {own.text: own for own in reversed(arms_of(connection, number).values())}
    mine = {arm.name: latest.get(digest(plain(arm.work))) for arm in found.arms}
    return Asked(
        found,
        row.folder,
        {name: own.fingerprint if own else "" for name, own in mine.items()},
        next((own.evaluation for own in mine.values() if own), ""),
    )
