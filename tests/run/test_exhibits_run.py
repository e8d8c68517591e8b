"""A run keeps for its report what only it can see: the data in short, samples that changed."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fake_study import measured
from test_run import Quiet, study

from hikaku.data.task import Task
from hikaku.errors import Paused
from hikaku.read.results import known
from hikaku.record import Measured, Results, Sheet
from hikaku.run import exhibits
from hikaku.run.study import run
from hikaku.store.store import Store
from hikaku.study.study import Study
from hikaku.words import message

SAMPLES = 6


def task(inputs: np.ndarray) -> Task:
    return Task("mine", inputs, np.arange(SAMPLES) % 2, "classification", ("cat", "dog"))


@pytest.mark.slow
def test_a_run_keeps_them_once_and_makes_them_again_where_they_are_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, store = study(seeds=3, resample="init"), str(tmp_path / "store.db")
    first = run(asked, store, Quiet(), workers=1).results.exhibits
    assert first.data is not None
    assert (first.data.name, first.data.licence) == ("digits", "CC BY 4.0")
    assert first.data.parts[0].samples == 1797
    changed = first.changed["adam"]
    assert changed.samples == 1797 - 90
    assert changed.gained + changed.lost > 0
    assert changed.images.shape[1:] == (8, 8)
    kept = known(asked, store).results.exhibits
    assert (kept.data, kept.changed["adam"].examples) == (first.data, changed.examples)

    with sqlite3.connect(store) as opened:
        opened.execute("DELETE FROM hikaku_exhibit")
    again = run(asked, store, Quiet(), workers=1)
    assert again.trained == 0
    assert np.array_equal(again.results.exhibits.changed["adam"].images, changed.images)

    monkeypatch.setattr(exhibits, "split", None)
    same = run(asked, store, Quiet(), workers=1).results.exhibits
    assert same.changed["adam"].examples == changed.examples


@pytest.mark.slow
def test_a_run_that_cannot_keep_them_still_ends_with_its_verdicts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = Quiet()
    bound: list[str] = []

    def full(store: Store, asked: Study, marks: dict[str, str], *_: object) -> None:
        bound.extend(store.results(asked, marks).spent)
        raise Paused.of(message("the disk is full"))

    monkeypatch.setattr(Store, "exhibit", full)
    found = run(study(seeds=5), str(tmp_path / "store.db"), watch, workers=1)
    assert [one.variant for one in found.findings] == ["adam"]
    assert bound == ["adam"]
    assert watch.notes[-1] == "the report has no examples: the disk is full"


def test_images_are_kept_small_in_the_order_of_the_examples() -> None:
    raw = np.zeros((SAMPLES, 3, 100, 50), np.uint8)
    raw[4] = 255
    found = exhibits._thumbnails(task(raw), np.array([5, 4, 0]))
    assert found.shape == (3, 64, 32, 3)
    assert found.mean(axis=(1, 2, 3)).tolist() == [0, 255, 0]


@pytest.mark.parametrize(
    "inputs", [np.zeros((SAMPLES, 4), np.float32), np.zeros((SAMPLES, 64), np.int64)]
)
def test_what_is_no_image_has_none(inputs: np.ndarray) -> None:
    assert exhibits._thumbnails(task(inputs), np.array([1, 2])).size == 0


def test_of_many_variants_the_first_have_examples_and_few() -> None:
    assert list(exhibits._shares(2)) == [12, 12]
    shares = list(exhibits._shares(31))
    assert shares == [6] * 10 + [0] * 21
    assert 2 * sum(shares) <= exhibits.MOST


def test_rows_count_that_both_arms_met_whatever_base_did() -> None:
    rows = np.array([4, 2])

    def met(arm: str, seed: int, word: str) -> Measured:
        sheet = Sheet("split", np.array(["a", "b", word]))
        return replace(measured(arm, seed, 0.0), sheets=(sheet,))

    words = {("adam", 0): "c", ("twin", 0): "c", ("adam", 1): "c", ("twin", 1): "other"}
    trials = {place: met(*place, word) for place, word in words.items()}
    results = Results((0, 1, 2), trials, bases={"adam": "twin"})
    assert exhibits._both(results, "adam", lambda _: (rows, "c")) == {0: rows}
