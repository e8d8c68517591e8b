"""Statistics come from training rows alone, and travel with the model."""

from dataclasses import replace

import numpy as np

from hikaku.data.prepare import Preparation, fit, from_json
from hikaku.data.task import Column, Task

GAP = float("nan")


def table(**more: object) -> Task:
    rows = np.array([[1, 0, 5], [3, 1, 5], [GAP, GAP, 5], [1000, 2, 5]], np.float32)
    columns = (
        Column("age", gaps=True),
        Column("colour", ("red", "blue", "green"), True),
        Column("one"),
    )
    return Task(
        "t", rows, np.zeros(4, np.int64), "classification", ("a", "b"), columns=columns, **more
    )


def test_what_the_model_sees_does_not_depend_on_rows_outside_train() -> None:
    task = table(standardize=True)
    other = np.array(task.inputs)
    other[3] = -77
    changed = Task(**{**vars(task), "inputs": other})
    assert fit(task, np.arange(3)) == fit(changed, np.arange(3))


def test_gaps_get_the_median_of_train_and_are_marked() -> None:
    x = fit(table(), np.arange(3))(table().inputs)
    assert isinstance(x, np.ndarray)
    assert table().shape == (7,)
    # age, age is missing, red, blue, green, colour is missing, one
    assert x.tolist() == [
        [1, 0, 1, 0, 0, 0, 5],
        [3, 0, 0, 1, 0, 0, 5],
        [2, 1, 0, 0, 0, 1, 5],
        [1000, 0, 0, 0, 1, 0, 5],
    ]


def test_standardized_features_of_train_have_mean_0_and_deviation_1_where_they_vary() -> None:
    task = table(standardize=True)
    x = fit(task, np.arange(3))(task.rows(np.arange(3)))
    assert isinstance(x, np.ndarray)
    assert np.allclose(x.mean(0), 0, atol=1e-6)
    assert np.allclose(x.std(0)[:2], 1, atol=1e-5)
    assert x.std(0)[-1] == 0


def test_channels_of_images_are_standardized_one_by_one() -> None:
    draws = np.random.default_rng(0)
    images = draws.integers(0, 256, (50, 3, 4, 4)).astype(np.uint8)
    images[:, 1] //= 4
    task = Task(
        "i",
        images,
        np.zeros(50, np.int64),
        "classification",
        ("a", "b"),
        scale=255.0,
        standardize=True,
    )
    x = fit(task, np.arange(50))(images)
    assert isinstance(x, np.ndarray)
    assert np.allclose(x.mean((0, 2, 3)), 0, atol=1e-5)
    assert np.allclose(x.std((0, 2, 3)), 1, atol=1e-4)


def test_the_order_of_train_changes_no_bit() -> None:
    task = table(standardize=True)
    assert fit(task, np.array([2, 0, 1])) == fit(task, np.arange(3))


def test_a_preparation_survives_json() -> None:
    found = fit(table(standardize=True), np.arange(3))
    assert from_json(found.as_json()) == found
    assert from_json(Preparation().as_json()) == Preparation()


def test_tokens_stay_whole_numbers() -> None:
    tokens = np.arange(6).reshape(3, 2)
    task = Task("t", tokens, np.zeros(3, np.int64), "classification", ("a", "b"), standardize=True)
    x = fit(task, np.arange(3))(tokens)
    assert isinstance(x, np.ndarray)
    assert x.dtype == np.int64


def test_values_are_learnt_standardized_and_come_back_in_their_units() -> None:
    values = np.array([[100, 1], [300, 5], [200, 3], [9999, 9]], np.float32)
    task = Task("v", np.zeros((4, 2), np.float32), values, "regression", (), standardize=True)
    found = fit(task, np.arange(3))
    learnt = found.targets(values[:3])
    assert np.allclose(learnt.mean(0), 0, atol=1e-6)
    assert np.allclose(learnt.std(0), 1, atol=1e-6)
    assert np.allclose(found.values(learnt.astype(np.float64)), values[:3])
    assert from_json(found.as_json()) == found
    one = Task("v", np.zeros((4, 2), np.float32), values[:, 0], "regression", (), standardize=True)
    assert np.allclose(fit(one, np.arange(3)).targets(values[:3, 0]), learnt[:, 0])
    assert not fit(replace(one, standardize=False), np.arange(3)).target_mean


def test_a_column_in_tiny_units_is_no_constant_one() -> None:
    x = np.stack([np.arange(4) * 1e-14, np.full(4, 0.1)], axis=1).astype(np.float32)
    task = Task("t", x, np.zeros(4, np.int64), "classification", ("a", "b"), standardize=True)
    seen = fit(task, np.arange(4))(x)
    assert isinstance(seen, np.ndarray)
    assert np.allclose(seen.std(0), [1, 0], atol=1e-3)
