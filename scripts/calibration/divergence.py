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
MANY = (0.3, 0.4)
"""The shares of trials that diverge where there are more seeds than usual."""
PLANS = {
    "up to 60 seeds, ": automatic(60),
    "100 fixed seeds, ": Rule(tuple(range(100)), False, 100, TINY, 1),
}


def divergence(real: int) -> Item:
    """Measure how often divergence decides where both arms diverge alike, and how soon else."""
    return Item(
        "What if trials diverge?",
        "Both arms diverge equally often, each trial by itself: how often one arm is called the "
        "one that diverges more (summed over all paths, not simulated). Beside it how often *any* "
        "false verdict is given then, by divergence or by the figures that are left, which have no "
        "effect either. A comparison asks two things: does one arm diverge more often, and are its "
        "figures other ones? Each has an error of .05 of its own, so where trials diverge one of "
        "the two may be wrong in up to .10 of comparisons, and with many seeds that is more often "
        "than .05. Last, a base that always diverges and a variant that never does.",
        (
            *(_endpoint("", automatic(), share) for share in SHARES),
            *(_any("", automatic(), share, real, gates.FALSE_POSITIVES) for share in SHARES),
            *(_endpoint(*plan, share) for plan in PLANS.items() for share in MANY),
            # Looks at up to 60 seeds take the real code long.
            *(_any(*plan, share, real // 4, STATED) for plan in PLANS.items() for share in MANY),
            *(_always(family) for family in gates.ALWAYS_DIVERGES),
        ),
    )


def _endpoint(plan: str, rule: Rule, share: float) -> Line:
    what = f"{plan}{share:.0%} diverge: called unequal"
    return Line(what, called_unequal(rule, share), 0.0, 1, gates.DIVERGENCE)


def called_unequal(rule: Rule, share: float) -> float:
    """Return how often one arm is called the one that diverges more, where both do at `share`."""
    needed = np.array(
        boundary(ALPHA, rule.most)
        if rule.auto
        else [at_one_look(count, ALPHA) for count in range(rule.most + 1)]
    )
    # Paths by the number of seeds at which the variant alone diverged, and base alone.
    variant, base = np.indices((rule.most + 1, rule.most + 1))
    decides = np.maximum(variant, base) >= needed[np.minimum(variant + base, rule.most)]
    alive, called = np.where(variant + base == 0, 1.0, 0.0), 0.0
    alone = share * (1 - share)
    for seed in range(1, rule.most + 1):
        before = alive
        alive = (1 - 2 * alone) * before
        alive[1:] += alone * before[:-1]
        alive[:, 1:] += alone * before[:, :-1]
        if rule.auto or seed == rule.most:
            called += float(alive[decides].sum())
            alive[decides] = 0
    return called


def _any(plan: str, rule: Rule, share: float, paths: int, gate: Gate) -> Line:
    rng = np.random.default_rng((7, round(100 * share), rule.most))
    figures = rng.normal(0.9, 0.01, (paths, 2, rule.most))
    lost = rng.random((paths, rule.most, 2)) < share
    said = [
        judged(variant, base, rule, diverged=gone).verdict
        for (variant, base), gone in zip(figures.tolist(), lost.tolist(), strict=True)
    ]
    wrong = np.isin(said, ("helps", "hurts", "unstable"))
    return rate(f"{plan}{share:.0%} diverge: any false verdict", wrong, gate)


def _always(family: int) -> Line:
    rule = automatic(family=family)
    ends = [(False, True)] * HORIZON
    went = judged([0.9] * HORIZON, [0.9] * HORIZON, rule, ALPHA / family, ends)
    seeds = len(went.judged) if went.verdict == "helps" else HORIZON + 1
    what = f"base always diverges, {family} variant{'s' * (family > 1)}: seeds until it is decided"
    expected = gates.ALWAYS_DIVERGES[family]
    return Line(what, float(seeds), 0.0, 1, gates.Gate(expected, expected))
