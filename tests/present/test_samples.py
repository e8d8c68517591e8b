"""Samples are shown as they are kept: the first ones, or those that a seed draws."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hikaku.data.task import Column, Task
from hikaku.present.report import Chart
from hikaku.present.samples import MOST_LINES, MOST_POINTS, Mosaic, Traces, chosen, labels, shown
from hikaku.present.shown import samples_report
from hikaku.present.terminal import text

ROWS = np.arange(2)


def task(inputs: Any, n: int = 40, **changes: Any) -> Task:
    plain: dict[str, Any] = {
        "name": "tiny",
        "targets": np.arange(n) % 2,
        "kind": "classification",
        "classes": ("cat", "dog"),
        "scale": 255.0,
    }
    return Task(inputs=inputs, **(plain | changes))


def images(*shape: int) -> np.ndarray:
    return np.arange(np.prod(shape), dtype=np.int64).reshape(shape).astype(np.uint8)


def picture(inputs: Any, **changes: Any) -> Mosaic | Traces:
    (found,) = shown(task(inputs, n=len(inputs), **changes), ROWS)
    return found.picture


def test_the_first_samples_to_train_on_are_shown_in_their_order() -> None:
    assert chosen(task(images(40, 4, 4))).tolist() == list(range(25))
    assert chosen(task(images(40, 4, 4), official_test=30)).tolist() == list(range(10))


def test_samples_are_spread_where_the_first_are_of_too_few_classes() -> None:
    three = {"classes": ("cat", "dog", "cow"), "n": 120}
    by_class = task(images(120, 4, 4), targets=np.arange(120) // 40, **three)
    rows = chosen(by_class)
    assert len(set(rows.tolist())) == 25 and (rows[0], rows[-1]) == (0, 119)
    assert set(labels(by_class, rows)) == {"cat", "dog", "cow"}
    assert "25 of 120 samples to train on, spread evenly" in " ".join(
        text(samples_report(by_class)).split()
    )
    mixed = task(images(120, 4, 4), targets=np.arange(120) % 3, **three)
    assert chosen(mixed).tolist() == list(range(25))
    assert chosen(by_class, 1).tolist() == chosen(mixed, 1).tolist()


def test_a_seed_draws_others_and_always_the_same_ones() -> None:
    drawn = [chosen(task(images(40, 4, 4), official_test=5), seed).tolist() for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2]
    assert drawn[0] == sorted(set(drawn[0])) and max(drawn[0]) < 35


def test_grey_bytes_are_shown_on_their_own_scale() -> None:
    raw = np.array([[[0, 8], [16, 4]]] * 2, np.uint8)
    found = picture(raw, scale=16.0)
    assert isinstance(found, Mosaic)
    assert found.images[0].tolist() == [[0, 128], [255, 64]]
    assert found.labels == ("cat", "dog")


def test_three_channels_are_colours() -> None:
    found = picture(images(4, 3, 5, 6))
    assert isinstance(found, Mosaic) and found.images.shape == (2, 5, 6, 3)
    assert found.images[0, 0, 0].tolist() == [0, 30, 60]


def test_floats_beyond_0_to_1_are_spread_from_their_lowest_to_their_highest() -> None:
    raw = np.linspace(-2, 6, 2 * 9, dtype=np.float32).reshape(2, 1, 3, 3)
    (found,) = shown(task(raw, n=2), ROWS)
    assert isinstance(found.picture, Mosaic)
    assert (found.picture.images.min(), found.picture.images.max()) == (0, 255)
    assert str(found.note) == "black is -2, white 6"


def test_of_other_channels_the_first_is_shown_and_a_note_says_so() -> None:
    (found,) = shown(task(images(4, 5, 3, 3), n=4), ROWS)
    assert isinstance(found.picture, Mosaic) and found.picture.images.shape == (2, 3, 3)
    assert str(found.note) == "the first of 5 channels"


@pytest.mark.parametrize("shape", [(4, 300), (4, 2, 300), (4, 300, 2)])
def test_a_sequence_runs_along_its_longer_side(shape: tuple[int, ...]) -> None:
    raw = np.cumsum(np.ones(shape, np.float32), axis=shape.index(300))
    found = picture(raw)
    assert isinstance(found, Traces)
    assert found.values.shape == (2, 1 if len(shape) == 2 else 2, MOST_POINTS)
    assert found.values[0, 0].tolist() == (found.at + 1).tolist()
    assert (found.at[0], found.at[-1]) == (0, 299)


def test_of_many_channels_a_few_are_drawn() -> None:
    (found,) = shown(task(np.zeros((4, 9, 50), np.float32), n=4), ROWS)
    assert isinstance(found.picture, Traces) and found.picture.values.shape[1] == MOST_LINES
    assert str(found.note) == f"the first {MOST_LINES} of 9 channels"


@pytest.mark.parametrize(
    "raw", [np.zeros((4, 5), np.float32), np.zeros((4, 30), np.int64), np.zeros((4, 2, 3, 3, 3))]
)
def test_short_vectors_tokens_and_volumes_have_no_picture(raw: np.ndarray) -> None:
    assert list(shown(task(raw, n=4), ROWS)) == []


def test_each_input_that_has_a_picture_is_shown_under_its_name() -> None:
    inputs = {"photo": images(40, 4, 4), "sizes": np.zeros((40, 3), np.float32)}
    report = samples_report(task(inputs))
    charts = [block for block in report.blocks if isinstance(block, Chart)]
    assert [str(chart.title) for chart in charts] == [
        "tiny photo: the first 25 of 40 samples to train on"
    ]


def test_values_to_predict_are_written_out() -> None:
    targets = np.array([[0.5, 2], [3, 4]], np.float32)
    both = task(images(2, 4, 4), targets=targets, kind="regression", classes=())
    assert labels(both, ROWS) == ("0.5, 2", "3, 4")


def homes() -> Task:
    raw = np.array([[31, 0, 1.5], [np.nan, 1, 2.5], [45, np.nan, 3.5]], np.float32)
    columns = (Column("age", gaps=True), Column("city", ("Bergen", "Oslo")), Column("size"))
    return task(raw, n=3, columns=columns)


def test_rows_of_a_table_are_told_with_categories_and_gaps() -> None:
    lines = text(samples_report(homes())).splitlines()
    assert lines[2] == "each of 3 columns; 2 classes"
    assert [line.split() for line in lines[5:]] == [
        ["target", "age", "city", "size"],
        ["cat", "31", "Bergen", "1.5"],
        ["dog", "–", "Oslo", "2.5"],
        ["cat", "45", "–", "3.5"],
    ]


def test_a_wide_table_keeps_to_the_line_and_names_what_it_leaves_out() -> None:
    raw = np.full((3, 60), 1.25, np.float32)
    said = text(samples_report(task(raw, n=3, columns=tuple(Column(f"c{n}") for n in range(60)))))
    assert max(map(len, said.splitlines())) <= 80
    assert "columns more: c" in said


def test_tokens_are_told_in_a_line() -> None:
    said = text(samples_report(task(np.arange(80).reshape(40, 2))))
    assert "cat     0 1\n" in said and "dog     2 3\n" in said
