"""What was planned and measured once, told by the store alone: no file of a study is looked at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, select

from hikaku.record import Results
from hikaku.store.arms import Asked, PlannedArm, arms_of, study_id
from hikaku.store.reader import Readings, results
from hikaku.store.schema import study
from hikaku.study.stored import stored_study
from hikaku.study.study import Study
from hikaku.study.trial import digest, plain


@dataclass(frozen=True)
class Recalled:
    """What came of a study as it was last planned, and the fingerprints of its arms by name."""

    results: Results
    fingerprints: Mapping[str, str]


def naming(connection: Connection, name: str) -> Iterator[Study]:
    """Yield each study, the latest run first, whose text holds this name; its folder as stored.

    The name may stand there for something else: an arm, say. Studies that another version of
    hikaku wrote in another form are left out.
    """
    query = (
        select(study.c.text, study.c.folder)
        .where(study.c.text.contains(f'"name":"{name}"', autoescape=True))
        .order_by(study.c.last_run.desc(), study.c.name)
    )
    for text, folder in connection.execute(query):
        try:
            yield stored_study(text, folder)
        except (TypeError, KeyError, ValueError):
            continue


def recalled(connection: Connection, asked: Study, folder: str, readings: Readings) -> Recalled:
    """Return what came of the arms of a stored study as they were last planned.

    An arm that was never planned with this text has the fingerprint "" and no trials.
    """
    owner = study_id(connection, asked.name, folder)
    latest: dict[str, PlannedArm] = {}
    for own in arms_of(connection, owner).values() if owner is not None else ():
        latest.setdefault(own.text, own)
    found = {arm.name: latest.get(digest(plain(arm.work))) for arm in asked.arms}
    marks = {name: own.fingerprint if own else "" for name, own in found.items()}
    evaluation = next((own.evaluation for own in found.values() if own), "")
    whole = Asked(asked, folder, marks, evaluation)
    return Recalled(results(connection, whole, readings), marks)
