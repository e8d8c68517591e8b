"""`plan`: write what a study is going to train; say what of it is finished, or comes again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, delete, select, update

from hikaku.store.arms import Asked, Digests, PlannedArm, arms_of, changed, study_id
from hikaku.store.reader import FINISHED, finished
from hikaku.store.rows import insert_row, insert_rows, to_json
from hikaku.store.schema import arm, now, planned, study, trial
from hikaku.store.seal import seal_of_plan
from hikaku.study.trial import digest, plain
from hikaku.study.twin import twin_of
from hikaku.words import Message, message

Keys = Mapping[tuple[str, int], str]
"""The trial key of each (arm fingerprint, seed)."""
Sources = Mapping[str, Digests]
"""By arm name, the data and files that its results depend on."""


@dataclass(frozen=True)
class Again:
    """Trials that were finished once and must be trained again.

    `changed` names the data and files that are not what they were; none: another metric is asked.
    """

    trials: int
    changed: tuple[str, ...]

    @property
    def sentence(self) -> Message:
        """Say so in words."""
        if not self.changed:
            return message("{trials} trials again: the metric changed", trials=self.trials)
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
    connection: Connection, asked: Asked, keys: Keys, sources: Sources, first_seed: int | None
) -> Planned:
    """Write the study, its arms and (arm, seed) → key; every other arm and seed stays as it was.

    So does the first of its automatic seeds where none is given. Whatever has a fingerprint and is
    no arm of the study is a twin of one: told by its name, as an arm is by what it trains.
    """
    done = finished(connection, keys.values())
    owner, number = _write_study(connection, asked, first_seed)
    texts = {one.name: digest(plain(one.work)) for one in asked.study.arms}
    arms = {
        mark: PlannedArm(
            text=texts.get(name) or digest({"arm": texts[twin_of(name, texts)], "as": name}),
            fingerprint=mark,
            evaluation=asked.evaluation,
            sources=dict(sources.get(name, {})),
        )
        for name, mark in asked.fingerprints.items()
    }
    again = _again(connection, owner, arms, {k: key for k, key in keys.items() if key not in done})
    _write_keys(connection, _write_arms(connection, owner, arms), keys, number)
    return Planned(done, again)


def _write_study(connection: Connection, asked: Asked, first_seed: int | None) -> tuple[int, int]:
    """Write the study as it is now; return its id and the number of this plan."""
    values: dict[str, object] = {
        "question": asked.study.question, "text": to_json(plain(asked.study)),
        "arms": len(asked.study.arms), "last_run": now(),
    }  # fmt: skip
    if first_seed is not None:
        values["first_seed"] = first_seed
    known = study_id(connection, asked.study.name, asked.folder)
    if known is None:
        first = {"name": asked.study.name, "folder": asked.folder, "first_run": values["last_run"]}
        return insert_row(connection, study, {**first, **values, "plans": 1}), 1
    mine = study.c.id == known
    connection.execute(update(study).where(mine).values(**values, plans=study.c.plans + 1))
    return known, connection.scalar(select(study.c.plans).where(mine)) or 1


def _write_arms(
    connection: Connection, owner: int, arms: Mapping[str, PlannedArm]
) -> dict[str, int]:
    """Write the arms that are not there yet; return the id of each by its fingerprint."""
    known = list(arms_of(connection, owner).items())
    found = {own.fingerprint: own_id for own_id, own in known if own == arms.get(own.fingerprint)}
    for mark in arms.keys() - found.keys():
        own = arms[mark]
        found[mark] = insert_row(connection, arm, {
            "study_id": owner, "text": own.text, "fingerprint": mark,
            "evaluation": own.evaluation, "sources": to_json(own.sources),
        })  # fmt: skip
    return found


def _write_keys(connection: Connection, arms: Mapping[str, int], keys: Keys, plan: int) -> None:
    """Write the key of each arm and seed, in place of the one that was planned before."""
    rows: list[dict[str, object]] = [
        {
            "arm_id": arms[mark], "seed": seed, "key": key, "plan": plan,
            "seal": seal_of_plan(mark, seed, key),
        }
        for (mark, seed), key in keys.items()
    ]  # fmt: skip
    if rows:
        same = (planned.c.arm_id == bindparam("arm_id")) & (planned.c.seed == bindparam("seed"))
        connection.execute(delete(planned).where(same), rows)
    insert_rows(connection, planned, rows)


def _again(
    connection: Connection, owner: int, arms: Mapping[str, PlannedArm], todo: Keys
) -> tuple[Again, ...]:
    """Return which of the trials to do the study has finished before, by what changed since.

    Only arms of the same text are compared: other settings are no change, but other trials.
    """
    before = _finished_before(connection, owner)
    found: dict[tuple[str, ...], int] = defaultdict(int)
    for mark, seed in todo:
        new = arms[mark]
        old = before.get((new.text, seed), new)
        names = changed(old.sources, new.sources)
        if names or old.evaluation != new.evaluation:
            found[names] += 1
    return tuple(Again(trials, names) for names, trials in sorted(found.items()))


def _finished_before(connection: Connection, owner: int) -> dict[tuple[str, int], PlannedArm]:
    """Return the arm whose trial of each (text, seed) was the last planned and is finished."""
    query = (
        select(arm, planned.c.seed)
        .join(planned)
        .join(trial, (trial.c.key == planned.c.key) & trial.c.state.in_(FINISHED))
        .where(arm.c.study_id == owner)
        .order_by(planned.c.plan)
    )
    return {(row.text, row.seed): PlannedArm.of(row) for row in connection.execute(query)}
