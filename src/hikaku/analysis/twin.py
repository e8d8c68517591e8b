"""Said of a comparison for which the arm that it is against was trained a second time."""

from __future__ import annotations

from hikaku.record import Results
from hikaku.study.twin import engine_of
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


def _arithmetic(results: Results, arm: str) -> str:
    """Return how an arm's trials were computed, "" where none is known."""
    ends = (results.outcome(arm, seed) for seed in results.seeds)
    return next((end.arithmetic for end in ends if end and end.arithmetic), "")
