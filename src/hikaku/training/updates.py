"""The updates of a trial: which samples each one learns from, how it is made, what follows it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from hikaku.draws import Draws
from hikaku.study.recipe import Recipe
from hikaku.techniques.slots import Facts, History
from hikaku.training.memory_format import Samples, rows
from hikaku.training.micro_batch import differentiation
from hikaku.training.program import Program, moment_at
from hikaku.training.state import TrainState
from hikaku.training.step import Reading, step


def updated(
    program: Program,
    state: TrainState,
    data: tuple[Samples, Tensor],
    index: Tensor,
    update: int,
    draws: Draws,
    history: History,
) -> tuple[TrainState, Reading]:
    """Return the state after the update number `update`, from 0, on the samples of this index."""
    batch = (rows(data[0], index), data[1][index])
    noise = program.draw_noise(draws, update, len(index))
    model, differentiate = program.forward(noise), differentiation(program, noise, len(index))
    moment = moment_at(program, update, batch[0], draws)
    with program.outside_of_step(update):
        return step(program.slots, model, state, batch, moment, history, differentiate)


def batches(
    recipe: Recipe, samples: int, facts: Facts, draws: Draws, first: int = 0
) -> Iterator[NDArray[np.int64]]:
    """Yield the sample numbers of every batch of the training from update `first` on, in order."""
    order = np.empty(0, dtype=np.int64)
    for update in range(first, facts.steps):
        if recipe.order == "with-replacement":
            yield draws.sample(update, samples, recipe.batch_size)
            continue
        epoch, place = divmod(update, facts.steps_per_epoch)
        if place == 0 or update == first:
            order = draws.order(epoch, samples)
        yield order[place * recipe.batch_size : (place + 1) * recipe.batch_size]


def is_due(recipe: Recipe, update: int, facts: Facts) -> bool:
    """Return whether the model is evaluated after this update (counted from 1)."""
    when = recipe.evaluate_every
    if update == facts.steps:
        return True
    if when.unit == "epoch":
        return update % (when.every * facts.steps_per_epoch) == 0
    return update >= when.start and (update - when.start) % when.every == 0
