"""What each variant is compared with: an arm, or its twin in the arithmetic of the variant.

Eats what was measured of the study's arms; what the outcomes say counts, not what a plan wants.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from hikaku.record import Measured
from hikaku.study.study import BASE, Arm, Study
from hikaku.study.twin import Twin, comparable, twin_arithmetic, twin_names, way_of

Trials = Mapping[tuple[str, int], Measured]
"""What was measured, by arm name and seed."""


def twins(study: Study, trials: Trials) -> tuple[dict[str, str], dict[str, Twin]]:
    """Return by variant the name of what it is compared with, and by its name each twin.

    A variant that is compared with base itself is not among them.
    """
    own = {
        arm.name: (arm.against, text)
        for arm in study.compared
        if (text := _twin_of(study, trials, arm))
    }
    names = twin_names(own.values(), {arm.name for arm in study.arms})
    others = {arm.name: arm.against for arm in study.compared if arm.against != BASE}
    return (
        others | {variant: names[twin] for variant, twin in own.items()},
        {name: twin for twin, name in names.items()},
    )


def in_two_ways(study: Study, trials: Trials) -> dict[tuple[str, int], str]:
    """Return the engine of each trial of a variant that is not the one of most of its pairs.

    A study that was run once more, by another engine at fewer seeds, has seeds of two: one
    comparison has one arithmetic, so that these count as not trained.
    """
    found: dict[tuple[str, int], str] = {}
    for arm in study.compared:
        base, own = (_arithmetics(study, trials, name) for name in (arm.against, arm.name))
        pairs = Counter(
            way_of(text) for seed, text in own.items() if comparable(base.get(seed, ""), text)
        )
        ways = Counter(map(way_of, own.values()))
        kept = max(ways, key=lambda way: (pairs[way], ways[way], way), default="")
        found |= {
            (arm.name, seed): way_of(text) for seed, text in own.items() if way_of(text) != kept
        }
    return found


def base_in_two_ways(
    study: Study, trials: Trials, bases: Mapping[str, str]
) -> dict[tuple[str, int], str]:
    """Return the engine of each trial of base that no comparison with it uses.

    Such a trial would do nothing but mix base's own figures. `trials` are without those of
    `in_two_ways`, `bases` are those of `twins`. Where nothing is compared with base but with its
    twins, most of its seeds count.
    """
    own = {seed: way_of(text) for seed, text in _arithmetics(study, trials, BASE).items()}
    used = {
        way_of(text)
        for arm in study.compared
        if arm.name not in bases
        for text in _arithmetics(study, trials, arm.name).values()
    } & {*own.values()}
    kept = used or {way for way, _ in Counter(sorted(own.values())).most_common(1)}
    return {(BASE, seed): way for seed, way in own.items() if way not in kept}


def own_trials(study: Study, trials: Trials, twin: Twin) -> dict[int, Measured]:
    """Return by seed an arm's trials that already are of its twin's arithmetic: it has them too."""
    name, arithmetic = twin
    found = ((seed, trials.get((name, seed))) for seed in study.seeds)
    return {seed: one for seed, one in found if one and one.outcome.arithmetic == arithmetic}


def _twin_of(study: Study, trials: Trials, arm: Arm) -> str | None:
    """Return the arithmetic that is needed to compare with this arm, None where it is there."""
    base, own = (_arithmetics(study, trials, name) for name in (arm.against, arm.name))
    anywhere = next(iter(base.values()), "")
    pairs = ((base.get(seed, anywhere), text) for seed, text in own.items())
    foreign = (pair for pair in pairs if pair[0] and not comparable(*pair))
    return next((twin_arithmetic(*pair) for pair in foreign), None)


def _arithmetics(study: Study, trials: Trials, arm: str) -> dict[int, str]:
    """Return by seed how the arm's trials were computed; of one that failed nobody knows."""
    found = ((seed, trials.get((arm, seed))) for seed in study.seeds)
    return {seed: one.outcome.arithmetic for seed, one in found if one and one.outcome.arithmetic}
