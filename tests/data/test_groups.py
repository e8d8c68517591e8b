"""Groups stay whole, parts come near their sizes, and a smaller train set is a prefix."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hikaku.data.split import split
from hikaku.data.task import Task
from hikaku.errors import DataError
from hikaku.study.recipe import Use
from hikaku.study.study import Data


def made(groups: np.ndarray, classes: int = 2, **given_sets: int) -> Task:
    n = len(groups)
    return Task(
        "made",
        np.zeros((n, 2), np.float32),
        (np.arange(n) % classes).astype(np.int64),
        "classification",
        tuple("abcdef"[:classes]),
        groups=groups.astype(np.int64),
        **given_sets,
    )


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 50), st.lists(st.integers(2, 9), min_size=20, max_size=40))
def test_no_group_stands_in_two_parts_and_sizes_are_near(seed: int, sizes: list[int]) -> None:
    groups = np.repeat(np.arange(len(sizes)), sizes)
    found = split(made(groups), Data(Use("made"), validation=0.2, test=0.2), seed)
    parts = (found.train, found.validation, found.test)
    held = [set(groups[part].tolist()) for part in parts]
    assert not (held[0] & held[1] or held[0] & held[2] or held[1] & held[2])
    n = len(groups)
    assert abs(len(found.test) - 0.2 * n) <= 9
    assert abs(len(found.validation) - 0.2 * 0.8 * n) <= 9
    assert len(set(np.concatenate(parts).tolist())) == sum(map(len, parts))


def test_a_smaller_train_set_is_a_prefix_and_test_stays() -> None:
    groups = np.repeat(np.arange(40), 5)
    whole = split(made(groups), Data(Use("made")), 3)
    part = split(made(groups), Data(Use("made"), train=0.5), 3)
    assert part.test.tolist() == whole.test.tolist()
    assert whole.train[: len(part.train)].tolist() == part.train.tolist()
    assert 50 <= len(part.train) <= 65


def test_seeds_draw_other_groups_and_one_seed_the_same() -> None:
    groups = np.repeat(np.arange(40), 5)
    one, same, other = (split(made(groups), Data(Use("made")), seed).test for seed in (1, 1, 2))
    assert one.tolist() == same.tolist() != other.tolist()


def test_first_refuses_to_cut_a_group() -> None:
    groups = np.repeat(np.arange(4), 25)
    with pytest.raises(DataError, match="groups stand in two parts"):
        split(made(groups), Data(Use("made"), take="first", validation=0.3, test=0.3), 0)


def test_given_sets_are_taken_whole_and_in_order() -> None:
    task = made(np.full(60, -1), official_validation=10, official_test=20)
    plain = Task(**{**vars(task), "groups": None})
    found = split(plain, Data(Use("made"), validation="auto", test="auto"), 0)
    assert found.validation.tolist() == list(range(30, 40))
    assert found.test.tolist() == list(range(40, 60))
    assert sorted(found.train.tolist()) == list(range(30))
    first = split(plain, Data(Use("made"), validation="auto", test="auto", take="first"), 0)
    assert first.validation.tolist() == found.validation.tolist()
    with pytest.raises(DataError, match="brings its own validation set"):
        split(plain, Data(Use("made"), validation=0.2, test="auto"), 0)


def test_auto_takes_a_fifth_where_nothing_is_given() -> None:
    plain = Task(**{**vars(made(np.zeros(100))), "groups": None})
    found = split(plain, Data(Use("made"), validation="auto", test="auto"), 0)
    assert (len(found.train), len(found.validation), len(found.test)) == (64, 16, 20)


def test_all_of_train_is_every_group_that_is_left() -> None:
    groups = np.repeat(np.arange(10), 100)
    for share in (0.3, 0.1):
        found = split(made(groups), Data(Use("made"), validation=share / 2, test=share), 1)
        assert sum(map(len, (found.train, found.validation, found.test))) == 1000


def test_too_few_groups_are_refused_before_a_split_is_tried() -> None:
    with pytest.raises(DataError, match="1 groups cannot be dealt out to 3 parts"):
        split(made(np.zeros(60)), Data(Use("made")), 0)
