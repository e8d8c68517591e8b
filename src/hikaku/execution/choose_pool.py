"""Who trains a study's trials, and how many at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import Event

from hikaku.errors import EnvironmentFault
from hikaku.execution import machine
from hikaku.execution.inline import Here
from hikaku.execution.orders import Pool, Word
from hikaku.execution.seats import seats
from hikaku.execution.workers import Workers
from hikaku.study.held import whys
from hikaku.study.study import Outside, Resources, Study, Work
from hikaku.words import Message, message


def at_once(study: Study, workers: int | None) -> int:
    """Return how many trials or stacks go at once: `workers`, by default one for each core.

    On a GPU one by default, for every process keeps a part of its memory.

    Of outside arms no more than the cores, GPUs and memory that one trial takes allow, at least
    one. Raises `EnvironmentFault` where this machine has too little memory or GPUs for one trial.
    """
    cores = machine.cores()
    asked = workers or (cores if study.device in ("auto", "cpu") else 1)
    if not isinstance(study.base, Outside):
        return asked
    takes = study.base.resources
    allowed = [asked, cores // takes.cpus]
    if takes.gpus:
        allowed.append(_share("gpus", len(machine.gpus()), takes.gpus))
    if takes.memory_mib:
        allowed.append(_share("memory", machine.memory_mib(), takes.memory_mib))
    return max(1, min(allowed))


def _share(name: str, there: int, taken: int) -> int:
    if taken > there:
        raise EnvironmentFault.of(
            message(
                "[resources] asks for more {name} for one trial than there is: {taken} of {there}",
                name=name,
                taken=f"{taken} MiB" if name == "memory" else taken,
                there=f"{there} MiB" if name == "memory" else there,
            ),
            mend=message("lower it, or run on another machine"),
        )
    return there // taken


def why_here(study: Study) -> tuple[Message, ...]:
    """Return why trials run in this process and not in workers; nothing where they travel."""
    return whys(_code(arm.work) for arm in study.arms)


def pool_for(
    study: Study,
    count: int,
    tell: Callable[[Word], None],
    logs: Path | None = None,
    stop: Event | None = None,
) -> Pool:
    """Return `count` workers for this study, or this process where its code cannot travel.

    `tell` hears how a trial goes on that runs in this process, and whoever sets `stop` ends it
    there as soon as it is saved. What workers print goes into the folder `logs`, a file for each
    trial; without one, to standard error.
    """
    if why_here(study):
        return Here(tell, stop)
    if not isinstance(study.base, Outside):
        return Workers(count, logs=logs)
    takes: Resources = study.base.resources
    devices = machine.gpus() if takes.gpus else ()
    places = seats(at_once(study, None), takes.cpus, takes.gpus, devices)
    return Workers(count, places, logs)


def _code(work: Work) -> str:
    return work.train if isinstance(work, Outside) else work.model.name
