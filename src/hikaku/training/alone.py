"""The plain engine: a stack of one trial, whose update is the pure step by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray

from hikaku.draws import Draws
from hikaku.techniques.slots import History, Tensors
from hikaku.training.averaged import averaged
from hikaku.training.finite import is_finite
from hikaku.training.loop import train
from hikaku.training.outside_random import (
    generator_states,
    generators,
    outside_random,
    outside_seed,
    set_generators,
)
from hikaku.training.rehearsal import rehearsed
from hikaku.training.saving import NEVER, Saving
from hikaku.training.snapshot import Snapshot
from hikaku.training.stack import Evaluated, Readings, Split, Start, Trained
from hikaku.training.state import TrainState
from hikaku.training.updates import batches, updated


class Alone:
    """One trial, in lane 0."""

    def __init__(self, start: Start) -> None:
        self.lanes: Sequence[int] = (0,)
        self.start = start
        self.now = start.now
        self.draws = Draws(start.seed)
        self.data = start.material.data
        facts = start.program.facts
        samples = len(self.data[1])
        self.batches = batches(start.recipe, samples, facts, self.draws, start.update)
        self._averaged: Tensors | None = None

    def update(self, update: int, histories: Sequence[History]) -> Readings:
        """Make the update number `update`, from 0."""
        index = torch.from_numpy(next(self.batches))
        program, (history,) = self.start.program, histories
        self.now, read = updated(program, self.now, self.data, index, update, self.draws, history)
        self._averaged = None
        each = (one.reshape(1) for one in (read.objective, read.loss, read.accuracy))
        return Readings(len(index), *each)

    def outputs(
        self, split: Split, weights: Mapping[int, Tensors] | None = None
    ) -> Mapping[int, NDArray[np.float64]]:
        """Return the outputs on a split, (n, outputs), of lane 0."""
        used = self.weights(0) if weights is None else weights[0]
        material = self.start.material
        return {0: material.reader.outputs(self.start.program, used, material.part(split))}

    def finite(self) -> Mapping[int, bool]:
        """Return whether every weight that should be finite is."""
        unbounded = self.start.program.unbounded
        bounded = (value for name, value in self.weights(0).items() if name not in unbounded)
        return {0: all(map(is_finite, bounded))}

    def weights(self, lane: int) -> Tensors:
        """Return the weights that are evaluated: the average where there is one."""
        program = self.start.program
        if program.slots.averaging is None:
            return self.now.weights
        if self._averaged is None:
            given = (program.slots.averaging, program, self.now, self.data)
            self._averaged = averaged(*given, self.start.recipe.batch_size)
        return self._averaged

    def state(self, lane: int) -> TrainState:
        """Return the state of the trial."""
        return self.now

    def drop(self, lanes: Iterable[int]) -> None:
        """Let it out."""
        self.lanes = ()


def train_alone(
    start: Start,
    hear: Callable[[Evaluated], None],
    limit: int | None = None,
    saving: Saving = NEVER,
) -> Trained:
    """Return everything that this trial measures; `hear` is told of each evaluation on the way.

    `limit` and `saving` are as for `train`. What the model does that is not ours is found by a
    rehearsal.
    """
    program = rehearsed(start.program, start.state, start.material.data, start.recipe.batch_size)
    stack = Alone(replace(start, program=program))
    # What a rehearsal of one batch does not see is seeded all the same, and noticed here.
    with outside_random(outside_seed(start.seed, "outside")):
        before = generators()
        if start.snapshot and start.snapshot.generators:
            set_generators(start.snapshot.generators)
        saving = WithGenerators(saving, before)
        ((_, trained),) = train(stack, [stack.start], lambda _, seen: hear(seen), limit, saving)
        moved = generators() != before
    habits = program.habits
    drawn = moved or habits.draws_in_training or habits.draws_in_evaluation
    words = {"outside-randomness": drawn, "softmax": habits.probabilities}
    return replace(trained, noticed=tuple(word for word, is_seen in words.items() if is_seen))


@dataclass(frozen=True)
class WithGenerators:
    """Saves the states of the global generators, too, where anybody has drawn from them.

    `before` is what `generators` said before anybody could.
    """

    saving: Saving
    before: int

    def is_due(self, update: int, evaluated: bool) -> bool:
        """Return whether the trial is to be saved after this update."""
        return self.saving.is_due(update, evaluated)

    def save(self, snapshots: Mapping[int, Snapshot]) -> None:
        """Save it."""
        states = generator_states() if generators() != self.before else {}
        self.saving.save({n: replace(one, generators=states) for n, one in snapshots.items()})
