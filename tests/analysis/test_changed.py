"""Which samples a variant newly gets right or wrong, over seeds that test other samples."""

from __future__ import annotations

from dataclasses import replace

import fake_study
import numpy as np

from hikaku.analysis.changed import most_changed, turned
from hikaku.exhibits import Example
from hikaku.record import Results, Sheet

TRIAL = fake_study.measured("base", 0, 0.0)
CLASSES = np.arange(10) % 3


def answered(right: dict[str, list[list[int]]]) -> Results:
    """Results in which each arm had these answers right at each seed."""
    return Results(
        tuple(range(5)),
        {
            (arm, seed): replace(TRIAL, sheets=(Sheet("correct", np.array(one, bool)),))
            for arm, found in right.items()
            for seed, one in enumerate(found)
        },
    )


def test_a_sample_counts_where_most_seeds_turn_it_and_the_surest_come_first() -> None:
    # Samples 2 to 5 at every seed: always gained, mostly gained, lost, never asked the same.
    base = [[0, 0, 1, 1], [0, 1, 1, 0], [0, 0, 1, 1]]
    mine = [[1, 1, 0, 0], [1, 1, 0, 1], [1, 1, 0, 1]]
    rows = {seed: np.arange(2, 6) for seed in range(3)}
    found = turned(answered({"base": base, "mine": mine}), "mine", rows)
    gained = most_changed(found, found.gained, CLASSES, 5)
    assert gained == (Example(2, 2, 3, 0, 3), Example(3, 0, 3, 1, 3))
    assert most_changed(found, found.lost, CLASSES, 5) == (Example(4, 1, 3, 3, 0),)
    assert most_changed(found, found.gained, CLASSES, 1) == gained[:1]


def test_samples_are_told_by_their_rows_where_each_seed_tests_others() -> None:
    rows = {0: np.array([8, 1]), 1: np.array([1, 0]), 2: np.array([1, 8])}
    base, mine = [[0, 0], [0, 0], [0, 0]], [[0, 1], [1, 1], [1, 0]]
    found = turned(answered({"base": base, "mine": mine}), "mine", rows)
    assert most_changed(found, found.gained, CLASSES, 5) == (Example(1, 1, 3, 0, 3),)
    assert found.counted.sum() == 2  # one seed alone tested sample 0


def test_a_seed_that_one_arm_lacks_or_did_not_end_is_left_out() -> None:
    results = answered({"base": [[0], [0], [0]], "mine": [[1], [1]]})
    end = replace(TRIAL.outcome, status="diverged")
    trials = results.trials | {("mine", 1): replace(results.trials["mine", 1], outcome=end)}
    rows = {seed: np.array([4]) for seed in range(3)}
    assert turned(replace(results, trials=trials), "mine", rows).asked.sum() == 1
