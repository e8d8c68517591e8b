"""`Draws`: every random number hikaku draws, by purpose, seed and step; never a global generator.

Two arms of one seed see the same numbers wherever they ask for the same purpose, whatever else
either of them draws. That is what makes them a pair: with one shared generator, a layer that is
constructed and never used would already change the order of the batches.
"""

from __future__ import annotations

from dataclasses import dataclass
from zlib import crc32

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Draws:
    """The random numbers of one seed, 0 to 2³² − 1."""

    seed: int

    def stream(self, purpose: str, *numbers: int) -> np.random.Generator:
        """Return a fresh generator for this purpose (and step, epoch …), always the same one."""
        key = (crc32(purpose.encode()), *numbers)
        return np.random.Generator(
            np.random.SFC64(np.random.SeedSequence(self.seed, spawn_key=key))
        )

    def order(self, epoch: int, n: int) -> NDArray[np.int64]:
        """Return a random order of `n` samples, (n,), for this epoch."""
        return self.stream("order", epoch).permutation(n)

    def sample(self, step: int, n: int, size: int) -> NDArray[np.int64]:
        """Return `size` of `n` samples drawn with replacement, (size,), for this step."""
        return self.stream("sample", step).integers(0, n, size)

    # Numbers of two kinds under one purpose are made of the same words, so they hang together.

    def uniform(self, purpose: str, step: int, shape: tuple[int, ...]) -> NDArray[np.float32]:
        """Return float32 numbers in [0, 1) of this shape."""
        return self.stream(purpose, step).random(shape, dtype=np.float32)

    def normal(self, purpose: str, step: int, shape: tuple[int, ...]) -> NDArray[np.float32]:
        """Return float32 standard normal numbers of this shape."""
        return self.stream(purpose, step).standard_normal(shape, dtype=np.float32)
