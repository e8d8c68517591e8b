"""What is going to be done to whom: a plan of lives and blows, drawn from a seed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Target = Literal["supervisor", "worker"]
How = Literal["kill", "pause", "stop", "term"]
Damage = Literal["", "flipped", "cut", "removed"]
DAMAGES: tuple[Damage, ...] = ("flipped", "cut", "removed")


@dataclass(frozen=True)
class Blow:
    """What is done to one process, so long after the last thing was done.

    `after` counts in the time that an undisturbed run takes, so that a plan is worth the same on
    a slow machine. `choice`, of [0, 1), says which of the workers is meant. One that is paused
    goes on after a moment, one that is stopped only in the next life.
    """

    after: float
    target: Target
    how: How
    choice: float = 0.0

    def __str__(self) -> str:
        """Return it in a few words."""
        return f"{self.how} {self.target} after {self.after:.2f}"


@dataclass(frozen=True)
class Life:
    """What becomes of one supervisor: what is done to it and its workers, one after the other.

    Before it begins, the file of a state is damaged: a bit of it `flipped`, `cut` in half,
    `removed`, or none. In `company`, a second supervisor is started on the same store.
    """

    blows: tuple[Blow, ...]
    damage: Damage = ""
    company: bool = False
    choice: float = 0.0

    def __str__(self) -> str:
        """Return it in a line."""
        first = [f"a state {self.damage}"] if self.damage else []
        first += ["in company"] if self.company else []
        return ", ".join([*first, *map(str, self.blows)]) or "nothing"


def lives(seed: int) -> Iterator[Life]:
    """Yield one life after the other."""
    draws = random.Random(seed)
    while True:
        blows = [
            Blow(draws.uniform(0.0, 0.25), "worker", _how(draws.random()), draws.random())
            for _ in range(draws.choice((0, 0, 1, 1, 2, 4)))
        ]
        # A stopped worker holds a run up until somebody kills it; here the supervisor dies first.
        if draws.random() < 0.9 or any(blow.how == "stop" for blow in blows):
            how: How = "term" if draws.random() < 0.1 else "kill"
            blows.append(Blow(draws.uniform(0.0, 0.5), "supervisor", how))
        damage = draws.choice(DAMAGES) if draws.random() < 0.4 else ""
        yield Life(tuple(blows), damage, draws.random() < 0.05, draws.random())


def _how(drawn: float) -> How:
    return "pause" if drawn < 0.1 else "stop" if drawn < 0.2 else "kill"
