"""`study_of`: a study as the store remembers it, which is what was planned, whatever its file says.

Nothing is looked up here: no file of the study, no card, no code. Every default is in the text.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from hikaku.study.design import Axis, Cell, Design
from hikaku.study.study import (
    Arm,
    Budget,
    Claim,
    Keep,
    Metric,
    Outside,
    Published,
    Resources,
    Study,
    Work,
)
from hikaku.study.trial import training, whole


def study_of(text: str) -> Study:
    """Return the study that `trial.plain` took apart and JSON wrote down.

    Raises TypeError, ValueError or LookupError where the text is that of another version.
    """
    taken = json.loads(text)
    return Study(**{name: READ.get(name, whole)(value) for name, value in taken.items()})


def _work(taken: Mapping[str, Any]) -> Work:
    if "recipe" in taken:
        return training(taken)
    rest = {name: whole(value) for name, value in taken.items() if name != "resources"}
    return Outside(**rest, resources=Resources(**taken["resources"]))


def _arm(taken: Mapping[str, Any]) -> Arm:
    return Arm(taken["name"], _work(taken["work"]), taken["against"])


def _claim(taken: Mapping[str, Any]) -> Claim:
    rest = {name: whole(value) for name, value in taken.items() if name != "figure"}
    return Claim(**rest, figure=Metric(**taken["figure"]))


def _design(taken: Mapping[str, Any] | None) -> Design | None:
    if taken is None:
        return None
    return Design(
        taken["kind"],
        tuple(Axis(**_plain(axis)) for axis in taken["axes"]),
        tuple(Cell(**_plain(cell)) for cell in taken["cells"]),
        taken["compare"],
    )


def _plain(taken: Mapping[str, Any]) -> dict[str, Any]:
    return {name: whole(value) for name, value in taken.items()}


def _each(read: Callable[[Any], object]) -> Callable[[Any], tuple[object, ...]]:
    return lambda values: tuple(map(read, values))


READ: dict[str, Callable[[Any], Any]] = {
    "metric": lambda taken: Metric(**taken),
    "base": _work,
    "variants": _each(_arm),
    "published": _each(lambda taken: Published(**_plain(taken))),
    "keep": lambda taken: Keep(**taken),
    "budget": lambda taken: Budget(**taken),
    "claims": _each(_claim),
    "design": _design,
}
"""How each field is read that is more than a number, a text or a list of them."""
