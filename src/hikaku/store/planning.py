"""`plan`: write what a study is going to train; say what of it is finished, or comes again."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, delete, select, update

from hikaku.store.reader import FINISHED, finished
from hikaku.store.rows import insert_row, insert_rows, to_json
from hikaku.store.schema import arm, now, planned, study, trial
from hikaku.study.study import BASE, Study
from hikaku.study.trial import plain
from hikaku.words import Message, message

Keys = Mapping[tuple[str, int], str]
"""The trial key of each (arm fingerprint, seed)."""
Sources = Mapping[str, Mapping[str, str]]
"""By arm name, what its results depend on beyond the study's text: name to show, and digest."""


@dataclass(frozen=True)
class Again:
    """Trials that were finished once and must be trained again, and what changed since."""

    trials: int
    changed: tuple[str, ...]

    @property
    def sentence(self) -> Message:
        """Say so in words."""
        if not self.changed:
            return message("{trials} trials again: what they train changed", trials=self.trials)
        return message(
            "{trials} trials again: {changed} changed",
            trials=self.trials,
            changed=", ".join(self.changed),
        )


@dataclass(frozen=True)
class Planned:
    """What the store knows of a plan: the keys already finished, and what comes again and why."""

    finished: frozenset[str]
    again: tuple[Again, ...] = ()


def plan(
    connection: Connection,
    asked: Study,
    fingerprints: Mapping[str, str],
    keys: Keys,
    sources: Sources,
) -> Planned:
    """Write the study, its arms and (fingerprint, seed) → key as its current plan."""
    done = finished(connection, keys.values())
    owner = _write_study(connection, asked)
    again = _again(connection, owner, fingerprints, keys, sources, done)
    connection.execute(delete(arm).where(arm.c.study_id == owner))
    insert_rows(connection, arm, [
        {
            "study_id": owner, "name": name, "fingerprint": mark, "is_base": name == BASE,
            "position": position, "sources": to_json(dict(sources.get(name, {}))),
        }
        for position, (name, mark) in enumerate(fingerprints.items())
    ])  # fmt: skip
    _write_keys(connection, owner, keys)
    return Planned(done, again)


def _write_study(connection: Connection, asked: Study) -> int:
    """Write the study as it is now; return its id."""
    values: dict[str, object] = {
        "question": asked.question, "text": to_json(plain(asked)), "folder": asked.folder,
        "last_run": now(),
    }  # fmt: skip
    known = connection.scalar(select(study.c.id).where(study.c.name == asked.name))
    if known is not None:
        connection.execute(update(study).where(study.c.id == known).values(**values))
        return int(known)
    first = {"name": asked.name, "first_run": values["last_run"]}
    return insert_row(connection, study, {**first, **values})


def _write_keys(connection: Connection, owner: int, keys: Keys) -> None:
    """Make these keys the current ones; those of earlier plans stay, as history."""
    mine = planned.c.study_id == owner
    connection.execute(update(planned).where(mine).values(current=False))
    rows = connection.execute(
        select(planned.c.id, planned.c.fingerprint, planned.c.seed, planned.c.key).where(mine)
    )
    known = {((row.fingerprint, row.seed), row.key): row.id for row in rows}
    back = [{"row": known[item]} for item in keys.items() if item in known]
    if back:
        one = planned.c.id == bindparam("row")
        connection.execute(update(planned).where(one).values(current=True), back)
    insert_rows(connection, planned, [
        {"study_id": owner, "fingerprint": mark, "seed": seed, "key": key, "current": True}
        for (mark, seed), key in keys.items() if ((mark, seed), key) not in known
    ])  # fmt: skip


def _again(
    connection: Connection,
    owner: int,
    fingerprints: Mapping[str, str],
    keys: Keys,
    sources: Sources,
    done: frozenset[str],
) -> tuple[Again, ...]:
    """Return the finished trials of the plan before that this plan trains anew, by what changed."""
    before = _finished_before(connection, owner)
    arms = connection.execute(
        select(arm.c.name, arm.c.fingerprint, arm.c.sources).where(arm.c.study_id == owner)
    )
    old = {row.name: (row.fingerprint, json.loads(row.sources)) for row in arms}
    names = defaultdict(list)
    for name in fingerprints.keys() & old.keys():
        names[fingerprints[name]].append(name)
    found: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for (mark, seed), key in keys.items():
        for name in names[mark]:
            old_mark, old_sources = old[name]
            if key not in done and before.get((old_mark, seed), key) != key:
                found[_changed(old_sources, sources.get(name, {}))].add(key)
    return tuple(Again(len(again), changed) for changed, again in sorted(found.items()))


def _finished_before(connection: Connection, owner: int) -> dict[tuple[str, int], str]:
    """Return the keys of the study's plan until now, where their trials are finished."""
    query = (
        select(planned.c.fingerprint, planned.c.seed, planned.c.key)
        .join(trial, (trial.c.key == planned.c.key) & trial.c.state.in_(FINISHED))
        .where(planned.c.study_id == owner, planned.c.current)
    )
    return {(row.fingerprint, row.seed): row.key for row in connection.execute(query)}


def _changed(old: Mapping[str, str], new: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(name for name in sorted({*old, *new}) if old.get(name) != new.get(name))
