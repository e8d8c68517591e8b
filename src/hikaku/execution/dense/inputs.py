"""What the first layer multiplies with: the rows of a batch, whole or without their zeros.

Four in five numbers of a picture of a digit are zero, and of a count of words nearly all. Which
way they are taken is part of the arithmetic: the two round in different ways.
"""

from __future__ import annotations

from functools import cached_property
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from hikaku.execution.dense import compress, gather
from hikaku.execution.dense.place import Array, products


class Inputs(Protocol):
    """The rows of one batch, (rows, inputs), before lanes side by side, of `columns` each."""

    def forward(self, weights: Tensor, out: Tensor, columns: int) -> None:
        """Write the product with the weights, (inputs, lanes · columns), to `out`."""
        ...

    def gradient(
        self, dz: Tensor, out: Tensor, columns: int, alpha: float = 1.0, beta: float = 1.0
    ) -> None:
        """Make `out`, (inputs, lanes · columns), beta · out + alpha · (the transposed rows) · dz.

        `dz` is (rows, lanes · columns). With beta = 0, what stands in `out` is not read.
        """
        ...


class Whole:
    """All numbers, by the library's products."""

    def __init__(self, x: Tensor) -> None:
        self.x = x

    def forward(self, weights: Tensor, out: Tensor, columns: int) -> None:
        """Write the product with the weights."""
        for part, some, there in products(self.x, weights, out, columns):
            torch.mm(part, some, out=there)

    def gradient(
        self, dz: Tensor, out: Tensor, columns: int, alpha: float = 1.0, beta: float = 1.0
    ) -> None:
        """Make `out` the gradient, or add it."""
        for part, some, there in products(self.x.T, dz, out, columns):
            there.addmm_(part, some, alpha=alpha, beta=beta)


Kept = tuple[Array, Array, Array]
"""Where rows begin, and places and values of their numbers that are not zero."""


class Sparse:
    """The numbers that are not zero. What is multiplied with a zero is not looked at: NaN, too."""

    def __init__(self, x: Tensor) -> None:
        self.shape, self.size = tuple(x.shape), x.numel()
        self.kept = self._room(len(x), x.numpy().dtype)
        compress.compressed(x.numpy(), *self.kept)

    def forward(self, weights: Tensor, out: Tensor, columns: int) -> None:
        """Write the product with the weights."""
        _product(self.kept, weights, out, 1.0, 0.0)

    def gradient(
        self, dz: Tensor, out: Tensor, columns: int, alpha: float = 1.0, beta: float = 1.0
    ) -> None:
        """Make `out` the gradient, or add it."""
        _product(self.turned, dz, out, alpha, beta)

    @cached_property
    def turned(self) -> Kept:
        """The transposed rows."""
        found = self._room(self.shape[1], self.kept[2].dtype)
        compress.turned(*self.kept, *found)
        return found

    def _room(self, rows: int, dtype: np.dtype[np.generic]) -> Kept:
        places, values = (np.empty(self.size, kind) for kind in (np.uint32, dtype))
        return np.empty(rows + 1, np.int64), places, values


def _product(left: Kept, right: Tensor, out: Tensor, alpha: float, beta: float) -> None:
    number = left[2].dtype.type
    # Torch's memory begins at a whole vector; numba's need not, and would be read half as fast.
    panel = torch.empty(len(right), gather.WIDE, dtype=right.dtype)
    sums = torch.empty(gather.WIDE, dtype=right.dtype)
    factors = number(alpha), number(beta)
    gather.add_product(*left, *_flat(right), *factors, *_flat(out), panel.numpy(), sums.numpy())


def _flat(some: Tensor) -> tuple[Array, int]:
    """Return the numbers from the first to the last of a matrix, and how far rows are apart."""
    rows, columns = some.shape
    step = some.stride(0)
    return some.as_strided(((rows - 1) * step + columns,), (1,)).numpy(), step
