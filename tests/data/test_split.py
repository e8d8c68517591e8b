from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hikaku.data.split import Split, faults, measure, split
from hikaku.data.task import Task
from hikaku.errors import DataError
from hikaku.study.recipe import Use
from hikaku.study.study import Data


def made(labels: list[int], official: int = 0, kind: str = "classification") -> Task:
    classes = tuple(f"class {c}" for c in range(max(labels) + 1))
    return Task(
        name="made",
        inputs=np.zeros((len(labels), 2), dtype=np.float32),
        targets=np.array(labels, dtype=np.int64),
        kind=kind,  # type: ignore[arg-type]  # one of the two words
        classes=classes,
        official_test=official,
        scale=1.0,
        fingerprint="",
    )


def asked(**sizes) -> Data:
    return Data(Use("made"), **sizes)


@st.composite
def balanced(draw: st.DrawFn) -> Task:
    """A task in which every class has samples enough for every part asked below."""
    counts = draw(st.lists(st.integers(14, 40), min_size=2, max_size=3))
    labels = [c for c, count in enumerate(counts) for _ in range(count)]
    return made(draw(st.permutations(labels)))


def parts(found: Split) -> Iterator[np.ndarray]:
    yield from (found.train, found.validation, found.test)


SIZES = {
    "defaults": {},
    "numbers": {"train": 10, "validation": 8, "test": 10},
    "fractions": {"train": 0.5, "validation": 0.25, "test": 0.3},
    "rest": {"train": 12, "validation": 6, "test": "rest", "beside": 18},
}


@pytest.mark.parametrize("sizes", SIZES.values(), ids=SIZES)
@settings(max_examples=30, deadline=None)
@given(task=balanced(), seed=st.integers(0, 2**32 - 1))
def test_drawn_parts_are_disjoint_of_the_sizes_asked_and_proportional(sizes, task, seed) -> None:
    data = asked(**sizes)
    found, want = split(task, data, seed), measure(task, data)
    rows = np.concatenate(list(parts(found)))
    assert [len(part) for part in parts(found)] == [want.train, want.validation, want.test]
    assert len(set(rows.tolist())) == len(rows)
    assert rows.dtype == np.int64
    left = np.bincount(task.targets)
    for part in (found.test, found.validation, found.train):
        got = np.bincount(task.targets[part], minlength=len(left))
        assert (np.abs(got - len(part) * left / left.sum()) < 1).all()
        left = left - got


TESTS = {
    "rest": ({"test": "rest", "validation": 6, "beside": 24}, 0),
    "number": ({"test": 8, "validation": 6}, 0),
    "fraction": ({"test": 0.25, "validation": 0.2}, 0),
    "official": ({"test": "official", "validation": 6}, 8),
    "part of the official": ({"test": 5, "validation": 0.3}, 8),
    "no validation": ({"test": 0.25, "validation": 0}, 0),
}


@pytest.mark.parametrize("take", ["stratified", "first"])
@pytest.mark.parametrize(("rule", "official"), TESTS.values(), ids=TESTS)
@settings(max_examples=20, deadline=None)
@given(
    task=balanced(),
    seed=st.integers(0, 2**32 - 1),
    sizes=st.lists(
        st.one_of(st.integers(9, 14), st.floats(0.5, 0.9), st.just("all")), min_size=2, max_size=2
    ),
)
def test_arms_that_differ_in_train_share_validation_and_test_and_the_smaller_train_is_a_prefix(
    rule, official, take, task, seed, sizes
) -> None:
    last = [number % len(task.classes) for number in range(official)]
    # The first rows may lack a class, which only classification minds.
    kind = "regression" if take == "first" else "classification"
    task = made([*task.targets.tolist(), *last], official, kind)
    smaller, larger = sorted(
        (split(task, asked(train=train, take=take, **rule), seed) for train in sizes),
        key=lambda found: len(found.train),
    )
    assert smaller.validation.tolist() == larger.validation.tolist()
    assert smaller.test.tolist() == larger.test.tolist()
    assert smaller.train.tolist() == larger.train[: len(smaller.train)].tolist()


@settings(max_examples=20, deadline=None)
@given(task=balanced(), seed=st.integers(0, 2**32 - 2))
def test_a_seed_always_gives_one_split_and_another_seed_another(task, seed) -> None:
    once, again, other = (split(task, asked(), s) for s in (seed, seed, seed + 1))
    for one, two in zip(parts(once), parts(again), strict=True):
        assert one.tolist() == two.tolist()
    assert once.train.tolist() != other.train.tolist()


@settings(max_examples=20, deadline=None)
@given(values=st.lists(st.floats(-9, 9), min_size=30, max_size=60), seed=st.integers(0, 99))
def test_regression_is_divided_plainly_at_random(values, seed) -> None:
    task = Task(
        "made", np.zeros((len(values), 1), np.float32), np.array(values, np.float32),
        "regression", (), 0, 1.0, "",
    )  # fmt: skip
    found = split(task, asked(), seed)
    assert sorted(np.concatenate(list(parts(found)))) == list(range(len(values)))


TWENTY = [0, 1] * 10


def test_the_official_test_set_stays_whole_and_in_file_order() -> None:
    found = split(made(TWENTY, official=6), asked(test="official"), 3)
    assert found.test.tolist() == [14, 15, 16, 17, 18, 19]
    assert sorted([*found.train, *found.validation]) == list(range(14))


def test_a_number_takes_so_many_of_the_official_test_set() -> None:
    drawn = split(made(TWENTY, official=6), asked(test=4), 3).test
    assert set(drawn) < set(range(14, 20))
    assert np.bincount(np.array(TWENTY)[drawn]).tolist() == [2, 2]
    first = split(made(TWENTY, official=6), asked(test=4, take="first"), 3).test
    assert first.tolist() == [14, 15, 16, 17]


def test_drawing_of_the_official_test_set_leaves_train_and_validation_alone() -> None:
    whole, some = (split(made(TWENTY, official=6), asked(test=test), 3) for test in ("official", 4))
    assert whole.train.tolist() == some.train.tolist()
    assert whole.validation.tolist() == some.validation.tolist()


def test_first_takes_rows_in_file_order_whatever_the_seed() -> None:
    data = asked(train=8, validation=4, test=6, take="first")
    for seed in (0, 1):
        found = split(made(TWENTY), data, seed)
        assert found.train.tolist() == list(range(8))
        assert found.validation.tolist() == list(range(10, 14))
        assert found.test.tolist() == list(range(14, 20))


def test_defaults_take_a_fifth_for_test_a_fifth_of_the_rest_for_validation_and_all_the_rest() -> (
    None
):
    sizes = measure(made([0, 1] * 50), asked())
    assert (sizes.test, sizes.validation, sizes.train) == (20, 16, 64)


def test_no_validation_set_is_possible_where_it_is_asked_for() -> None:
    found = split(made(TWENTY, official=6), asked(test="official", validation=0), 0)
    assert len(found.validation) == 0
    assert len(found.train) == 14


@pytest.mark.parametrize("take", ["stratified", "first"])
@pytest.mark.parametrize("official", [0, 6])
def test_validation_may_be_the_test_set_and_then_takes_nothing_from_train(
    official: int, take: str
) -> None:
    task, test = made([0, 1] * 10, official), "official" if official else 6
    data = asked(test=test, validation="test", take=take)
    without = split(task, asked(test=test, validation=0, take=take), 3)
    found, sizes = split(task, data, 3), measure(task, data)
    np.testing.assert_array_equal(found.validation, found.test)
    np.testing.assert_array_equal(found.test, without.test)
    np.testing.assert_array_equal(found.train, without.train)
    assert (sizes.train, sizes.validation, sizes.test) == (14, 6, 6)


@pytest.mark.parametrize(
    ("sizes", "official", "said"),
    [
        ({"test": "official"}, 0, "no official test set"),
        ({"test": "rest", "beside": 5}, 6, "no rest"),
        ({"validation": "rest"}, 0, "data.validation cannot be 'rest'"),
        ({"train": 15, "validation": 4}, 0, "3 samples more than there are"),
        ({"test": 7}, 6, "data.test asks for 7 of 6 samples"),
        ({"test": 21}, 0, "data.test asks for 21 of 20 samples"),
        ({"test": "rest", "beside": 20, "train": 10}, 0, "data.test: nothing is left"),
        ({"train": 0}, 0, "data.train: nothing is left"),
        ({"validation": 0.01}, 0, "data.validation: nothing is left"),
        ({"train": "all", "validation": 16}, 0, "data.train: nothing is left"),
    ],
)
@pytest.mark.parametrize("take", ["stratified", "first"])
def test_sizes_that_do_not_add_up_are_refused_with_what_there_is(
    sizes, official, said, take
) -> None:
    with pytest.raises(DataError, match=said) as caught:
        split(made(TWENTY, official), asked(take=take, **sizes), 0)
    assert all(fault.mend for fault in caught.value.faults)


def test_faults_are_what_measure_would_raise_and_none_where_the_sizes_add_up() -> None:
    assert faults(made(TWENTY), asked()) == ()
    for data in (asked(train=0, validation=30, test=21), asked(test="official")):
        with pytest.raises(DataError) as caught:
            measure(made(TWENTY), data)
        assert faults(made(TWENTY), data) == caught.value.faults


def test_every_fault_of_the_sizes_comes_at_once() -> None:
    with pytest.raises(DataError) as caught:
        measure(made(TWENTY), asked(train=0, validation=30, test=21))
    assert len(caught.value.faults) == 3
    assert "20 samples" in str(caught.value)


def test_a_class_too_small_to_stand_in_every_part_is_named_with_its_count() -> None:
    with pytest.raises(DataError, match="all 3 parts") as caught:
        split(made([0] * 20 + [1] * 2), asked(), 0)
    assert "class 1 2" in str(caught.value)
    split(made([0] * 20 + [1] * 2 + [0, 1], official=2), asked(test="official", validation=0.5), 0)


@pytest.mark.fault("D13")
def test_a_class_missing_from_train_is_named_with_what_there_is() -> None:
    with pytest.raises(DataError, match=r"data\.train: no sample of some classes") as caught:
        split(made([0] * 10 + [1] * 10), asked(train=8, validation=2, take="first"), 0)
    assert "missing: class 1; there are: class 0 8" in str(caught.value)


@pytest.mark.fault("D13")
def test_a_class_missing_from_test_is_named() -> None:
    with pytest.raises(DataError, match=r"data\.test: no sample"):
        split(made([0, 1] * 10 + [0] * 6), asked(test=6, take="first"), 0)


def test_a_split_of_a_thousand_classes_says_so_in_a_few_lines() -> None:
    with pytest.raises(DataError) as caught:
        split(made([c for c in range(1000) for _ in range(2)]), asked(), 0)
    assert len(str(caught.value)) < 1000


@pytest.mark.parametrize("official", [0, 6])
def test_under_init_every_seed_has_the_split_of_the_first(official: int) -> None:
    task = made([0, 1] * 15, official)
    drawn = asked(test=0.5 if official else 0.2)
    fixed = asked(test=drawn.test, resample="init")
    first = [part.tolist() for part in parts(split(task, drawn, 0))]
    assert [part.tolist() for part in parts(split(task, drawn, 7))] != first
    for seed in (0, 7):
        assert [part.tolist() for part in parts(split(task, fixed, seed))] == first
