"""What a report shows beside figures is kept with its study, and is missing where it is unsound."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import numpy as np
import pytest
from store_samples import digests, keys, marks, measured, plan, study

from hikaku.exhibits import Changed, DataCard, Example, Exhibits, Part, Shape, Spread
from hikaku.record import Sheet
from hikaku.store.exhibits import made_of
from hikaku.store.store import Store
from hikaku.study.study import Study
from hikaku.words import message

DATA, OTHER_DATA = "f" * 32, "0" * 32
CARD = DataCard(
    name="pets",
    kind="regression",
    classes=("cat", "dog"),
    parts=(Part("all", 3, (1, 2), (Spread(0.0, 0.1, 0.2, 1 / 3),)),),
    shapes=(Shape("", (1, 2, 2), "uint8"),),
    fingerprint=DATA,
    licence="none",
    notes=(message("{a} and {b}", a=1, b=message("inside")),),
)
IMAGES = np.arange(8, dtype=np.uint8).reshape(2, 2, 2)
CHANGED = Changed(100, 1, 1, (Example(7, 1, 5, 0, 5), Example(9, 0, 5, 4, 0)), IMAGES)
KEPT = Exhibits(CARD, {"dropout": CHANGED})


SHEETS = (Sheet("correct", np.array([True, False])),)


def planned(store: Store, asked: Study, data: str = DATA, trials: str = "") -> None:
    """Plan the study and add its trials, whose keys hold `trials`."""
    plan(store, asked, data=trials, sources=digests(asked, digits=data))
    for key in keys(asked, data=trials).values():
        store.add(measured(key, sheets=SHEETS))


def kept(store: Store, folder: Path, exhibits: Exhibits = KEPT) -> None:
    asked = study(folder=folder)
    planned(store, asked)
    sources = made_of(asked, store.results(asked, marks(asked)))
    store.exhibit(asked, marks(asked), exhibits, sources)


def read(folder: Path) -> Exhibits:
    asked = study(folder=folder)
    with Store.reading(folder / "store.db") as store:
        return store.results(asked, marks(asked)).exhibits


def test_what_was_kept_comes_with_the_results(tmp_path: Path) -> None:
    with Store.writing(tmp_path / "store.db") as store:
        kept(store, tmp_path)
    found = read(tmp_path)
    assert found.data == CARD
    one = found.changed["dropout"]
    assert (one.samples, one.gained, one.lost, one.examples) == (100, 1, 1, CHANGED.examples)
    assert np.array_equal(one.images, IMAGES)


def test_whoever_watches_the_list_of_studies_sees_that_there_is_something_new(
    tmp_path: Path,
) -> None:
    asked = study(folder=tmp_path)
    with Store.writing(tmp_path / "store.db") as store:
        kept(store, tmp_path, Exhibits())
        before = store.entries()[0].mark
        store.exhibit(asked, marks(asked), KEPT, {"dropout": "these trials"})
        assert store.entries()[0].mark != before


def test_what_is_kept_anew_takes_the_place_of_all_that_was_kept(tmp_path: Path) -> None:
    with Store.writing(tmp_path / "store.db") as store:
        kept(store, tmp_path)
        kept(store, tmp_path, Exhibits(CARD))
    assert read(tmp_path) == Exhibits(CARD, {})


def test_examples_of_other_trials_than_those_shown_are_missing(tmp_path: Path) -> None:
    asked = study(folder=tmp_path)
    with Store.writing(tmp_path / "store.db") as store:
        kept(store, tmp_path)
        fewer = study(folder=tmp_path, seeds=(0, 1))
        assert store.results(fewer, marks(fewer)).exhibits.changed == {}
        planned(store, asked, trials=" again")
    found = read(tmp_path)
    assert found.changed == {} and found.data == CARD


def test_a_card_of_other_data_than_the_last_plans_is_missing(tmp_path: Path) -> None:
    with Store.writing(tmp_path / "store.db") as store:
        kept(store, tmp_path)
        asked = study(folder=tmp_path)
        plan(store, asked, sources=digests(asked, digits=OTHER_DATA))
    assert read(tmp_path).data is None


def test_it_goes_with_its_study_and_an_edited_arm_has_none(tmp_path: Path) -> None:
    asked = study(folder=tmp_path)
    with Store.writing(tmp_path / "store.db") as store:
        kept(store, tmp_path)
        edited = marks(asked) | {"dropout": "mark-dropout-v2"}
        assert store.results(asked, edited).exhibits.changed == {}
        store.forget("one")
    assert read(tmp_path) == Exhibits()


@pytest.mark.parametrize(
    "harm",
    [
        "UPDATE hikaku_exhibit SET bytes = zeroblob(8)",
        "UPDATE hikaku_exhibit SET shape = '[1]'",
        "UPDATE hikaku_exhibit SET text = '{'",
        "UPDATE hikaku_exhibit SET made_of = 'others'",
    ],
)
def test_what_is_not_what_was_written_is_missing_and_no_fault(tmp_path: Path, harm: str) -> None:
    with Store.writing(tmp_path / "store.db") as store:
        kept(store, tmp_path)
    with sqlite3.connect(tmp_path / "store.db") as opened:
        opened.execute(harm)
    assert read(tmp_path).changed == {}
