"""How the arms were computed, in one line: by which arithmetic which of them.

Eats a `Study` and its `Results`. Makes a `Message`.
"""

from __future__ import annotations

from collections.abc import Iterator

from hikaku.present.report import short
from hikaku.record import Outcome, Results
from hikaku.study.study import Study
from hikaku.study.twin import engine_of
from hikaku.words import Message, message


def computed(study: Study, results: Results) -> Iterator[Message]:
    """Yield which arms each arithmetic computed; nothing where all were trained alone, by torch."""
    arms = [arm.name for arm in study.arms]
    twins = dict.fromkeys(name for name in results.bases.values() if name not in arms)
    ends = {name: _ended(name, results) for name in (*arms, *twins)}
    ways: dict[str, list[str]] = {}
    for name, outcomes in ends.items():
        for text in dict.fromkeys(end.arithmetic for end in outcomes if end.arithmetic):
            ways.setdefault(text, []).append(short(name))
    in_stacks = any(end.cost.get("stack", 1) > 1 for found in ends.values() for end in found)
    by_book = any(engine_of(text) == "book" for text in ways)
    if ways and (in_stacks or by_book or twins):
        told = (f"{text} ({', '.join(names)})" for text, names in ways.items())
        yield message("computed: {ways}", ways="; ".join(told))


def _ended(arm: str, results: Results) -> list[Outcome]:
    ends = (results.outcome(arm, seed) for seed in results.seeds)
    return [end for end in ends if end is not None]
