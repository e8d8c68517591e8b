"""`Feed`: a seed of a dense stack: its batches as rows of features, its noise layer by layer."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from hikaku.execution.lanes import Seed
from hikaku.training.program import Program


class Feed(Seed):
    """What the lanes of one seed and the same data are handed."""

    def next(self) -> tuple[Tensor, Tensor]:
        """Return the next batch: inputs (rows, features) and targets as the loss wants them."""
        index = self.index()
        x, y = self.batch(index)
        assert isinstance(x, Tensor) and isinstance(y, Tensor)
        return x.reshape(len(index), -1), y

    def layer_noise(
        self, program: Program, path: str, update: int, size: int, dtype: torch.dtype
    ) -> NDArray[np.generic]:
        """Return the noise of one layer for one update, (rows, units): a function of the seed.

        Arms of a seed have different layers, so they are drawn one by one.
        """
        wanted = program.noise[path]
        drawn = getattr(self.draws, wanted.draw)(f"noise {path}", update, wanted.shape(size))
        found: NDArray[np.generic] = torch.from_numpy(drawn).to(dtype).numpy()
        return found
