"""Curves apart: variant minus base at each epoch, and train beside validation."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hikaku.analysis.apart import difference_curves, gap
from hikaku.analysis.lottery import single_runs
from hikaku.record import Measured, Outcome, Results
from hikaku.records import Record


def trial(key: str, values: list[float], per_epoch: int = 4, **ends: float) -> Measured:
    """Return a trial with this curve of validation loss, one value an epoch."""
    outcome = Outcome(key, "done", 0, 0, per_epoch, 1, "", "")
    curve = [
        Record("curve", per_epoch * epoch, "validation", "loss", value)
        for epoch, value in enumerate(values, start=1)
    ]
    last = [Record("last", 0, split, "loss", value) for split, value in ends.items()]
    return Measured(outcome, (*curve, *last))


def results(base: list[Measured], variant: list[Measured]) -> Results:
    arms = {"base": base, "sam": variant}
    trials = {(arm, seed): one for arm, some in arms.items() for seed, one in enumerate(some)}
    return Results(tuple(range(len(base))), trials)


def test_what_was_read_at_one_epoch_is_compared_whatever_the_batch_size() -> None:
    base = [trial("a", [3.0, 2.0, 1.0]), trial("b", [5.0, 3.0, 2.0])]
    variant = [trial("c", [2.0, 1.5, 0.0], per_epoch=9), trial("d", [2.0, 2.5], per_epoch=9)]
    found = difference_curves(results(base, variant), "sam", "loss")
    assert found is not None
    assert found.epochs.tolist() == [1, 2]  # one seed alone is left at the third
    assert found.by_seed.tolist() == [[-1.0, -0.5], [-3.0, -0.5]]
    assert found.mean.tolist() == [-2.0, -0.5]
    assert found.seeds == (0, 1)
    assert (found.low <= found.mean).all()


def test_without_a_pair_of_curves_there_is_no_difference() -> None:
    diverged = trial("b", [1.0])
    diverged = replace(diverged, outcome=replace(diverged.outcome, status="diverged"))
    assert difference_curves(results([trial("a", [1.0])], [diverged]), "sam", "loss") is None


def test_the_gap_is_how_much_better_train_is() -> None:
    base = [trial("a", [], train=0.1, validation=0.3), trial("b", [], train=0.2, validation=0.6)]
    found = gap(results(base, base), "base", "loss")
    assert found is not None
    assert (found.train, found.validation) == pytest.approx((0.15, 0.45))
    assert found.gap == pytest.approx(0.3)
    assert found.low < found.gap < found.high
    assert gap(results(base, base), "base", "my_metric.py:cost") is None


def test_single_runs_are_all_pairs_of_two_different_seeds_and_more_is_better() -> None:
    values, base = np.array([1.0, 2.0, np.nan]), np.array([10.0, 20.0, 30.0])
    assert single_runs(values, base, "lower").tolist() == [8.0, 19.0, 28.0, 29.0]
    assert single_runs(values, base, "higher").tolist() == [-29.0, -28.0, -19.0, -8.0]
