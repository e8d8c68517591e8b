from dataclasses import replace

import numpy as np
import pytest
from data_files import pixels

from hikaku.data.odd import check, odd
from hikaku.data.task import Column, Task
from hikaku.errors import DataError


def task(n: int = 20, **changes: object) -> Task:
    plain = Task(
        name="mine",
        inputs=pixels(0, n, 5, 4),
        targets=np.arange(n) % 2,
        kind="classification",
        classes=("a", "b"),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]  # fields of a task


def said(found: Task) -> str:
    return "\n".join(map(str, odd(found)))


def test_of_a_plain_task_nothing_is_said() -> None:
    check(task(official_test=6, official_validation=4))
    assert odd(task(official_test=6, official_validation=4)) == ()


def test_samples_that_stand_there_twice_are_counted() -> None:
    x = pixels(0, 20, 5, 4)
    x[9] = x[17] = x[3]
    found = said(task(inputs=x))
    assert found.startswith("2 samples stand there more than once")
    assert "the first is sample 9, as sample 3" in found
    assert "different labels" not in found


def test_equal_samples_of_different_labels_are_counted() -> None:
    x = pixels(0, 20, 5, 4)
    x[9] = x[2]
    assert "1 equal samples have different labels" in said(task(inputs=x))


def test_equal_values_to_predict_are_not_asked_for() -> None:
    x = pixels(0, 20, 5, 4)
    x[9] = x[2]
    found = task(inputs=x, targets=np.arange(20, dtype=np.float32), kind="regression", classes=())
    assert "labels" not in said(found)


@pytest.mark.fault("D15")
def test_samples_of_a_given_set_that_are_trained_on_are_counted() -> None:
    x = pixels(0, 20, 5, 4)
    x[18] = x[19] = x[3]
    x[15] = x[2]
    found = said(task(inputs=x, official_test=4, official_validation=2))
    assert "2 samples of the given test set stand in the sets before it" in found
    assert "1 samples of the given validation set stand" in found
    assert "more than once" not in found


def test_equal_samples_inside_the_test_set_are_no_leak() -> None:
    x = pixels(0, 20, 5, 4)
    x[18] = x[19]
    found = said(task(inputs=x, official_test=4))
    assert "1 samples stand there more than once" in found
    assert "given test set" not in found


def test_a_sample_of_several_inputs_is_equal_where_all_of_them_are() -> None:
    ages, pictures = np.zeros((20, 1), np.float32), pixels(0, 20, 5, 4)
    pictures[9] = pictures[3]
    both = {"age": ages, "picture": pictures}
    assert "the first is sample 9, as sample 3" in said(task(inputs=both))
    ages[9] = 1
    assert said(task(inputs=both)) == ""


def test_groups_that_are_trained_on_and_tested_are_counted() -> None:
    groups = np.repeat(np.arange(10), 2)
    groups[18:] = 0
    assert "1 groups stand among" in said(task(official_test=4, groups=groups))
    unknown = np.where((np.arange(20) < 16) & (groups > 0), groups, -1)
    assert said(task(official_test=4, groups=unknown)) == ""


def test_classes_that_are_not_tested_and_names_that_are_alike_are_told() -> None:
    targets = np.where(np.arange(20) < 16, np.arange(20) % 2, 0)
    found = task(targets=targets, official_test=4, classes=("Yes", " yes"))
    assert "no sample of the given test set is of the classes  yes" in said(found)
    assert "'Yes' and ' yes' differ only in how they are written" in said(found)


@pytest.mark.fault("D13")
def test_a_class_that_only_a_given_set_holds_is_refused() -> None:
    targets = np.where(np.arange(20) < 16, 0, 1)
    with pytest.raises(DataError, match="no sample to train on is of these classes: b"):
        check(task(targets=targets, official_test=4))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_an_input_that_is_not_finite_is_refused_with_its_number(value: float) -> None:
    x = np.zeros((9000, 3), np.float32)
    x[8500, 1] = x[8700] = value
    found = task(9000, inputs=x)
    with pytest.raises(DataError, match="mine: sample 8,500 is not finite"):
        check(found)
    with pytest.raises(DataError, match="mine: one: sample 8,500"):
        check(replace(found, inputs={"one": x, "two": np.ones_like(x)}))


def test_gaps_of_a_table_are_no_fault_and_infinity_is() -> None:
    x = np.zeros((20, 1), np.float32)
    x[3] = np.nan
    check(task(inputs=x, columns=(Column("age", gaps=True),)))
    x[4] = np.inf
    with pytest.raises(DataError, match="sample 4"):
        check(task(inputs=x, columns=(Column("age", gaps=True),)))


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({"inputs": pixels(0, 19, 4)}, "19 inputs for 20 targets"),
        ({"inputs": {"a": pixels(0, 20, 4), "b": pixels(0, 3, 4)}}, "mine: b: 3 inputs for 20"),
        ({"groups": np.zeros(7, np.int64)}, "7 groups for 20 targets"),
        ({"official_test": 20}, "no sample to train on"),
        ({"inputs": pixels(0, 0, 4), "targets": np.zeros(0, np.int64)}, "no sample to train on"),
    ],
)
def test_these_tasks_are_refused(changes: dict[str, object], wanted: str) -> None:
    with pytest.raises(DataError, match=wanted):
        check(task(**changes))
