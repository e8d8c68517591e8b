"""Campaigns on real trainings: what is left must have the bits of a run that nothing disturbed."""

from __future__ import annotations

import os
import time
from functools import partial

from hikaku.study.study import Engine
from soak import kills, zygote
from soak.oracle import Trial, held
from soak.plan import lives
from soak.world import real_world

ENGINES: tuple[Engine, ...] = ("plain", "dense")


def kill(number: int, seed: int) -> list[tuple[str, kills.Tally]]:
    """Kill so many processes at random, shared among the engines."""
    # Fork servers and workers read it: there is a state after each update.
    os.environ["HIKAKU_CHECKPOINT_SECONDS"] = "0"
    ground = kills.Ground(zygote.fork_server("hikaku.execution.together"))
    each = -(-number // len(ENGINES))
    return [(engine, _killed(ground, engine, each, seed)) for engine in ENGINES]


def _killed(ground: kills.Ground, engine: Engine, number: int, seed: int) -> kills.Tally:
    right, seconds = _reference(ground, engine)
    worlds = partial(real_world, engine, frozenset(right))
    campaign = kills.Campaign(ground, worlds, right.__getitem__, seconds)
    return campaign.carry_out(lives(seed), number)


def _reference(ground: kills.Ground, engine: Engine) -> tuple[dict[str, Trial], float]:
    """Return what each trial leaves that nothing disturbs, and how long a run takes."""
    world = real_world(engine)
    # The first one of a fork server waits for it.
    for _ in range(2):
        began = time.monotonic()
        code = kills.waited(zygote.supervisor(world), kills.RESTING_SECONDS)
        if code:
            raise RuntimeError((world.folder / "log").read_text())
        seconds = time.monotonic() - began
        found = dict(held(world.store).trials)
        world.remove()
        world = real_world(engine)
    ground.orphans()
    world.remove()
    return found, seconds
