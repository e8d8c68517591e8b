"""The loop: a batch, its gradient, an update; and from time to time a look."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from hikaku.reference.arrays import Array, Index
from hikaku.reference.losses import accuracy
from hikaku.reference.network import Network
from hikaku.reference.optimizers import Optimizer


def batches(n: int, size: int, draws: np.random.Generator) -> Iterator[Index]:
    """Yield the places of a batch, again and again: each epoch every sample once, shuffled."""
    while True:
        order = draws.permutation(n)
        yield from (order[start : start + size] for start in range(0, n, size))


def batches_with_replacement(n: int, size: int, draws: np.random.Generator) -> Iterator[Index]:
    """Yield the places of a batch, again and again: any sample may come at any time."""
    while True:
        yield draws.integers(0, n, size)


@dataclass(frozen=True)
class Look:
    """What was seen after so many updates: the loss of the batch, and accuracies."""

    update: int
    loss: float
    train: float
    test: float


@dataclass
class Trainer:
    """A network and what it learns from: inputs (n, …) and targets as shares, (n, classes)."""

    network: Network
    optimizer: Optimizer
    x: Array
    t: Array

    def step(self, index: Index) -> float:
        """Make one update from these samples; return the loss before it."""
        loss, grads = self.network.gradient(self.x[index], self.t[index])
        self.network.set(self.optimizer.update(self.network.params, grads))
        return loss

    def run(
        self, order: Iterator[Index], updates: int, x: Array, t: Array, every: int = 10
    ) -> Iterator[Look]:
        """Yield a look after the first update and every so many more, with x and t as the test."""
        for update in range(1, updates + 1):
            loss = self.step(next(order))
            if (update - 1) % every == 0:
                yield Look(update, loss, self.accuracy(self.x, self.t), self.accuracy(x, t))

    def accuracy(self, x: Array, t: Array) -> float:
        """Return the share of right answers."""
        return accuracy(self.network.predict(x), t)
