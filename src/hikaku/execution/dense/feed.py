"""`Feed`: the batches of one seed, the same for all of its trials in a stack."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from hikaku.draws import Draws
from hikaku.training.memory_format import Bytes, rows
from hikaku.training.program import Program
from hikaku.training.stack import Start
from hikaku.training.updates import batches


class Feed:
    """The batches of the trials that share a seed and what they train on, in order."""

    def __init__(self, start: Start, dtype: torch.dtype) -> None:
        self.draws, self.dtype = Draws(start.seed), dtype
        self.x, self.y = start.material.data
        facts = start.program.facts
        self._order = batches(start.recipe, len(self.y), facts, self.draws)

    def is_of(self, start: Start) -> bool:
        """Return whether a trial meets these batches."""
        x = start.material.train.x
        same = x is self.x or (
            isinstance(x, Bytes) and isinstance(self.x, Bytes) and x.holds(self.x)
        )
        return start.seed == self.draws.seed and same

    def next(self) -> tuple[Tensor, Tensor]:
        """Return the next batch: inputs (rows, features) and targets as the loss wants them."""
        index = torch.from_numpy(next(self._order))
        x = rows(self.x, index)
        assert isinstance(x, Tensor)
        return x.reshape(len(index), -1), self.y[index]

    def noise(self, program: Program, path: str, update: int, size: int) -> NDArray[np.generic]:
        """Return the noise of one layer for one update, (rows, units): a function of the seed."""
        wanted = program.noise[path]
        drawn = getattr(self.draws, wanted.draw)(f"noise {path}", update, wanted.shape(size))
        found: NDArray[np.generic] = torch.from_numpy(drawn).to(self.dtype).numpy()
        return found


def feeds(starts: Sequence[Start], dtype: torch.dtype) -> tuple[list[Feed], list[int]]:
    """Return the feeds of these trials, and the number of each one's feed."""
    found: list[Feed] = []
    of = []
    for start in starts:
        number = next((n for n, feed in enumerate(found) if feed.is_of(start)), len(found))
        if number == len(found):
            found.append(Feed(start, dtype))
        of.append(number)
    return found, of
