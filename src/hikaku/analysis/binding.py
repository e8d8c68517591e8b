"""What each comparison of a study may use, given what was looked at before (DESIGN 4.1).

Eats a `Study`, its `Results` and the differences so far. Makes: one `Rule` per variant.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from hikaku.analysis.rule import Rule
from hikaku.record import Results, Spent
from hikaku.study.study import HORIZON, Study

Differences = Mapping[int, float]
"""The paired difference at each seed that has one."""

ALIKE = 3
"""So many equal differences, and no other, are those of the same two arms."""


def rules(study: Study, results: Results, found: Mapping[str, Differences]) -> dict[str, Rule]:
    """Return the rule of each variant's comparison; `found` gives its differences.

    It is the study's, unless a verdict over some of these seeds has been shown before: then
    seeds, horizon and `worth` are those of that time, for to choose them after a look would err
    more often than it says. A comparison is known again by its arms, or by its differences where
    the text of an arm has changed and what it does has not.

    The error is shared by the variants of now and all others with which this study has shown a
    verdict on the same base, and by as many as it ever was.
    """
    # What lies beyond a small budget is this rule's too, and its verdict will bind all of it.
    own = _to_the_horizon(study.seeds) if study.auto else study.seeds
    earlier = [one for one in results.earlier if _share_seeds(one.spent, own)]
    others = {
        one.pair
        for one in earlier
        if one.same_base and not any(_is_same(one.spent, each) for each in found.values())
    }
    family = len(study.compared) + len(others)
    return {
        name: _rule(
            study,
            own,
            family,
            (
                *(row for row in results.spent.get(name, ()) if _share_seeds(row, own)),
                *(one.spent for one in earlier if _is_same(one.spent, differences)),
            ),
        )
        for name, differences in found.items()
    }


def _rule(study: Study, own: tuple[int, ...], family: int, bound: Iterable[Spent]) -> Rule:
    rows = tuple(bound)
    if not rows:
        horizon = min(len(own), HORIZON) if study.auto else len(own)
        return Rule(own, study.auto, horizon, study.worth, family)
    first = rows[0]
    worth = study.worth if math.isnan(first.worth) else first.worth
    family = max(family, *(row.family for row in rows))
    return Rule(first.seeds, first.auto, first.horizon, worth, family, first)


def _to_the_horizon(seeds: tuple[int, ...]) -> tuple[int, ...]:
    """Return automatic seeds up to the horizon at least: a smaller budget is a pause, no end."""
    return seeds + tuple(range(seeds[-1] + 1, seeds[0] + HORIZON))


def _share_seeds(row: Spent, seeds: tuple[int, ...]) -> bool:
    return not set(row.seeds).isdisjoint(seeds)


def _is_same(row: Spent, found: Differences) -> bool:
    """Return whether these are the differences of that row, or the same the other way round."""
    shared = [(before, found[seed]) for seed, before in row.differences if seed in found]
    # Arms that differ in nothing at these seeds are not told from others that differ in nothing.
    told = len(shared) >= ALIKE and any(now for _, now in shared)
    return told and any(
        all(math.isclose(before, sign * now, rel_tol=1e-12) for before, now in shared)
        for sign in (1, -1)
    )
