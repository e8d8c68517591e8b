"""What a report shows beside figures is kept with its study, and is missing where it is unsound."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import numpy as np
import pytest
from store_samples import marks, plan, study

from hikaku.evidence import Changed, DataCard, Evidence, Example, Part, Shape, Spread
from hikaku.store.store import Store
from hikaku.words import message

CARD = DataCard(
    name="pets",
    kind="regression",
    classes=("cat", "dog"),
    parts=(Part("all", 3, (1, 2), (Spread(0.0, 0.1, 0.2, 1 / 3),)),),
    shapes=(Shape("", (1, 2, 2), "uint8"),),
    fingerprint="f" * 32,
    licence="none",
    notes=(message("{a} and {b}", a=1, b=message("inside")),),
)
IMAGES = np.arange(8, dtype=np.uint8).reshape(2, 2, 2)
CHANGED = Changed(100, 1, 1, (Example(7, 1, 5, 0, 5), Example(9, 0, 5, 4, 0)), IMAGES)
KEPT = Evidence(CARD, {"dropout": CHANGED})


def kept(store: Store, folder: Path, evidence: Evidence = KEPT) -> None:
    asked = study(folder=folder)
    plan(store, asked)
    store.exhibit(asked, marks(asked), evidence, {"dropout": "these trials"})


def read(folder: Path) -> Evidence:
    asked = study(folder=folder)
    with Store.reading(folder / "store.db") as store:
        return store.results(asked, marks(asked)).evidence


def test_what_was_kept_comes_with_the_results(tmp_path: Path) -> None:
    with Store.writing(tmp_path / "store.db") as store:
        kept(store, tmp_path)
        asked = study(folder=tmp_path)
        assert store.exhibited(asked, marks(asked)) == {"dropout": "these trials"}
    found = read(tmp_path)
    assert found.data == CARD
    one = found.changed["dropout"]
    assert (one.samples, one.gained, one.lost, one.examples) == (100, 1, 1, CHANGED.examples)
    assert np.array_equal(one.images, IMAGES)


def test_what_is_kept_anew_takes_the_place_of_all_that_was_kept(tmp_path: Path) -> None:
    with Store.writing(tmp_path / "store.db") as store:
        kept(store, tmp_path)
        kept(store, tmp_path, Evidence(CARD))
    assert read(tmp_path) == Evidence(CARD, {})


def test_it_goes_with_its_study_and_an_edited_arm_has_none(tmp_path: Path) -> None:
    asked = study(folder=tmp_path)
    with Store.writing(tmp_path / "store.db") as store:
        kept(store, tmp_path)
        edited = marks(asked) | {"dropout": "mark-dropout-v2"}
        assert store.results(asked, edited).evidence.changed == {}
        store.forget("one")
    assert read(tmp_path) == Evidence()


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
