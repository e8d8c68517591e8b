"""Trials whose records are laid out alike are read by their numbers, and all others whole."""

import math
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from store_samples import keys, measured, plan, study

from hikaku.errors import StoreError
from hikaku.record import Measured
from hikaku.records import Record
from hikaku.store import reader, rows
from hikaku.store.store import Store

asked = study(seeds=range(20))


def trials() -> list[Measured]:
    """Return trials that differ in what their records are of, some of them in as many records."""
    made = [measured(key) for key in keys(asked).values()]
    odd = Record("curve", 2, "validation", "100 % (a)", math.nan)
    for n in (4, 9, 25, 39):
        made[n] = replace(made[n], records=(*made[n].records[:2], odd))
    made[12] = measured(made[12].outcome.key, records=7)
    made[13] = measured(made[13].outcome.key, status="failed", records=0)
    made[14] = replace(made[14], records=made[14].records[::-1])
    return made


@pytest.fixture
def where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(rows, "TOGETHER", 3)
    with Store.writing(tmp_path / "store.db") as store:
        plan(store, asked)
        for one in trials():
            store.add(one)
    return tmp_path / "store.db"


def found(where: Path) -> dict[str, str]:
    with Store.reading(where) as store:
        read = store.measured(keys(asked).values())
    return {key: repr(tuple(one.records)) for key, one in read.items()}


def test_every_trial_has_its_own_records(where: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole: list[int] = []
    records_of = reader.records_of
    monkeypatch.setattr(
        reader, "records_of", lambda c, ids, r: whole.extend(ids) or records_of(c, ids, r)
    )
    right = {one.outcome.key: repr(one.records) for one in trials()}
    assert found(where) == right
    assert len(whole) < len(right), "some are read by their numbers alone"


def test_where_there_are_no_seals_nothing_is_guessed(where: Path) -> None:
    before = found(where)
    with sqlite3.connect(where) as other:
        other.execute("UPDATE hikaku_trial SET seals = NULL")
    assert found(where) == before


@pytest.mark.fault("B7")
@pytest.mark.parametrize("trial", [1, 20, 40])
def test_a_number_that_is_not_what_was_written_is_damage_wherever_it_stands(
    where: Path, trial: int
) -> None:
    with sqlite3.connect(where) as other:
        other.execute("UPDATE hikaku_record SET value = 0.5 WHERE trial_id = ?", (trial,))
    with pytest.raises(StoreError, match="damaged"):
        found(where)
