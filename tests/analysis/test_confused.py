"""What differs between two confusion matrices is told where chance hardly made it."""

from __future__ import annotations

from dataclasses import replace

import fake_study
import numpy as np
import pytest

from hikaku.analysis.confused import beyond_noise, confused
from hikaku.record import Results, Sheet

CLASSES = 10


def drawn(draws: np.random.Generator, seeds: int, mean: np.ndarray) -> np.ndarray:
    """Mistakes of these means; what is left of 1,000 samples of each class is right."""
    counts = draws.poisson(mean, (seeds, *mean.shape))
    counts[:, range(CLASSES), range(CLASSES)] = 0
    counts[:, range(CLASSES), range(CLASSES)] = 1000 - counts.sum(axis=2)
    return counts


@pytest.mark.parametrize("seeds", [5, 20])
def test_of_two_equal_arms_hardly_any_cell_is_told(seeds: int) -> None:
    draws = np.random.default_rng(seeds)
    mean = draws.exponential(4, (CLASSES, CLASSES))
    told = [
        len(beyond_noise(drawn(draws, seeds, mean), drawn(draws, seeds, mean))) for _ in range(60)
    ]
    assert np.mean(np.array(told) > 0) <= 0.1


def test_what_is_planted_is_told_with_an_interval_that_holds_it() -> None:
    draws, seeds = np.random.default_rng(0), 10
    mean = np.full((CLASSES, CLASSES), 3.0)
    before = drawn(draws, seeds, mean)
    mean[4, 9] = 15
    found = {(one.true, one.answer): one for one in beyond_noise(drawn(draws, seeds, mean), before)}
    assert found.keys() == {(4, 9), (4, 4)}
    wrong, right = found[4, 9], found[4, 4]
    assert 0 < wrong.low < 120 < wrong.high
    assert right.low < -120 < right.high < 0
    assert not wrong.is_better
    assert not right.is_better


def test_one_answer_that_moves_at_every_seed_is_no_proof() -> None:
    before = np.zeros((5, 2, 2), np.int64)
    before[:, 0, 1] = 2
    after = before.copy()
    after[:, 0, 1] = 1
    assert beyond_noise(after, before) == ()


def test_no_interval_reaches_beyond_what_is_possible() -> None:
    lost = np.array([10, 60, 20, 50, 40])
    before, after = (np.zeros((5, 2, 2), np.int64) for _ in range(2))
    before[:, 0, 1], before[:, 0, 0] = lost, 100 - lost
    after[:, 0, 0] = 100
    wrong, right = sorted(beyond_noise(after, before), key=lambda cell: cell.more)
    assert (wrong.more, wrong.low) == (-180, -180)
    assert (right.more, right.high) == (180, 180)
    assert wrong.high < 0 < right.low


def with_matrices(matrices: dict[str, list[np.ndarray]]) -> Results:
    trial = fake_study.measured("base", 0, 0.0)
    return Results(
        tuple(range(5)),
        {
            (arm, seed): replace(trial, sheets=(Sheet("confusion", counts),))
            for arm, found in matrices.items()
            for seed, counts in enumerate(found)
        },
    )


def test_only_seeds_that_both_arms_have_and_of_one_test_set_are_compared() -> None:
    one = np.array([[8, 2], [1, 9]])
    other = np.array([[10, 0], [3, 7]])
    longer = np.array([[80, 20], [10, 90]])
    found = confused(with_matrices({"base": [one] * 5, "mine": [other] * 3 + [longer]}), "mine")
    assert found is not None
    assert (found.seeds, found.cells) == (3, None)
    assert found.counts.tolist() == [[6, -6], [6, -6]]


def test_where_no_seed_has_both_there_is_nothing_to_say() -> None:
    one = np.array([[8, 2], [1, 9]])
    assert confused(with_matrices({"base": [one]}), "mine") is None
