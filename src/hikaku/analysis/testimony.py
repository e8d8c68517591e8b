"""What a study says of one technique: which of its comparisons are about it, and about it alone.

Eats a `Study`, its `Results` and a technique's name. Makes one `Testimony` per comparison that a
run has shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from hikaku.analysis.finding import Finding
from hikaku.analysis.verdict import compare
from hikaku.record import Results
from hikaku.study.recipe import ONE_SLOTS, Recipe, Use
from hikaku.study.study import Study, Training, treatment

Role = Literal["alone", "left-out", "settings", "among-others"]
"""What a comparison tries: the technique alone; base without it; other settings of it; it among
other changes. Only the first is evidence for or against the technique itself."""


@dataclass(frozen=True)
class Sought:
    """A technique as studies use it: its slot, its name, and the settings that switch it off."""

    slot: str
    name: str
    off: Mapping[str, object]


@dataclass(frozen=True)
class Testimony:
    """One comparison of a study that has the technique in its treatment, and its finding."""

    study: Study
    role: Role
    treatment: tuple[str, ...]
    finding: Finding


def testimony(study: Study, results: Results, sought: Sought) -> Iterator[Testimony]:
    """Yield what the study says of the technique, in the order of its variants.

    Only verdicts that a run has shown: to read one that nobody has looked at would be a look.
    """
    arms = {arm.name: arm for arm in study.arms}
    roles = roles_in(study, sought)
    for finding in compare(study, results, seen=True) if roles else ():
        if finding.variant in roles and _is_shown(finding, results):
            work, base = arms[finding.variant].work, arms[finding.against].work
            told = tuple(str(change) for change in treatment(work, base))
            yield Testimony(study, roles[finding.variant], told, finding)


def _is_shown(finding: Finding, results: Results) -> bool:
    """Return whether a run has shown this verdict, and its trials are still there."""
    there = any((finding.variant, seed) in results.trials for seed in finding.planned)
    return there and finding.rule.bound is not None and not finding.unseen


def roles_in(study: Study, sought: Sought) -> dict[str, Role]:
    """Return by variant what those comparisons try that have the technique in their treatment."""
    return {
        arm.name: found
        for arm in study.compared
        if (found := role(study, arm.name, arm.against, sought))
    }


def role(study: Study, variant: str, against: str, sought: Sought) -> Role | None:
    """Return what the comparison of these two arms tries; None where it is not about it at all.

    A technique that is switched off by its settings counts as absent. In a slot that holds one,
    it takes the place of another, and that is still the technique alone.
    """
    works = {arm.name: arm.work for arm in study.arms}
    one, other = works[variant], works[against]
    if not isinstance(one, Training) or not isinstance(other, Training):
        return None
    mine, theirs = acting(one.recipe, sought), acting(other.recipe, sought)
    if mine == theirs:
        return None
    if _without(one, study, sought) != _without(other, study, sought):
        return "among-others"
    if mine and theirs:
        return "settings"
    return "alone" if mine else "left-out"


def acting(recipe: Recipe, sought: Sought) -> tuple[Use, ...]:
    """Return the uses of the technique in this recipe that are not switched off."""
    named = (use for slot, use in recipe.uses() if (slot, use.name) == (sought.slot, sought.name))
    return tuple(use for use in named if not _is_off(use, sought.off))


def _is_off(use: Use, off: Mapping[str, object]) -> bool:
    settings = dict(use.settings)
    return bool(off) and all(settings.get(name) == value for name, value in off.items())


def _without(work: Training, study: Study, sought: Sought) -> Training:
    """Return the work but for the technique, and but for how long it trains where that follows."""
    recipe = work.recipe
    if study.equal != "epochs":
        recipe = replace(recipe, epochs=None, steps=None)
    if sought.slot in ONE_SLOTS:
        rest: object = None
    else:
        rest = tuple(use for use in getattr(recipe, sought.slot) if use.name != sought.name)
    return replace(work, recipe=replace(recipe, **{sought.slot: rest}))  # type: ignore[arg-type]  # of that slot
