"""`Stack`: trials that make their updates together; what one starts from, and what it leaves.

The loop drives a stack and knows nothing of how its numbers are computed. The plain engine is a
stack of one (`alone.py`); those that compute many trials as one program are in `execution`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from hikaku.record import Sheet
from hikaku.records import Record
from hikaku.study.recipe import Recipe
from hikaku.techniques.slots import History, Tensors
from hikaku.training.evaluate import Part, Reader
from hikaku.training.memory_format import Samples
from hikaku.training.program import Program
from hikaku.training.snapshot import Snapshot
from hikaku.training.state import TrainState

Split = Literal["train", "watched", "validation", "test"]


@dataclass(frozen=True)
class Material:
    """The data of one trial, and how it is read.

    `watched` is the fixed sample of train that is read on the way.
    """

    train: Part
    watched: Part
    validation: Part
    test: Part
    reader: Reader

    @property
    def data(self) -> tuple[Samples, Tensor]:
        """Return inputs and targets to train on, the targets as the loss wants them."""
        return self.train.x, self.reader.soft(self.train.y)

    def part(self, split: Split) -> Part:
        """Return one of the splits."""
        found: Part = getattr(self, split)
        return found


@dataclass(frozen=True)
class Start:
    """Where one trial starts: its program and first state, its recipe, data and seed.

    Of a trial that was interrupted, `snapshot` is where it goes on.
    """

    program: Program
    state: TrainState
    recipe: Recipe
    material: Material
    seed: int
    snapshot: Snapshot | None = None

    @property
    def update(self) -> int:
        """How many updates are behind it."""
        return self.snapshot.update if self.snapshot else 0

    @property
    def now(self) -> TrainState:
        """The state that its next update begins with."""
        return self.snapshot.state if self.snapshot else self.state


@dataclass(frozen=True)
class Readings:
    """What an update tells of its batch of `size` samples: one value per lane, (lanes,) each.

    They are those of `training.step.Reading`.
    """

    size: int
    objective: Tensor
    loss: Tensor
    accuracy: Tensor


class Stack(Protocol):
    """Trials that make their updates together, each in a lane; a lane is in it until dropped.

    They share the number of updates, the size of a batch and when they are evaluated. What one
    lane computes depends on no other lane, nor on how many there are.
    """

    @property
    def lanes(self) -> Sequence[int]:
        """The lanes still in it, ascending; at first 0, 1, … in the order of the trials."""
        ...

    def update(self, update: int, histories: Sequence[History]) -> Readings:
        """Make the update number `update`, from 0, in every lane; each has its history."""
        ...

    def outputs(
        self, split: Split, weights: Mapping[int, Tensors] | None = None
    ) -> Mapping[int, NDArray[np.float64]]:
        """Return by lane the model's outputs on a split, (n, outputs), in evaluation mode.

        With its present weights (the average where that slot is filled), or for the lanes of
        `weights` with those.
        """
        ...

    def finite(self) -> Mapping[int, bool]:
        """Return by lane whether every weight that should be finite is."""
        ...

    def weights(self, lane: int) -> Tensors:
        """Return the weights that are evaluated; nobody ever writes to them."""
        ...

    def state(self, lane: int) -> TrainState:
        """Return the state of a lane, but for its stopper, which the loop holds."""
        ...

    def drop(self, lanes: Iterable[int]) -> None:
        """Let these lanes out: no update is made in them any more."""
        ...


@dataclass(frozen=True)
class Evaluated:
    """What was seen after `update` of `updates`: the scores by split and metric, and the weights.

    The weights are those that were read (the average where that slot is filled). Ask for them at
    once, or never: training goes on.
    """

    update: int
    updates: int
    scores: dict[str, float]
    weights: Callable[[], Tensors]


@dataclass(frozen=True)
class Trained:
    """What a trial left after `step` updates; `status` is "done" or "diverged".

    `noticed` holds "outside-randomness" where something drew from a global generator.
    """

    status: Literal["done", "diverged"]
    step: int
    records: tuple[Record, ...]
    sheets: tuple[Sheet, ...]
    state: TrainState
    noticed: tuple[str, ...] = ()
