"""Many variants with one base: the error of the family, and false discoveries when exploring."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr
from scipy.stats import false_discovery_control

from calibration import gates
from calibration.gates import Item, Line, mean, rate
from calibration.looks import Array, automatic, follow, t_statistics
from hikaku.analysis import boundary
from hikaku.analysis.rule import ALPHA
from hikaku.study.study import FEWEST, HORIZON

EXPLORING = 30
EFFECT = 1.0
"""The size of the true effects among which one explores, in standard deviations."""
CHUNK = 2_500


def families(studies: int, explored: int) -> Item:
    """Measure the error of whole studies, and the false share of what exploring finds."""
    rows = [
        _family_wise(8, 0.0, studies),
        _family_wise(8, 0.5, studies),
        _family_wise(8, 0.9, studies),
        _family_wise(15, 0.0, studies),
        *_exploring(explored),
    ]
    return Item(
        "And with many variants?",
        "Each study has one base that all its variants are compared with. Up to 15 variants the "
        "line is the share of studies without any true effect in which *some* variant is called an "
        "effect; ρ is how much the variants' own figures at a seed correlate with one another "
        "(what a seed gives to all arms drops out of every difference). With more, a study "
        "explores: the line is the share of false ones among the effects declared, each "
        f"comparison ending where it is decided; half of the variants have an effect of {EFFECT:g} "
        "sd of the differences.",
        tuple(rows),
    )


def differences(
    rng: np.random.Generator, shape: tuple[int, int, int], correlation: float = 0.0
) -> Array:
    """Return null differences, (studies, variants, seeds), of variance 1, that share their base."""
    studies, _, seeds = shape
    base, common = rng.normal(size=(2, studies, 1, seeds))
    own = rng.normal(size=shape)
    arms = np.sqrt(correlation) * common + np.sqrt(1 - correlation) * own
    found: Array = (arms - base) / np.sqrt(2)
    return found


def _family_wise(family: int, correlation: float, studies: int) -> Line:
    rng = np.random.default_rng((3, family, round(10 * correlation)))
    rule, wrong = automatic(family=family), []
    for start in range(0, studies, CHUNK):
        size = min(CHUNK, studies - start)
        paths = differences(rng, (size, family, HORIZON), correlation)
        looked = follow(paths.reshape(-1, HORIZON), rule, ALPHA / family)
        wrong.append(looked.declared.reshape(size, family).any(axis=1))
    what = f"{family} variants, ρ = {correlation:g}: any false effect"
    return rate(what, np.concatenate(wrong), gates.FAMILY_WISE)


def _exploring(studies: int) -> tuple[Line, Line]:
    rng = np.random.default_rng((3, EXPLORING))
    true = np.arange(EXPLORING) < EXPLORING // 2
    false_share, found = np.zeros(studies), np.zeros(studies)
    for study in range(studies):
        paths = differences(rng, (1, EXPLORING, HORIZON))[0] + EFFECT * true[:, None]
        declared = explored(paths)
        false_share[study] = (declared & ~true).sum() / max(1, declared.sum())
        found[study] = (declared & true).sum() / true.sum()
    what = f"{EXPLORING} variants, exploring"
    return (
        mean(f"{what}: false among the declared", false_share, gates.FALSE_DISCOVERIES),
        mean(f"{what}: true effects found", found, gates.STATED),
    )


def explored(paths: Array) -> NDArray[np.bool_]:
    """Return which comparisons, (variants, seeds), are declared when each ends at its verdict."""
    n = np.arange(FEWEST, HORIZON + 1)
    p = 2 * stdtr(n - 1, -np.abs(t_statistics(paths)[:, FEWEST - 1 :]))
    # A comparison is declared at a level where its p value ever comes down to it, and the level is
    # that of Benjamini and Hochberg over those p values.
    ever = [boundary.p_process(row.tolist(), HORIZON) for row in p]
    return np.asarray(false_discovery_control(ever) <= ALPHA)
