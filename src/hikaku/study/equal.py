"""`equal`: what every arm is given as much of as base: epochs, seconds or operations.

With "seconds" and "flops" each variant makes as many updates as cost what base's cost. That is
measured once, before its first trial, and stands in the store from then on; here it is put into
the study.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol

from hikaku.study.node import Node
from hikaku.study.sources import fingerprints
from hikaku.study.study import BASE, Arm, Equal, Study, Training, Work
from hikaku.words import message

OWN = 0
"""Stands for as many updates as an arm's own recipe says: they cost what base's cost."""


def read_equal(study: Node) -> Equal:
    """Return what is equal; a variant that says how long it trains is noted unless it is epochs."""
    equal: Equal = study["equal"].read(Equal, "epochs")
    written = (*study["variant"].items(), study["design"]["vary"])
    for item in written if equal != "epochs" else ():
        for key in ("epochs", "steps"):
            if item[key].written:
                item[key].fault(
                    message(
                        'equal = "{equal}" already says how long every arm trains.', equal=equal
                    ),
                    message('leave it out, or write equal = "epochs"'),
                )
    return equal


class Allowances(Protocol):
    """Where it stands how many updates arms were given: a store."""

    def allowances(self, base: str, equal: str) -> dict[str, int]:
        """Return the updates by the arm's fingerprint, of all that were settled beside `base`."""
        ...


def settled(study: Study, kept: Allowances) -> dict[str, int]:
    """Return by name how many updates each arm was given, where that is settled; `OWN` is one."""
    if study.equal == "epochs":
        return {}
    marks = fingerprints(study)
    steps = kept.allowances(marks[BASE], study.equal)
    return {name: steps[mark] for name, mark in marks.items() if mark in steps}


def equalized(study: Study, steps: Mapping[str, int]) -> Study:
    """Return the study whose variants make so many updates, by name; others stay as they are.

    Schedules and whatever else looks at progress follow the number of updates.
    """
    variants = tuple(
        replace(arm, work=_with_steps(arm.work, steps.get(arm.name, OWN))) for arm in study.variants
    )
    return replace(study, variants=variants)


def is_settled(study: Study, steps: Mapping[str, int], arm: Arm) -> bool:
    """Return whether it is known how long this arm trains; if not, no trial is one of its own."""
    return study.equal == "epochs" or arm.is_base or arm.name in steps


def as_settled(study: Study, kept: Allowances) -> tuple[Study, dict[str, str]]:
    """Return the study as it is trained, and the fingerprint of each arm by its name.

    A variant whose updates are not settled was never trained so; its fingerprint is "".
    """
    steps = settled(study, kept)
    asked = equalized(study, steps)
    marks = fingerprints(asked)
    unknown = {arm.name: "" for arm in asked.arms if not is_settled(study, steps, arm)}
    return asked, marks | unknown


def _with_steps(work: Work, steps: int) -> Work:
    if steps == OWN or not isinstance(work, Training):
        return work
    return replace(work, recipe=replace(work.recipe, epochs=None, steps=steps))
