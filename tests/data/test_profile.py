"""A data set's figures are those that counting by hand gives."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from hikaku.data.profile import Groups, Profile, profile
from hikaku.data.task import Column, Task


def task(**changes: Any) -> Task:
    plain = Task(
        name="tiny",
        inputs=np.arange(10 * 6, dtype=np.uint8).reshape(10, 2, 3),
        targets=np.array([0, 0, 0, 0, 0, 1, 0, 1, 0, 1]),
        kind="classification",
        classes=("cat", "dog"),
        scale=255.0,
    )
    return replace(plain, **changes)


def test_samples_are_counted_by_class() -> None:
    (part,) = profile(task()).parts
    assert (part.name, part.samples, part.counts) == ("all", 10, (7, 3))


def test_given_sets_are_counted_apart() -> None:
    found = profile(task(official_validation=2, official_test=3))
    assert [(part.name, part.samples, part.counts) for part in found.parts] == [
        ("train", 5, (5, 0)),
        ("validation", 2, (1, 1)),
        ("test", 3, (1, 2)),
    ]
    assert found.samples == 10


def test_the_shape_is_what_the_model_sees_and_the_range_what_is_kept() -> None:
    (item,) = profile(task()).inputs
    assert (item.shape, item.dtype, item.low, item.high) == ((1, 2, 3), "uint8", 0.0, 59.0)


def test_memory_counts_bytes_as_kept_and_floats_as_seen() -> None:
    found = profile(task())
    assert (found.kept, found.seen) == (10 * 6 + 10 * 8, 10 * 6 * 4)


def test_several_inputs_are_described_one_by_one() -> None:
    inputs = {"text": np.ones((10, 4), np.int64), "size": np.full((10, 2), 0.5, np.float32)}
    found = profile(task(inputs=inputs))
    assert [(item.name, item.shape, item.low) for item in found.inputs] == [
        ("text", (4,), 1.0),
        ("size", (2,), 0.5),
    ]
    assert found.seen == 10 * (4 * 8 + 2 * 4)


def test_the_ratio_and_the_share_are_those_of_the_samples_to_train_on() -> None:
    found = profile(task())
    assert found.imbalance == pytest.approx(7 / 3)
    assert found.majority == ("cat", 0.7)
    assert profile(task(official_test=5)).imbalance is None  # a class is missing there


@pytest.mark.parametrize(("most", "warns"), [(2, False), (3, True)])
def test_uneven_classes_are_a_caution_from_three_to_one_on(most: int, warns: bool) -> None:
    targets = np.array([0] * most + [1])
    found = profile(task(inputs=np.zeros((most + 1, 4), np.float32), targets=targets))
    assert any("balanced-accuracy" in str(caution) for caution in found.cautions) is warns


def test_values_to_predict_are_spread_output_by_output() -> None:
    targets = np.array([[0, 10], [2, 10], [4, 40]], np.float32)
    values = task(
        inputs=np.zeros((3, 2), np.float32), targets=targets, kind="regression", classes=()
    )
    first, second = profile(values).parts[0].values
    assert (first.low, first.mean, first.high) == (0.0, 2.0, 4.0)
    assert first.deviation == pytest.approx(np.std([0, 2, 4]))
    assert (second.low, second.mean, second.high) == (10.0, 20.0, 40.0)
    assert profile(values).majority is None


def table() -> Profile:
    gap = np.nan
    inputs = np.array([[31, 0], [gap, 1], [45, 1], [22, gap]], np.float32)
    columns = (Column("age", gaps=True), Column("city", ("Bergen", "Oslo"), gaps=True))
    return profile(
        task(inputs=inputs, targets=np.array([0, 1, 0, 1]), columns=columns, standardize=True)
    )


def test_gaps_are_counted_by_column_and_left_out_of_its_range() -> None:
    age, city = table().features
    assert (age.missing, age.low, age.high, age.categories) == (1, 22.0, 45.0, 0)
    assert (city.missing, city.categories, city.commonest) == (1, 2, "Oslo")
    assert table().inputs[0].missing == 2


def test_a_column_without_a_value_has_no_range() -> None:
    inputs = np.full((4, 1), np.nan, np.float32)
    found = profile(task(inputs=inputs, targets=np.zeros(4, np.int64), columns=(Column("none"),)))
    assert np.isnan([found.features[0].low, found.inputs[0].high]).all()


def test_groups_are_counted_among_the_samples_to_train_on() -> None:
    groups = np.array([5, 5, 5, 8, 8, 8, 8, 8, -1, -1])
    assert profile(task(groups=groups, official_test=2)).groups == Groups(2, 3, 5)
    assert profile(task()).groups is None
