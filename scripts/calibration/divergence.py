"""Trials that diverge: the second endpoint, and what it does to the whole verdict."""

from __future__ import annotations

import numpy as np

from calibration import gates
from calibration.gates import STATED, Gate, Item, Line, rate
from calibration.handmade import judged
from calibration.looks import TINY, automatic
from hikaku.analysis.divergence import at_one_look, boundary
from hikaku.analysis.rule import ALPHA, Rule
from hikaku.study.study import HORIZON

SHARES = (0.1, 0.3, 0.5)
LONG_SHARES = (0.3, 0.4)
UP_TO_60 = automatic(60)
AT_100 = Rule(tuple(range(100)), False, 100, TINY, 1)
CHUNK = 25_000


def divergence(paths: int, real: int) -> Item:
    """Measure how often divergence decides where both arms diverge alike, and how soon else."""
    return Item(
        "What if trials diverge?",
        "Both arms diverge equally often, each trial by itself: how often one arm is called the "
        "one that diverges more. Beside it how often *any* verdict of an effect is given then, by "
        "@@        (
            *(_endpoint(share, paths) for share in SHARES),
            *(_any(share, real) for share in SHARES),
            *(_always(family) for family in gates.ALWAYS_DIVERGES),
        ),
    )


def _endpoint(share: float, paths: int) -> Line:
    rng = np.random.default_rng((6, round(100 * share)))
    variant, base = rng.random((2, paths, HORIZON)) < share
    alone = np.array([(variant & ~base).cumsum(axis=1), (base & ~variant).cumsum(axis=1)])
    needed = np.array(boundary(ALPHA, HORIZON))[alone.sum(axis=0)]
    decided = (alone.max(axis=0) >= needed).any(axis=1)
    return rate(f"{share:.0%} diverge: called unequal", decided, gates.DIVERGENCE)


def _any(share: float, paths: int) -> Line:
    rng = np.random.default_rng((7, round(100 * share)))
    figures = rng.normal(0.9, 0.01, (paths, 2, HORIZON))
    lost = rng.random((paths, HORIZON, 2)) < share
    said = [
        judged(variant, base, automatic(), diverged=gone).verdict
        for (variant, base), gone in zip(figures.tolist(), lost.tolist(), strict=True)
    ]
    wrong = np.isin(said, ("helps", "hurts", "unstable"))
    return rate(f"{share:.0%} diverge: any false effect", wrong, gates.FALSE_POSITIVES)


def _always(family: int) -> Line:
    rule = automatic(family=family)
    ends = [(False, True)] * HORIZON
    went = judged([0.9] * HORIZON, [0.9] * HORIZON, rule, ALPHA / family, ends)
    seeds = len(went.judged) if went.verdict == "helps" else HORIZON + 1
    what = f"base always diverges, {family} variant{'s' * (family > 1)}: seeds until it is decided"
    expected = gates.ALWAYS_DIVERGES[family]
    return Line(what, float(seeds), 0.0, 1, gates.Gate(expected, expected))
