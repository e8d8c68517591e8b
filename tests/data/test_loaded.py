"""What a user's `load` may return, and what is said of what it may not."""

from typing import Any

import numpy as np
import pytest
import torch

from hikaku.data.own import task_of
from hikaku.errors import DataError

X = np.linspace(0, 1, 60, dtype=np.float64).reshape(12, 5)
Y = np.arange(12) % 3


class Numbers(torch.utils.data.Dataset[Any]):
    def __init__(self, noise: float = 0.0) -> None:
        self.noise = noise
        self.draws = np.random.default_rng(0)

    def __len__(self) -> int:
        return 12

    def __getitem__(self, number: int) -> Any:
        x = torch.tensor(X[number]) + self.noise * self.draws.normal()
        return x, int(Y[number])


class Named(Numbers):
    classes = ("cat", "dog", "owl")


@pytest.mark.parametrize(
    "loaded",
    [
        (X, Y),
        (torch.tensor(X), torch.tensor(Y)),
        (X.tolist(), Y.tolist()),
        ([torch.tensor(row) for row in X], Y),
        Numbers(),
        {"train": (X, Y)},
        (X, np.eye(3)[Y]),
        (X, Y.astype(float)),
    ],
)
def test_every_usual_form_gives_one_task(loaded: Any) -> None:
    task = task_of(loaded, "mine", "classification")
    assert isinstance(task.inputs, np.ndarray)
    assert task.inputs.dtype == np.float32
    assert np.array_equal(task.inputs, X.astype(np.float32))
    assert task.targets.tolist() == Y.tolist()
    assert task.classes == ("0", "1", "2")


def test_text_labels_become_classes_in_order() -> None:
    task = task_of((X, np.array(["owl", "cat", "dog"])[Y]), "mine", "classification")
    assert task.classes == ("cat", "dog", "owl")
    assert task.targets[:3].tolist() == [2, 0, 1]


def test_a_dataset_names_its_classes() -> None:
    assert task_of(Named(), "mine", "classification").classes == ("cat", "dog", "owl")


def test_given_sets_are_taken_as_they_are() -> None:
    loaded = {"train": (X, Y), "test": (X[:4], Y[:4]), "validation": Numbers()}
    task = task_of(loaded, "mine", "classification")
    assert (task.pool, task.official_validation, task.official_test) == (12, 12, 4)
    assert task.targets[-4:].tolist() == Y[:4].tolist()


def test_groups_are_numbered_and_given_sets_stand_outside_them() -> None:
    loaded = {"train": (X, Y), "test": (X[:2], Y[:2]), "groups": list("aabbccddeeff")}
    groups = task_of(loaded, "mine", "classification").groups
    assert groups is not None
    assert groups.tolist() == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, -1, -1]


def test_several_inputs_stand_by_name() -> None:
    inputs = {"image": np.zeros((12, 3, 4, 4), np.uint8), "age": X[:, 0]}
    task = task_of((inputs, Y), "mine", "classification")
    assert task.shape == {"image": (3, 4, 4), "age": (1,)}
    assert task_of(((X, X), Y), "mine", "classification").shape == {"0": (5,), "1": (5,)}


def test_images_with_channels_last_get_them_first_and_it_is_said() -> None:
    images = np.arange(12 * 8 * 6 * 3, dtype=np.uint8).reshape(12, 8, 6, 3)
    task = task_of((images, Y), "mine", "classification")
    assert task.shape == (3, 8, 6)
    assert np.array_equal(np.asarray(task.inputs)[:, 2], images[..., 2])
    assert any("channels last" in str(note) for note in task.notes)


def test_regression_keeps_values() -> None:
    task = task_of((X, X[:, 0] * 7), "mine", "regression")
    assert task.classes == ()
    assert task.targets.dtype == np.float32
    assert task_of((X, X[:, :2]), "mine", "regression").targets.shape == (12, 2)


def test_random_transforms_inside_a_dataset_are_an_error_that_says_where_to_put_them() -> None:
    with pytest.raises(DataError, match=r"differs when it is read twice(.|\n)*recipe\.augment"):
        task_of(Numbers(noise=0.1), "mine", "classification")


@pytest.mark.parametrize(
    ("loaded", "fault"),
    [
        ((X, Y[:-1]), "x holds 12 samples and y 11"),
        ((X[:0], Y[:0]), "there is no sample"),
        (X, "no pair|neither"),
        (3, "neither (x, y) nor a Dataset: int"),
        ((X, Y, Y), "neither (x, y) nor a Dataset: tuple"),
        (iter([1]), "can only be read once"),
        ({"tain": (X, Y)}, "a dict of data holds 'train', and no tain"),
        ({"test": (X, Y)}, "this one does not"),
        ((X, np.zeros(12)), "all samples are of one class"),
        ((X, [*Y[:-1], "a"]), "the labels are of mixed type"),
        ((X, [*map(float, Y[:-1]), float("nan")]), "1 targets are missing"),
        ((X, [*Y[:-1], None]), "1 targets are missing"),
        ((X, X[:, 0]), "the targets are no class labels"),
        ((X, X[:, :2]), "targets of shape (12, 2) are not one class per sample"),
        (({"train": 3, "b": X}, Y), "neither|length"),
        ((np.where(X > 0.9, np.nan, X), Y), "x is not finite in 2 samples"),
        ((X * 1e300, Y), "x is not finite"),
        ((np.array(["a"] * 12), Y), "x of type <U1 cannot be learnt from"),
        (([X[0], X[1][:2], *X[2:]], Y), "sample 0 is (5,), sample 1 is (2,)"),
        ({"train": (X, Y), "classes": ["a", "b"]}, "labels out of range: 2"),
        ({"train": (X, Y), "classes": list("abcd")}, "classes without a sample: d"),
        ({"train": (X, Y), "groups": [1, 2]}, "groups of shape (2,)"),
        ({"train": (X, Y), "test": (X[:, :2], Y)}, "not of one shape"),
        (
            {"train": (X, Y), "test": ((X * 255).astype(np.uint8), Y)},
            "one set has (5,) floats, another (5,) bytes",
        ),
        ({"train": (X, Y), "validation": (X, Y[:-1])}, "x holds 12 samples and y 11"),
        ({"train": (X, Y), "test": (X, np.array(list("abc"))[Y])}, "are not alike"),
    ],
)
def test_what_cannot_be_learnt_from_is_said_with_its_place(loaded: Any, fault: str) -> None:
    with pytest.raises(DataError) as error:
        task_of(loaded, "mine", "classification", "my_data.py:load:")
    text = error.value.text()
    assert text.startswith("my_data.py:load:")
    assert any(part in text for part in fault.split("|")), text


@pytest.mark.parametrize("x", [{"a": X, "b": X}, X.astype(np.int64)])
def test_standardizing_what_would_stay_as_it_is_is_refused(x: Any) -> None:
    with pytest.raises(DataError, match="standardize: only one array"):
        task_of((x, Y), "mine", "classification", standardize=True)
