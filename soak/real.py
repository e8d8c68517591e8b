"""Campaigns on real trainings: what is left must have the bits of a run that nothing disturbed."""

from __future__ import annotations

import os
import time
from functools import partial

from hikaku.execution import seats
from hikaku.store.store import Store
from hikaku.study.study import Engine
from soak import kills, zygote
from soak.oracle import held
from soak.plan import lives
from soak.world import World, real_world

ENGINES: tuple[Engine, ...] = ("plain", "dense")


def kill(number: int, seed: int) -> list[tuple[str, kills.Tally]]:
    """Kill so many processes at random, shared among the engines."""
    # Fork servers and workers read it: there is a state after each update.
    os.environ["HIKAKU_CHECKPOINT_SECONDS"] = "0"
    ground = kills.Ground(zygote.fork_server(seats.TRAINING))
    each = -(-number // len(ENGINES))
    return [(engine, _killed(ground, engine, each, seed)) for engine in ENGINES]


def _killed(ground: kills.Ground, engine: Engine, number: int, seed: int) -> kills.Tally:
    # The first one of a fork server waits for it.
    _ran(ground, engine).remove()
    began = time.monotonic()
    world = _ran(ground, engine)
    seconds = time.monotonic() - began
    right = held(world.store).trials
    with Store.writing(world.store) as store:
        # What was found out about its arms stays: a plan hangs on it, and who is killed while
        # he looks at an arm cannot say what he would have seen.
        store.forget(world.study.name)
    worlds = partial(real_world, engine, right, world.store)
    campaign = kills.Campaign(ground, worlds, right.__getitem__, seconds)
    tally = campaign.carry_out(lives(seed), number)
    world.remove()
    return tally


def _ran(ground: kills.Ground, engine: Engine) -> World:
    """Return a world in which nothing has disturbed its run."""
    world = real_world(engine)
    if kills.waited(zygote.supervisor(world), kills.RESTING_SECONDS):
        raise RuntimeError((world.folder / "log").read_text())
    ground.orphans()
    return world
