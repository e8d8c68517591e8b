"""Cautions about arms that are trained outside hikaku: what it cannot promise of them."""

from __future__ import annotations

from hikaku.study.study import Study
from hikaku.words import Message, message


def outside_cautions(study: Study) -> tuple[Message, ...]:
    """Return what must be said of a study whose arms hikaku does not train; () for any other."""
    if not study.outside:
        return ()
    return (
        message(
            "pairing cannot be promised: the seed is handed over, and whether both arms draw the "
            "same split, initial weights and order from it is up to your own code"
        ),
        message("a trial that is interrupted starts from zero"),
    )
