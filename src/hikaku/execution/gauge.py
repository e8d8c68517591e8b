"""What one update of a trial costs: its operations, counted, or its seconds, by the clock.

Eats: a `Job`. Makes: a number, by which `run/equalize.py` gives each arm its updates.
"""

from __future__ import annotations

import time
from statistics import median

import torch
from torch import Tensor

from hikaku.draws import Draws
from hikaku.errors import StudyError
from hikaku.execution.dry import FEW, refuse_nothing
from hikaku.execution.job import Job
from hikaku.execution.plain import prepare_process, prepared
from hikaku.execution.unchanged import check_files
from hikaku.study.recipe import Recipe
from hikaku.study.study import Equal
from hikaku.techniques.slots import History
from hikaku.training.flops import batch_of, update_flops
from hikaku.training.memory_format import Samples
from hikaku.training.outside_random import outside_random, outside_seed
from hikaku.training.program import Program
from hikaku.training.rehearsal import rehearsed
from hikaku.training.state import TrainState
from hikaku.training.updates import updated
from hikaku.words import message

WARM_UPDATES = 3
"""Made before the clock counts: the first ones find caches cold and kernels not chosen."""
TIMED_UPDATES = 15
ENOUGH_SECONDS = 0.5
"""Quick updates are timed for so long: the quicker they are, the more a median of few varies."""


def gauge(job: Job, what: Equal) -> float:
    """Return what one update of a whole batch costs this job, in `what`: "flops" or "seconds".

    Raises `StudyError` where there is nothing to train, or operations cannot be counted.
    """
    check_files(job)
    recipe = job.work.recipe
    trial = prepared(job, max(FEW, recipe.batch_size))
    refuse_nothing(trial)
    prepare_process()
    data = trial.material.data
    program = rehearsed(trial.program, trial.state, data, recipe.batch_size)
    if what == "seconds":
        return update_seconds(program, trial.state, data, recipe)
    counted = update_flops(program, trial.state, data, recipe)
    if not counted:
        raise StudyError.of(
            message("the floating-point operations of an update cannot be counted"),
            mend=message('equal = "seconds", or equal = "epochs"'),
        )
    return float(counted)


def update_seconds(
    program: Program, state: TrainState, data: tuple[Samples, Tensor], recipe: Recipe
) -> float:
    """Return the median seconds of at least 15 updates, on whole batches, after 3 warm ones.

    Techniques keep their state from one to the next, as in training. The models of `program` are
    run, and what they keep stays with them; no generator moves.
    """
    seconds: list[float] = []
    index = torch.arange(batch_of(recipe, len(data[1]))) % len(data[1])
    draws = Draws(program.seed)
    with outside_random(outside_seed(program.seed, "outside gauge")):
        while len(seconds) < WARM_UPDATES + TIMED_UPDATES or sum(seconds) < ENOUGH_SECONDS:
            update = len(seconds) % program.facts.steps
            started = time.perf_counter()
            state, read = updated(program, state, data, index, update, draws, History())
            float(read.objective)  # as training does: it waits for the device
            seconds.append(time.perf_counter() - started)
    return median(seconds[WARM_UPDATES:])


SIDE, TURNS = 1024, 8
"""A product of matrices of this side fills a processor's units; the best of the turns counts."""


def peak() -> float:
    """Return the operations a second at which this process multiplies float32 matrices."""
    one = torch.ones(SIDE, SIDE)
    seconds: list[float] = []
    for _ in range(TURNS):
        started = time.perf_counter()
        one @ one
        seconds.append(time.perf_counter() - started)
    return 2 * SIDE**3 / min(seconds)
