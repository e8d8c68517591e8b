"""A study is found in its store by what was planned, whatever has become of its files."""

import sqlite3
from pathlib import Path

import pytest
from store_samples import marks, measured, plan, study, train

from hikaku.errors import StoreError
from hikaku.store.rows import to_json
from hikaku.store.store import Store
from hikaku.study.decode import load
from hikaku.study.gallery import gallery, resolve
from hikaku.study.remembered import study_of
from hikaku.study.trial import digest, plain


def test_it_is_the_study_that_was_planned_with_all_that_was_measured(store: Store, tmp_path: Path):
    asked = study(folder=tmp_path / "gone")
    train(store, asked)
    (entry,) = store.entries()
    found = store.remembered(entry.number)
    assert found is not None
    assert found[0] == asked
    right = store.results(asked, marks(asked)).trials
    assert found[1].trials.keys() == right.keys()
    assert all(found[1].trials[at].records == right[at].records for at in right)
    assert (entry.name, entry.trials, entry.done) == ("one", 6, 6)


def test_of_an_arm_that_was_edited_since_the_latest_plan_is_shown(store: Store):
    asked = study()
    train(store, asked)
    plan(store, asked, version="-edited", data="-edited")
    (entry,) = store.entries()
    found = store.remembered(entry.number)
    assert found is not None and found[1].trials == {}
    assert (entry.trials, entry.done) == (6, 0)


def test_its_mark_changes_with_each_result_and_each_look(store: Store):
    asked = study()
    plan(store, asked)
    seen = [store.entries()[0].mark]
    for key in ("mark-base-0", "mark-dropout-0"):
        store.add(measured(key))
        seen.append(store.entries()[0].mark)
    plan(store, asked)
    seen.append(store.entries()[0].mark)
    assert len(set(seen)) == 4
    assert store.entries()[0].mark == seen[-1]


def test_a_number_that_no_study_has_is_none(store: Store):
    assert store.remembered(7) is None


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"name": 3, "base": {}}'])
def test_a_text_of_another_version_is_said_and_the_list_stays(
    store: Store, tmp_path: Path, text: str
):
    train(store, study())
    with sqlite3.connect(tmp_path / "store.db") as other:
        other.execute("UPDATE hikaku_study SET text = ?", (text,))
    (entry,) = store.entries()
    with pytest.raises(StoreError, match="planned by another version"):
        store.remembered(entry.number)


@pytest.mark.parametrize("name", gallery())
def test_every_ready_made_study_comes_back_from_its_text(name: str):
    asked = load(resolve(name))
    back = study_of(to_json(plain(asked)))
    assert back == asked
    assert [digest(plain(arm.work)) for arm in back.arms] == [
        digest(plain(arm.work)) for arm in asked.arms
    ]
