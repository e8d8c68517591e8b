"""Which arms are alike in all but mere numbers: what is found out of one holds for the others."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, get_args

from hikaku.study.card import Static
from hikaku.study.catalogue import Catalogue
from hikaku.study.recipe import LIST_SLOTS, Use
from hikaku.study.study import Training


def alike(work: Training, catalogue: Catalogue) -> Training:
    """Return the work with every mere number of a built-in technique left out.

    First weights are left out as a whole, for they change no shape.
    """
    recipe = work.recipe
    bare: dict[str, Any] = {"init": None}
    for slot, use in recipe.uses():
        if slot in LIST_SLOTS:
            bare[slot] = (*bare.get(slot, ()), _bare(use, catalogue))
        elif slot != "init":
            bare[slot] = _bare(use, catalogue)
    return replace(work, recipe=replace(recipe, **bare))


def _bare(use: Use, catalogue: Catalogue) -> Use:
    entry = catalogue.techniques.get(use.name)
    if entry is None:
        return use  # somebody's own, who may look at a number while the model is built
    static = {one.name for one in entry.settings if not _is_mere(one.annotation)}
    return Use(use.name, tuple(pair for pair in use.settings if pair[0] in static))


def _is_mere(annotation: object) -> bool:
    kind, *marks = get_args(annotation) or (annotation,)
    return kind is float and Static not in marks
