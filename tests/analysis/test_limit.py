"""What a test set of so many samples can say of new data, however many seeds are trained."""

from dataclasses import replace

import numpy as np
import pytest
from result_builder import ACCURACY, trial

from hikaku.analysis.limit import limit, variance_parts
from hikaku.record import Results, Sheet

SEEDS, EXAMPLES = 8, 400


def crossed(draws: np.random.Generator, seed: float, example: float, rest: float) -> np.ndarray:
    """Differences (SEEDS, EXAMPLES) with effects of these standard deviations."""
    return (
        0.3
        + seed * draws.normal(size=(SEEDS, 1))
        + example * draws.normal(size=EXAMPLES)
        + rest * draws.normal(size=(SEEDS, EXAMPLES))
    )


def results_of(variant: np.ndarray, base: np.ndarray) -> Results:
    """Results whose "correct" sheets are the rows of these, (seeds, examples)."""
    return Results(
        tuple(range(len(base))),
        {
            (arm, seed): replace(trial(), sheets=(Sheet("correct", row),))
            for arm, rows in {"v": variant, "base": base}.items()
            for seed, row in enumerate(rows)
        },
    )


def answers(draws: np.random.Generator, seeds: int = 6, examples: int = 50) -> np.ndarray:
    return draws.random((seeds, examples)) < 0.7


def test_the_variances_of_crossed_effects_are_found_again() -> None:
    draws, wanted = np.random.default_rng(0), np.array([0.1, 0.5, 1.0])
    found = [variance_parts(crossed(draws, *wanted)) for _ in range(300)]
    parts = np.array([(one.seed, one.example, one.residual) for one in found])
    error = parts.std(axis=0, ddof=1) / np.sqrt(len(parts))
    assert (np.abs(parts.mean(axis=0) - wanted**2) < 4 * error).all()
    assert (error < 0.05 * wanted**2).all()


def test_the_limit_is_how_far_off_endless_seeds_stay() -> None:
    draws = np.random.default_rng(1)
    # Each example is gained with a chance of its own; endless seeds would know these chances.
    chances = draws.choice([0.1, 0.6, 0.9], EXAMPLES)
    base = np.zeros((200, EXAMPLES), dtype=bool)
    found = limit(results_of(draws.random(base.shape) < chances, base), "v", ACCURACY, "split")
    assert found is not None
    assert found.half_width == pytest.approx(1.96 * chances.std() / EXAMPLES**0.5, rel=0.02)
    assert (found.examples, found.seeds) == (EXAMPLES, 200)


def test_samples_that_all_gain_alike_set_no_limit() -> None:
    right = np.zeros((5, 40), dtype=bool)
    found = limit(results_of(~right, right), "v", ACCURACY, "split")
    assert found is not None
    assert (found.half_width, found.parts.seed, found.parts.residual, found.said) == (0, 0, 0, None)


def test_a_difference_of_the_seeds_alone_sets_no_limit() -> None:
    by_seed = np.repeat([[True], [False], [True]], 30, axis=1)
    found = limit(results_of(by_seed, np.zeros_like(by_seed)), "v", ACCURACY, "test-set")
    assert found is not None
    assert found.half_width == 0 and found.parts.seed == pytest.approx(1 / 3)


def test_it_is_said_with_the_number_of_samples() -> None:
    gains = np.tile(np.arange(1000) % 2 == 0, (4, 1))
    found = limit(results_of(gains, np.zeros_like(gains)), "v", ACCURACY, "split")
    assert found is not None
    assert str(found.said) == (
        "more seeds will not help beyond this: a test set of 1,000 samples limits what can be "
        "said of new data to ±0.031"
    )


@pytest.mark.parametrize("scope", ["splits", None])
def test_where_seeds_have_their_own_test_samples_there_is_none(scope) -> None:
    draws = np.random.default_rng(2)
    assert limit(results_of(answers(draws), answers(draws)), "v", ACCURACY, scope) is None


@pytest.mark.parametrize(
    "change", [{"name": "loss"}, {"split": "validation"}, {"of": "best"}, {"of": "area"}]
)
def test_of_other_figures_there_is_none(change) -> None:
    draws = np.random.default_rng(2)
    results = results_of(answers(draws), answers(draws))
    assert limit(results, "v", replace(ACCURACY, **change), "split") is None
    assert limit(results, "v", ACCURACY, "split") is not None


def test_one_seed_or_trials_without_answers_set_none() -> None:
    draws = np.random.default_rng(3)
    one = results_of(answers(draws, 1), answers(draws, 1))
    assert limit(one, "v", ACCURACY, "split") is None
    assert limit(Results((0, 1), {}), "v", ACCURACY, "split") is None
    more = results_of(answers(draws), answers(draws))
    del more.trials["base", 2]
    found = limit(more, "v", ACCURACY, "split")
    assert found is not None and found.seeds == 5


def test_test_sets_of_different_sizes_are_not_one() -> None:
    draws = np.random.default_rng(4)
    results = results_of(answers(draws), answers(draws))
    for arm in ("v", "base"):
        row = answers(draws, 1, 49)[0]
        results.trials[arm, 0] = replace(trial(), sheets=(Sheet("correct", row),))
    assert limit(results, "v", ACCURACY, "split") is None
