"""Which base each variant is compared with: base, or its twin in the arithmetic of the variant.

Eats what was measured of the study's arms; what the outcomes say counts, not what a plan wants.
"""

from __future__ import annotations

from collections.abc import Mapping

from hikaku.record import Measured
from hikaku.study.study import BASE, Study
from hikaku.study.twin import comparable, twin_arithmetic, twin_names

Trials = Mapping[tuple[str, int], Measured]
"""What was measured, by arm name and seed."""


def twins(study: Study, trials: Trials) -> tuple[dict[str, str], dict[str, str]]:
    """Return by variant the name of the twin that it is compared with, and each one's arithmetic.

    A variant that needs none is not among them.
    """
    texts = {
        arm.name: text for arm in study.variants if (text := _twin_of(study, trials, arm.name))
    }
    names = twin_names(texts.values(), {arm.name for arm in study.arms})
    return (
        {variant: names[text] for variant, text in texts.items()},
        {name: text for text, name in names.items()},
    )


def own_trials(study: Study, trials: Trials, arithmetic: str) -> dict[int, Measured]:
    """Return by seed base's trials that already are of this arithmetic: a twin has them too."""
    found = ((seed, trials.get((BASE, seed))) for seed in study.seeds)
    return {seed: one for seed, one in found if one and one.outcome.arithmetic == arithmetic}


def _twin_of(study: Study, trials: Trials, variant: str) -> str | None:
    """Return the arithmetic that base needs beside this variant, None where it has it."""
    base, own = _arithmetics(study, trials, BASE), _arithmetics(study, trials, variant)
    anywhere = next(iter(base.values()), "")
    pairs = ((base.get(seed, anywhere), text) for seed, text in own.items())
    foreign = (pair for pair in pairs if pair[0] and not comparable(*pair))
    return next((twin_arithmetic(*pair) for pair in foreign), None)


def _arithmetics(study: Study, trials: Trials, arm: str) -> dict[int, str]:
    """Return by seed how the arm's trials were computed; of one that failed nobody knows."""
    found = ((seed, trials.get((arm, seed))) for seed in study.seeds)
    return {seed: one.outcome.arithmetic for seed, one in found if one and one.outcome.arithmetic}
