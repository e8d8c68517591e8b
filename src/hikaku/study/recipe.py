"""`Recipe`: the slots of a training step, filled by name. Its diff with the base is what is tested.

Settings are complete here: the decoder has filled every default in, so what a recipe prints,
what its fingerprint hashes and what trains are the same values.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from typing import Literal, get_args

from hikaku.study.card import Slot

Value = bool | int | float | str | tuple["Value", ...] | None

CARRIED = ".hikaku/code/"
"""Below a study's folder, where code from notebooks is kept; begins the names of its files."""

Dtype = Literal["fp32", "bf16", "fp64"]
"""How numbers are computed: the arithmetic of a trial names one of them."""
Precision = Literal[Dtype, "auto"]

LIST_SLOTS: tuple[str, ...] = ("layers", "augment", "penalty", "clip", "project")
ONE_SLOTS: tuple[str, ...] = tuple(slot for slot in get_args(Slot) if slot not in LIST_SLOTS)


@dataclass(frozen=True)
class Use:
    """A technique, model or data set by name, with every setting that acts, in declared order."""

    name: str
    settings: tuple[tuple[str, Value], ...] = ()

    def __str__(self) -> str:
        """Return it as people write it: `dropout(p=0.5)`."""
        name = spoken_name(self.name)
        if not self.settings:
            return name
        return f"{name}({', '.join(f'{key}={shown(value)}' for key, value in self.settings)})"


def spoken_name(name: str) -> str:
    """Return what people call a name: the `Net` of a notebook by its own, a fingerprint by a part.

    >>> spoken_name(".hikaku/code/Net-3fa9c2d1e0ab.py:Net"), spoken_name("my_model.py:Net")
    ('Net', 'my_model.py:Net')
    """
    if name.startswith(CARRIED):
        return name.rpartition(":")[2]
    return _FINGERPRINT.sub(r"\1…", name)


_FINGERPRINT = re.compile(r"(?<=:)([0-9a-f]{8})[0-9a-f]{24}$")


def shown(value: object) -> str:
    """Return a setting's value as the study file writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:g}" if float(f"{value:g}") == value else repr(value)
    if isinstance(value, tuple):
        return "[" + ", ".join(shown(item) for item in value) + "]"
    return "none" if value is None else str(value)


@dataclass(frozen=True)
class Evaluation:
    """When to evaluate: after update `start`, then every `every` updates or epochs, and at the end.

    With the unit "epoch", `start` is `every`. "10 steps from 1" is (10, "step", 1).
    """

    every: int = 1
    unit: Literal["epoch", "step"] = "epoch"
    start: int = 1

    def __str__(self) -> str:
        """Return it as the study file writes it."""
        if self.unit == "epoch":
            return "epoch" if self.every == 1 else f"{self.every} epochs"
        return f"{self.every} steps" + ("" if self.start == self.every else f" from {self.start}")


@dataclass(frozen=True)
class Recipe:
    """The size of the work and one `Use` per one-value slot, a tuple of them per list slot.

    Exactly one of `epochs` and `steps` is a number. None in a slot: `init` keeps the model's own
    weights, `gradient` is the plain backward pass, `averaging` and `stopping` are empty.

    `precision` is that of the numbers: "bf16" multiplies matrices in bfloat16 and keeps weights,
    losses and statistics in float32; "auto" does so where the machine is fast at it, and is
    "fp32" elsewhere.
    """

    optimizer: Use
    loss: Use
    schedule: Use
    epochs: int | None = None
    steps: int | None = None
    batch_size: int = 64
    order: Literal["shuffle", "with-replacement"] = "shuffle"
    evaluate_every: Evaluation = Evaluation()
    precision: Precision = "fp32"
    init: Use | None = None
    layers: tuple[Use, ...] = ()
    augment: tuple[Use, ...] = ()
    penalty: tuple[Use, ...] = ()
    gradient: Use | None = None
    clip: tuple[Use, ...] = ()
    project: tuple[Use, ...] = ()
    averaging: Use | None = None
    stopping: Use | None = None

    def uses(self) -> tuple[tuple[str, Use], ...]:
        """Return every (slot, use) that is filled, in the order of the slots."""
        found: list[tuple[str, Use]] = []
        for slot in (*ONE_SLOTS, *LIST_SLOTS):
            value = getattr(self, slot)
            if isinstance(value, Use):
                found.append((slot, value))
            elif isinstance(value, tuple):
                found.extend((slot, use) for use in value)
        return tuple(found)

    def diff(self, base: Recipe) -> tuple[Change, ...]:
        """Return what this recipe changes in `base`, in the order of the fields."""
        return changes(base, self, "")


@dataclass(frozen=True)
class Change:
    """One place where a variant differs from base: the value there, and the base's."""

    place: str
    before: str
    after: str

    def __str__(self) -> str:
        """Return the change in words."""
        if not self.before:
            return f"{self.place} + {self.after}"
        if not self.after:
            return f"{self.place} - {self.before}"
        return f"{self.place}: {self.before} -> {self.after}"


def changes(base: object, other: object, prefix: str) -> tuple[Change, ...]:
    """Return what differs between two frozen values of one type, list slots entry by entry."""
    found: list[Change] = []
    for item in fields(base):  # type: ignore[arg-type]  # any frozen dataclass of the study room
        before, after = getattr(base, item.name), getattr(other, item.name)
        place = f"{prefix}{item.name}"
        if before == after:
            continue
        if item.name in LIST_SLOTS:
            found += [Change(place, str(use), "") for use in before if use not in after]
            found += [Change(place, "", str(use)) for use in after if use not in before]
            if not any(change.place == place for change in found):
                found.append(Change(place, _listed(before), _listed(after)))
        else:
            found.append(Change(place, _words(before), _words(after)))
    return tuple(found)


def _listed(uses: tuple[Use, ...]) -> str:
    return "[" + ", ".join(str(use) for use in uses) + "]"


def _words(value: object) -> str:
    return str(value) if isinstance(value, (Use, Evaluation)) else shown(value)
