"""`Asked` and `PlannedArm`: how the store tells studies apart, and the arms of one study.

A study is its name and its folder. An arm of it is told from its others by its fingerprint, by
what is measured beyond the standing metrics, and by the data and files that it was planned with.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, Row, func, select

from hikaku.store.schema import arm, planned, study
from hikaku.study.study import Study

Digests = Mapping[str, str]
"""By a name to show, the digest of a file or data set that results depend on."""


@dataclass(frozen=True)
class Asked:
    """A study, and what its text does not say.

    `folder` is where it lies, seen from the store; `fingerprints` gives each arm's by its name,
    `evaluation` what is measured beyond the standing metrics.
    """

    study: Study
    folder: str
    fingerprints: Mapping[str, str]
    evaluation: str


@dataclass(frozen=True)
class PlannedArm:
    """An arm as a study once planned it.

    `text` is the digest of what it trains as the study says it; `fingerprint` and `sources` tell
    the files apart that are behind one text, `sources` the data too.
    """

    text: str
    fingerprint: str
    evaluation: str
    sources: Digests

    @classmethod
    def of(cls, row: Row[tuple[object, ...]]) -> PlannedArm:
        """Return the arm in a row of the table."""
        return cls(row.text, row.fingerprint, row.evaluation, json.loads(row.sources))


def changed(old: Digests, new: Digests) -> tuple[str, ...]:
    """Return the names of what both depend on and is no longer the same."""
    return tuple(sorted(name for name in old.keys() & new.keys() if old[name] != new[name]))


def study_id(connection: Connection, name: str, folder: str) -> int | None:
    """Return the id of the study of this name in this folder, None where it was never planned."""
    return connection.scalar(select(study.c.id).filter_by(name=name, folder=folder))


def arms_of(connection: Connection, study_id: int) -> dict[int, PlannedArm]:
    """Return every arm that the study has planned and not pruned, by id, the latest first."""
    query = (
        select(arm)
        .join(planned)
        .where(arm.c.study_id == study_id)
        .group_by(arm.c.id)
        .order_by(func.max(planned.c.plan).desc(), arm.c.id.desc())
    )
    return {row.id: PlannedArm.of(row) for row in connection.execute(query)}


def superseded(arms: Mapping[int, PlannedArm]) -> list[int]:
    """Return the ids of the arms whose text was planned again since, with other files or data.

    `arms` are those of one study, the last planned first.
    """
    marks: dict[str, str] = {}
    latest: dict[str, dict[str, str]] = {}
    found: list[int] = []
    for own_id, own in arms.items():
        seen = latest.setdefault(own.text, {})
        if marks.setdefault(own.text, own.fingerprint) != own.fingerprint or changed(
            own.sources, seen
        ):
            found.append(own_id)
        else:
            seen.update(own.sources)
    return found
