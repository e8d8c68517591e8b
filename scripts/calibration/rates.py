"""Single comparisons of made-up figures: coverage, false positives, power, equivalence."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr

from calibration import gates
from calibration.gates import STATED, Item, Line, at_least, mean, near, rate
from calibration.handmade import judged
from calibration.looks import Array, automatic, follow, means_and_errors, t_statistics
from hikaku.analysis.rule import ALPHA, Rule
from hikaku.study.study import FEWEST, HORIZON

Law = Callable[[np.random.Generator, tuple[int, int]], Array]
CHUNK = 50_000


def coverage(paths: int) -> Item:
    """Measure how often every interval of a comparison, from its first look on, holds the truth."""
    rng = np.random.default_rng(1)
    held: dict[int, list[NDArray[np.bool_]]] = {}
    for start in range(0, paths, CHUNK):
        values = rng.normal(0.3, 1.0, (min(CHUNK, paths - start), 60))
        for most in (*range(FEWEST, HORIZON + 1), 30, 60):
            held.setdefault(most, []).append(follow(values[:, :most], automatic(most)).covers(0.3))
    return Item(
        "Do the intervals hold the true effect?",
        "The share of comparisons in which *all* intervals printed from 5 seeds to N hold the true "
        "effect, whoever looks how often. With more than 20 seeds a part of the error is kept back "
        "for those past the horizon; that part is not always used up.",
        tuple(
            rate(
                f"N = {most}" if most <= HORIZON else f"N = {most}, with the reserve",
                np.concatenate(found),
                gates.COVERAGE if most <= HORIZON else gates.COVERAGE_WITH_RESERVE,
            )
            for most, found in held.items()
        ),
    )


def normal(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    """Differences of two normal figures at one seed."""
    return rng.normal(size=shape)


def heavy(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    """Differences that follow Student's t with 3 degrees of freedom."""
    return rng.standard_t(3, shape)


def accuracies(samples: int) -> Law:
    """Differences, in samples, of two accuracies on a test set whose difficulty the seed sets."""

    def law(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
        easy = 1 / (1 + np.exp(-rng.normal(2.2, 0.3, shape)))
        both = rng.binomial(samples, easy), rng.binomial(samples, easy)
        return (both[0] - both[1]).astype(np.float64)

    return law


def equally_skewed(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    """Differences of two figures of one skewed law, exponential."""
    return rng.exponential(size=shape) - rng.exponential(size=shape)


def unequally_skewed(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    """Differences of mean 0 of which one arm alone brings the skew: exponential, less 1."""
    return rng.exponential(size=shape) - 1


def false_positives(paths: int) -> Item:
    """Measure how often an effect is declared where there is none."""
    wide = gates.FALSE_POSITIVES_NOT_NORMAL
    laws: tuple[tuple[str, Law, gates.Gate], ...] = (
        ("normal differences", normal, gates.FALSE_POSITIVES),
        ("heavy tails (Student's t, 3 degrees of freedom)", heavy, wide),
        ("accuracies on 100 test samples", accuracies(100), wide),
        ("accuracies on 1,000 test samples", accuracies(1000), wide),
        ("differences of two equally skewed figures", equally_skewed, wide),
        ("one arm skewed, the other not (exponential)", unequally_skewed, STATED),
    )
    draws = (np.random.default_rng((2, place)) for place in count())
    rows = [
        rate(what, follow(law(next(draws), (paths, HORIZON)), automatic()).declared, gate)
        for what, law, gate in laws
    ]
    for n in (FEWEST, 10):
        once = Rule(tuple(range(n)), False, n, 1e-9, 1)
        said = follow(normal(next(draws), (paths, n)), once)
        what = f"normal differences, one look at {n} fixed seeds"
        rows.append(rate(what, said.declared, gates.FALSE_POSITIVES))
    return Item(
        "How often is an effect declared where there is none?",
        "One variant without any effect, automatic seeds (up to 20, a look after each from the "
        "fifth on), and a `worth` so small that *no practical difference* hides no error. An arm "
        "that is skewed where the other is not shifts the t statistic; a finding over such "
        "differences carries a caution.",
        (*rows, _naive(next(draws), paths)),
    )


def _naive(rng: np.random.Generator, paths: int) -> Line:
    most = 30
    n = np.arange(3, most + 1)
    t = t_statistics(normal(rng, (paths, most)))[:, 2:]
    wrong = np.any(2 * stdtr(n - 1, -np.abs(t)) < 0.05, axis=1)
    return rate("for comparison: a plain t test after every seed from 3 to 30", wrong, gates.NAIVE)


def power(paths: int) -> Item:
    """Measure how often an effect is found, and after how many seeds."""
    rng = np.random.default_rng(4)
    rows: list[Line] = []
    for effect, expected in gates.POWER.items():
        looked = follow(rng.normal(effect, 1.0, (paths, HORIZON)), automatic())
        what = f"effect of {effect:g} sd"
        rows += [
            rate(f"{what}: found", looked.effect == 1, near(expected, gates.OF_POWER)),
            mean(
                f"{what}: seeds used",
                looked.seeds,
                near(gates.MEAN_SEEDS[effect], gates.OF_SEEDS),
            ),
        ]
    return Item(
        "How often is an effect found, and how soon?",
        "Normal differences around an effect given in standard deviations (sd) of the differences, "
        "automatic seeds, one variant. The limits are the operating figures for which the method "
        "was chosen.",
        tuple(rows),
    )


def equivalence(paths: int, real: int) -> Item:
    """Measure "no practical difference": where it is false, and where it is true."""
    rng = np.random.default_rng(5)
    rows = []
    for worth in (0.25, 0.5, 0.75, 1.0, 2.0):
        for side in (1, -1):
            looked = follow(rng.normal(side * worth, 1.0, (paths, HORIZON)), automatic(worth=worth))
            what = f"true effect {side * worth:+g} sd, worth {worth:g} sd"
            rows.append(rate(what, looked.equal, gates.FALSE_EQUIVALENCE))
    for worth, expected in gates.FOUND_EQUAL.items():
        drawn = rng.normal(0.0, 1.0, (paths, HORIZON))
        what = f"no effect, worth {worth:g} sd"
        found = follow(drawn, automatic(worth=worth)).equal
        rows += [
            rate(what, found, at_least(expected - gates.OF_POWER)),
            rate(
                f"{what}: by one look's own interval alone",
                _at_one_look(drawn, worth),
                near(expected, gates.OF_POWER),
            ),
        ]
    rows.append(_rare(real))
    return Item(
        'How often is it "no practical difference"?',
        "First where the effect is exactly as large as `worth`, so that these words are false; "
        "then where there is no effect, so that they are the ones to say. The verdict rests on "
        "what the intervals of all looks have in common; beside it stands how often a single look "
        "would have been enough by itself. Last, a variant that loses 50 points of accuracy at a "
        "tenth of the seeds and nothing else, so that its true effect is -.05, and `worth` two "
        "points: no number of seeds without a difference can exclude what was never seen.",
        tuple(rows),
    )


def _rare(paths: int) -> Line:
    rng = np.random.default_rng((5, 1))
    base = rng.binomial(1000, 0.9, (paths, HORIZON)) / 1000
    variant = base - 0.5 * (rng.random(base.shape) < 0.1)
    rule = automatic(worth=0.02)
    pairs = zip(variant.tolist(), base.tolist(), strict=True)
    said = np.array([judged(*pair, rule).verdict for pair in pairs])
    return rate("-.5 at a tenth of the seeds, worth .02", said == "no-practical-difference", STATED)


def _at_one_look(differences: Array, worth: float) -> NDArray[np.bool_]:
    """Return where at some look its own interval, whatever the others say, is inside ± worth."""
    means, errors = (each[:, FEWEST - 1 :] for each in means_and_errors(differences))
    rule = automatic(worth=worth)
    wide = [rule.critical(n, 2 * ALPHA) for n in range(FEWEST, HORIZON + 1)]
    nearest: Array = np.min(np.abs(means) + np.array(wide) * errors, axis=1)
    return np.less(nearest, worth)
