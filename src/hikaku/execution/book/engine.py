"""`BookStack`: one trial, forward and backward by the reference library's layers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from hikaku.execution.book.network import Written, numpy_of, tensor_of
from hikaku.execution.book.recipe import LossLayer, Rules
from hikaku.execution.lanes import Seed
from hikaku.execution.stacked import rate
from hikaku.reference import losses
from hikaku.reference.arrays import Array
from hikaku.techniques.slots import History, Tensors, Tree
from hikaku.training.chain import Chain
from hikaku.training.evaluate import CHUNK
from hikaku.training.finite import is_finite
from hikaku.training.memory_format import chunked
from hikaku.training.program import moment_at
from hikaku.training.stack import Readings, Split, Start
from hikaku.training.state import TrainState


class BookStack:
    """A trial whose model is this chain of dense layers, in lane 0, all of it in float64.

    Batches, noise, first weights and rates are those of every other engine.
    """

    def __init__(self, start: Start, chain: Chain) -> None:
        self.lanes: Sequence[int] = (0,)
        self.start, self.chain = start, chain
        self.feed = Seed(start)
        self.now = self._written(start.now.weights)
        self.rules = Rules.of(start.recipe, start.program.facts)
        if start.snapshot:
            _remind(self.rules.optimizer, start.now.optimizer)

    def update(self, update: int, histories: Sequence[History]) -> Readings:
        """Make the update number `update`, from 0."""
        (history,), program = histories, self.start.program
        index = self.feed.index()
        x, y = self.feed.batch(index)
        assert isinstance(x, Tensor) and isinstance(y, Tensor)
        for name, value in program.draw_noise(self.feed.draws, update, len(index)).items():
            self.now.draws[name.removesuffix(".noise")].noise = numpy_of(value)
        moment = moment_at(program, update, x, self.feed.draws)
        factor = rate(program, moment, history)
        with np.errstate(all="ignore"):
            read = self._learn(_rows(x), numpy_of(y), factor)
        return Readings(len(index), *(torch.tensor([value], dtype=torch.float64) for value in read))

    def _learn(self, x: Array, t: Array, factor: float) -> tuple[float, float, float]:
        """Make an update of this batch; return its objective, plain loss and accuracy."""
        params, now = self.now.params, self.now
        logits = now.network.forward(x)
        loss = now.network.last.forward(logits, t)
        grads = now.renamed(now.network.backward())
        objective, grads = self.rules.penalized(loss, grads, params)
        now.set(self.rules.updated(params, grads, factor))
        now.counted()
        if self.start.program.facts.classes:
            return objective, losses.cross_entropy(logits, t), losses.accuracy(logits, t)
        return objective, losses.mean_squared_error(logits, t.reshape(logits.shape)), float("nan")

    def outputs(
        self, split: Split, weights: Mapping[int, Tensors] | None = None
    ) -> Mapping[int, NDArray[np.float64]]:
        """Return the outputs on a split, (n, outputs), of lane 0."""
        there = self.now if weights is None else self._written(weights[0])
        with np.errstate(all="ignore"):
            pieces = chunked(self.start.material.part(split).x, CHUNK)
            found = [there.network.predict(_rows(x)) for x in pieces]
        return {0: np.concatenate(found)}

    def finite(self) -> Mapping[int, bool]:
        """Return whether every weight is finite."""
        return {0: all(map(is_finite, self.weights(0).values()))}

    def weights(self, lane: int) -> Tensors:
        """Return the weights, copies."""
        params, buffers = self.now.tensors()
        return {**params, **buffers}

    def state(self, lane: int) -> TrainState:
        """Return the state, but for its stopper, copies."""
        return TrainState(*self.now.tensors(), _memory(self.rules.optimizer))

    def drop(self, lanes: Iterable[int]) -> None:
        """Let it out."""
        self.lanes = ()

    def _written(self, weights: Tensors) -> Written:
        last = LossLayer(self.start.recipe.loss)
        return Written(self.chain, weights, self.start.program.constants, last)


def _rows(x: Any) -> Array:
    """Return inputs as (samples, features)."""
    assert isinstance(x, Tensor)
    return numpy_of(x.reshape(len(x), -1))


def _memory(optimizer: object) -> Tree:
    """Return what an optimizer remembers of the past, by the names that it has there."""
    held = vars(optimizer)
    arrays: Tree = {
        name: {own: tensor_of(array) for own, array in value.items()}
        for name, value in held.items()
        if isinstance(value, dict)
    }
    counts = {name: torch.tensor(held[name]) for name in ("t",) if name in held}
    return {**arrays, **counts}


def _remind(optimizer: object, memory: Tree) -> None:
    """Give an optimizer back what `_memory` said of it."""
    for name, value in memory.items():
        held = value.item() if isinstance(value, Tensor) else _arrays(value)
        setattr(optimizer, name, held)


def _arrays(tree: Tree) -> dict[str, Array]:
    return {name: numpy_of(value) for name, value in tree.items() if isinstance(value, Tensor)}
