"""What the lanes of a stack share by seed: data, order of batches, noise, random numbers.

All of them are functions of seed and step, so the stack makes them once for each seed, and every
lane is handed those of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar, cast

import torch
from torch import Tensor
from torch.utils._pytree import tree_leaves, tree_map

from hikaku.draws import Draws
from hikaku.execution.stacked import Asked
from hikaku.execution.unread import Unread
from hikaku.techniques.slots import Input, Moment, Tensors
from hikaku.training.evaluate import Part
from hikaku.training.memory_format import Bytes, rows
from hikaku.training.program import moment_at
from hikaku.training.stack import Split, Start
from hikaku.training.updates import batches


class Seed:
    """The lanes of one seed and the same data: what is made once for all of them."""

    def __init__(self, start: Start) -> None:
        self.start = start
        self.program = start.program
        self.draws = Draws(start.seed)
        self.data = start.material.data
        samples, facts = len(self.data[1]), start.program.facts
        self.batches = batches(start.recipe, samples, facts, self.draws, start.update)

    def shares(self, start: Start) -> bool:
        """Return whether a trial meets the same data in the same order."""
        return start.seed == self.draws.seed and _equal_parts(
            self.start.material.train, start.material.train
        )

    def index(self) -> Tensor:
        """Return the sample numbers of the next batch, (batch,)."""
        return torch.from_numpy(next(self.batches)).to(self.program.device)

    def batch(self, index: Tensor) -> list[Input]:
        """Return inputs and targets of these samples."""
        # One layout whatever the company: some kernels round differently on another.
        x = tree_map(lambda value: value.contiguous(), rows(self.data[0], index))
        return [x, self.data[1][index]]

    def moment(self, update: int) -> Moment:
        """Return the moment of an update, whose batch nobody may look at."""
        return moment_at(self.program, update, cast(Any, Unread("x")), self.draws)

    def noise(self, update: int, batch: int) -> Tensors:
        """Return the noise of the model's layers for this update."""
        return self.program.draw_noise(self.draws, update, batch)

    def drawn(self, asked: Asked, update: int) -> Tensors:
        """Return what the techniques ask for in this update."""
        draws = self.moment(update).draws
        return {key: draw(draws) for key, draw in asked.items()}

    def part(self, split: Split) -> Part:
        """Return one of the splits."""
        return self.start.material.part(split)


AnySeed = TypeVar("AnySeed", bound=Seed)


def seeds_of(
    starts: Sequence[Start], make: Callable[[Start], AnySeed]
) -> tuple[list[AnySeed], tuple[int, ...]]:
    """Return the seeds among these trials, and for each trial the place of its own."""
    seeds: list[AnySeed] = []
    places = []
    for start in starts:
        place = next((n for n, seed in enumerate(seeds) if seed.shares(start)), len(seeds))
        if place == len(seeds):
            seeds.append(make(start))
        places.append(place)
    return seeds, tuple(places)


def spread(trees: Sequence[Any], places: Sequence[int]) -> Any:
    """Return trees of tensors, one a seed, as one, (lanes, …): each lane has that of its seed."""
    if len(trees) == 1:
        return tree_map(lambda value: value.expand(len(places), *value.shape), trees[0])
    return tree_map(lambda *values: torch.stack([values[place] for place in places]), *trees)


def _equal_parts(one: Part, other: Part) -> bool:
    if isinstance(one.x, Bytes) or isinstance(other.x, Bytes):
        both = isinstance(one.x, Bytes) and isinstance(other.x, Bytes) and one.x.holds(other.x)
        return both and torch.equal(one.y, other.y)
    left, right = (tree_leaves((part.x, part.y)) for part in (one, other))
    return all(
        a.data_ptr() == b.data_ptr() or torch.equal(a, b)
        for a, b in zip(left, right, strict=True)
        if a.shape == b.shape
    ) and [a.shape for a in left] == [b.shape for b in right]
