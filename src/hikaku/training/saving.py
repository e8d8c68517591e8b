"""`Saving`: whoever saves the trials of a stack on their way; and how often that pays.

Snapshots are for what interrupts a trial. They change nothing that it computes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from hikaku.training.snapshot import Snapshot

SHARE = 0.02
"""Saving may take this much of the time that is spent on training."""
SECONDS = 300.0
"""Where an evaluation is further away than this, the trial is saved before it."""


class Saving(Protocol):
    """Whoever saves the trials of a stack."""

    def is_due(self, update: int, evaluated: bool) -> bool:
        """Return whether to save them after this update, counted from 1.

        Asked after every update but the last; `evaluated` says whether it was followed by one.
        """
        ...

    def save(self, snapshots: Mapping[int, Snapshot]) -> None:
        """Save these lanes."""
        ...


class Never:
    """Saves nothing."""

    def is_due(self, update: int, evaluated: bool) -> bool:
        """Return False."""
        return False

    def save(self, snapshots: Mapping[int, Snapshot]) -> None:
        """Do nothing."""


NEVER: Saving = Never()


@dataclass(frozen=True)
class Renumbered:
    """Saves the lanes of a part of a stack under the numbers that they have in the whole."""

    saving: Saving
    numbers: Sequence[int]

    def is_due(self, update: int, evaluated: bool) -> bool:
        """Return whether to save them."""
        return self.saving.is_due(update, evaluated)

    def save(self, snapshots: Mapping[int, Snapshot]) -> None:
        """Save them."""
        self.saving.save({self.numbers[lane]: one for lane, one in snapshots.items()})


@dataclass
class Cadence:
    """How often saving pays: after evaluations, and else every `seconds`, within `share` of time.

    What a save took is the measure of the next one. `clock` gives seconds that only grow.
    """

    seconds: float = SECONDS
    share: float = SHARE
    clock: Callable[[], float] = time.monotonic
    cost: float = 0.1
    since: float = field(init=False)

    def __post_init__(self) -> None:
        """Begin to count."""
        self.since = self.clock()

    def pays(self, evaluated: bool) -> bool:
        """Return whether to save now."""
        spent = self.clock() - self.since
        return spent * self.share >= self.cost and (evaluated or spent >= self.seconds)

    def saved(self, began: float) -> None:
        """Note a save that began at this time and has just ended."""
        self.since = self.clock()
        self.cost = self.since - began


@dataclass
class Always(Cadence):
    """Every `seconds`, whatever that costs; 0 is after every update."""

    def pays(self, evaluated: bool) -> bool:
        """Return whether to save now."""
        return self.clock() - self.since >= self.seconds
