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

from hikaku.execution.dense import gather
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
"""Where groups of rows begin, and places and values of their numbers that are not zero."""


class Sparse:
    """The numbers that are not zero. What stands at a zero may not be looked at: NaN, too."""

    def __init__(self, x: Tensor) -> None:
        self.shape = tuple(x.shape)
        whole = torch.nn.functional.pad(x, (0, 0, 0, -len(x) % gather.ABREAST)).numpy()
        groups = len(whole) // gather.ABREAST
        self.kept = _room(groups, x.shape[1], gather.ABREAST, whole.dtype)
        gather.compressed(whole, *self.kept)

    def forward(self, weights: Tensor, out: Tensor, columns: int) -> None:
        """Write the product with the weights."""
        _product(self.kept, gather.ABREAST, weights, out, 1.0, 0.0)

    def gradient(
        self, dz: Tensor, out: Tensor, columns: int, alpha: float = 1.0, beta: float = 1.0
    ) -> None:
        """Make `out` the gradient, or add it."""
        _product(self.turned, 1, dz, out, alpha, beta)

    @cached_property
    def turned(self) -> Kept:
        """The transposed rows."""
        rows, inputs = self.shape
        found = _room(inputs, rows, 1, self.kept[2].dtype)
        gather.turned(*self.kept, *found)
        return found


def _room(groups: int, inputs: int, abreast: int, dtype: np.dtype[np.generic]) -> Kept:
    """Return room for what is kept of so many groups of rows, if nothing in them is zero."""
    places = np.empty(groups * inputs, np.uint32)
    values = np.empty(abreast * len(places), dtype)
    return np.empty(groups + 1, np.int64), places, values


def _product(
    left: Kept, abreast: int, right: Tensor, out: Tensor, alpha: float, beta: float
) -> None:
    product, wide = gather.PRODUCTS[abreast]
    number = left[2].dtype.type
    # Torch's memory begins at a whole vector; numba's need not, and would be read half as fast.
    panel = torch.empty(len(right), wide, dtype=right.dtype)
    sums = torch.empty(abreast * wide, dtype=right.dtype)
    factors, rooms = (number(alpha), number(beta)), (panel.numpy(), sums.numpy())
    product(*left, *_flat(right), *factors, *_flat(out), *rooms)


def _flat(some: Tensor) -> tuple[Array, int]:
    """Return the numbers from the first to the last of a matrix, and how far rows are apart."""
    rows, columns = some.shape
    step = some.stride(0)
    return some.as_strided(((rows - 1) * step + columns,), (1,)).numpy(), step
