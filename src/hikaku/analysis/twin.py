"""Said of a comparison whose base was trained a second time, for it."""

from __future__ import annotations

from hikaku.record import Results
from hikaku.study.study import BASE
from hikaku.study.twin import engine_of
from hikaku.words import Message, message


def said(results: Results, variant: str) -> Message | None:
    """Return that a twin of base stands in for base, and why; None where base itself does."""
    twin = results.base_of(variant)
    if twin == BASE:
        return None
    own, base = _arithmetic(results, twin), _arithmetic(results, BASE)
    if engine_of(own) == engine_of(base):
        return message(
            "base was trained a second time for this comparison, by the arithmetic of {variant}: "
            "{arithmetic}",
            variant=variant,
            arithmetic=own,
        )
    return message(
        "base was trained a second time for this comparison, by the {own} engine: the {base} "
        "engine cannot take {variant}",
        own=engine_of(own),
        base=engine_of(base),
        variant=variant,
    )


def _arithmetic(results: Results, arm: str) -> str:
    """Return how an arm's trials were computed, "" where none is known."""
    ends = (results.outcome(arm, seed) for seed in results.seeds)
    return next((end.arithmetic for end in ends if end and end.arithmetic), "")
