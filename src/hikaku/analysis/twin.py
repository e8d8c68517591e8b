"""What is said of two arms that were computed differently, or one of them a second time for it.

Eats `Results` and arms' names. Makes the names under which they compare, and `Message`s.
"""

from __future__ import annotations

from hikaku.record import Results
from hikaku.study.twin import comparable, engine_of
from hikaku.words import Message, message


def said(results: Results, variant: str, against: str) -> Message | None:
    """Return that a twin of `against` stands in for it, and why; None where it stands itself."""
    twin = results.base_of(variant)
    if twin == against:
        return None
    own, other = _arithmetic(results, twin), _arithmetic(results, against)
    if engine_of(own) == engine_of(other):
        return message(
            "{arm} was trained a second time for this comparison, by the arithmetic of {variant}: "
            "{arithmetic}",
            arm=against,
            variant=variant,
            arithmetic=own,
        )
    return message(
        "{arm} was trained a second time for this comparison, by the {own} engine: the {other} "
        "engine cannot take {variant}",
        arm=against,
        own=engine_of(own),
        other=engine_of(other),
        variant=variant,
    )


def alike(results: Results, arm: str, other: str) -> tuple[str, str]:
    """Return the names under which two arms were trained by one arithmetic, where they were.

    Those are their own, or that of the twin which one was given for its comparison with the other.
    """
    return _beside(results, other, arm), _beside(results, arm, other)


def unlike(results: Results, arm: str, other: str) -> Message | None:
    """Return that these trials were computed in two ways at some seed; None where in one."""
    for seed in results.seeds:
        ends = results.outcome(arm, seed), results.outcome(other, seed)
        own, theirs = (end.arithmetic if end else "" for end in ends)
        if own and theirs and not comparable(theirs, own):
            return message(
                "{arm} and {other} were computed differently, so that they do not compare: {own}; "
                "{theirs}",
                arm=arm,
                other=other,
                own=own,
                theirs=theirs,
            )
    return None


def _beside(results: Results, arm: str, other: str) -> str:
    """Return the name under which `other` was trained to be compared with an arm."""
    base = results.base_of(arm)
    return base if results.twins.get(base) == other else other


def _arithmetic(results: Results, arm: str) -> str:
    """Return how an arm's trials were computed, "" where none is known."""
    ends = (results.outcome(arm, seed) for seed in results.seeds)
    return next((end.arithmetic for end in ends if end and end.arithmetic), "")
