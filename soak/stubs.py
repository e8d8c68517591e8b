"""Campaigns on stub trainings: random kills, system calls, the order of flushes, and defects."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import count

from soak import bugs, calls, disk, flushes, kills, trials, zygote
from soak.oracle import Trial, wanted
from soak.plan import lives
from soak.world import World, stub_world

SEEDS = 6
"""Of a study of three arms."""
FEW, MANY = 60, 400
"""Kills in which a defect must show, before and after system calls are struck."""
KINDS = 4
"""Of so many kinds: commits, removals, and how files of states are written."""


@dataclass(frozen=True)
class Stubs:
    """Where stub trainings live and die, and how long one run takes that nothing disturbs."""

    ground: kills.Ground
    numbers: Iterator[int]
    seconds: float

    def kill(self, number: int, seed: int) -> kills.Tally:
        """Kill so many processes at random."""
        worlds = partial(next, (stub_world(SEEDS, n) for n in self.numbers))
        campaign = kills.Campaign(self.ground, worlds, right, self.seconds)
        return campaign.carry_out(lives(seed), number)

    def sweep(self, step: int, seed: int, most: int | None = None) -> calls.Swept:
        """Look at the order of system calls, and strike at them, at one of each `step`.

        `most` is as for `Sweep.every`.
        """
        sweep = calls.Sweep(self.ground, right, self._small)
        sweep.swept.wrong += self.flushes()
        return sweep.every(step, seed, most)

    def fill(self, number: int, seed: int) -> kills.Tally:
        """Run on disks that are too small or read only."""
        world = self._small()
        try:
            return disk.fill(self.ground, right, world, number, seed)
        finally:
            world.remove()

    def flushes(self) -> list[str]:
        """Return every state that was told of before a power cut could not undo it."""
        world = self._small()
        try:
            return flushes.wrong_order(world, self.ground)
        finally:
            world.remove()

    def _small(self) -> World:
        return stub_world(1, next(self.numbers))


def stubs(bug: str = "") -> Stubs:
    """Return where stub trainings live and die, with this defect in them, or none."""
    os.environ["SOAK_BUG"] = bug
    # Workers read it: about every fifth step is followed by a state.
    os.environ["HIKAKU_CHECKPOINT_SECONDS"] = "0.005"
    ground, numbers = kills.Ground(zygote.fork_server("soak.stub")), count()
    zygote.share_statements()
    # Here, so that what is compiled for its statements is there for all; then as it will be.
    world = stub_world(SEEDS, next(numbers))
    zygote.run(world)
    world.remove()
    bugs.install_in_supervisors(bug)
    world = stub_world(SEEDS, next(numbers))
    began = time.monotonic()
    kills.waited(zygote.supervisor(world), kills.RESTING_SECONDS)
    seconds = time.monotonic() - began
    ground.orphans()
    world.remove()
    return Stubs(ground, numbers, seconds)


def right(key: str) -> Trial:
    """Return what a stub trial must leave."""
    return wanted(trials.expected(key))


def hunt(bug: str, seed: int) -> str:
    """Return how the harness finds this defect, "" where it does not."""
    place, can_trace = stubs(bug), calls.there()
    if can_trace and (found := place.flushes()):
        return f"by the order of system calls: {found[0]}"
    for kills_more in (FEW, MANY):
        tally = place.kill(kills_more, seed)
        if tally.wrong:
            return f"after {tally.kills} kills: {tally.wrong[0]}"
        swept = place.sweep(1, seed, KINDS) if can_trace else calls.Swept()
        if swept.wrong:
            struck = sum(swept.points.values())
            return f"at system call {struck + 1}: {swept.wrong[0]}"
        can_trace = False  # Once is enough: there is no chance in it.
    return ""
