"""Which arms are alike in all but mere numbers: what is found out of one holds for the others."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

from hikaku.study.card import Static
from hikaku.study.catalogue import Catalogue
from hikaku.study.recipe import LIST_SLOTS, Use
from hikaku.study.study import Training

OWN = Path(__file__).parents[1] / "techniques"
"""Where the techniques lie that are known to keep to the rules."""


def alike(work: Training, catalogue: Catalogue) -> Training:
    """Return the work with every mere number of a built-in technique left out.

    First weights of a built-in technique are left out as a whole, for they change no shape.
    """
    recipe = work.recipe
    bare: dict[str, Any] = {}
    for slot, use in recipe.uses():
        if slot in LIST_SLOTS:
            bare[slot] = (*bare.get(slot, ()), _bare(use, catalogue))
        elif slot == "init" and is_ours(use, catalogue):
            bare[slot] = None
        else:
            bare[slot] = _bare(use, catalogue)
    return replace(work, recipe=replace(recipe, **bare))


def is_ours(use: Use, catalogue: Catalogue) -> bool:
    """Return whether a technique is one of hikaku's own, by its name in the catalogue."""
    entry = catalogue.techniques.get(use.name)
    return entry is not None and entry.path.is_relative_to(OWN)


def _bare(use: Use, catalogue: Catalogue) -> Use:
    if not is_ours(use, catalogue):
        return use  # its author may look at a number while the model is built
    entry = catalogue.techniques[use.name]
    static = {one.name for one in entry.settings if not _is_mere(one.annotation)}
    return Use(use.name, tuple(pair for pair in use.settings if pair[0] in static))


def _is_mere(annotation: object) -> bool:
    kind, *marks = get_args(annotation) or (annotation,)
    return kind is float and Static not in marks
