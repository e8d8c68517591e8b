"""The layer that sees the data: trials of one seed see the same batch, so it is one product.

Its weights lie side by side, (inputs, lanes of the seed · columns), and so do its outputs and their
gradients. Within a seed lanes stand in the order of their rules, then of their segments: what is
updated in one way is one product too.

A lane has as many columns as `columns` says, the last of them empty: a processor's products of few
columns, or of columns that begin between two vectors, round in another way, and what a lane
computes would hang on how many stand beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from hikaku.execution.dense.inputs import Inputs
from hikaku.execution.dense.place import Place, columns, vectors


@dataclass(frozen=True)
class Spot:
    """Where a lane stands in the first layer: the number of its seed, and its column of units."""

    seed: int
    column: int


class First:
    """The first layer of all lanes. `widths` counts the lanes of each seed."""

    def __init__(self, inputs: int, units: int, widths: Sequence[int], dtype: torch.dtype) -> None:
        self.units, self.widths, self.dtype = units, tuple(widths), dtype
        self.columns = columns(units)
        self.weights = [torch.zeros(inputs, width * self.columns, dtype=dtype) for width in widths]
        self._sheets: dict[int, tuple[list[Tensor], Tensor]] = {}

    def place(self, spots: Sequence[Spot], rows: int) -> Place:
        """Return where the outputs of these lanes are, and later their gradients."""
        begins = np.cumsum([0, *self._sizes(rows)])
        at = [begins[spot.seed] + spot.column * self.columns for spot in spots]
        row = [self.widths[spot.seed] * self.columns for spot in spots]
        flat = self._sheet(rows)[1].numpy()
        return Place(flat, np.array(at, np.int64), np.array(row, np.int64))

    def outputs(self, rows: int) -> list[Tensor]:
        """Return the outputs of each seed, (rows, lanes · columns), to be written and read."""
        return self._sheet(rows)[0]

    def forward(self, x: Sequence[Inputs | None], rows: int) -> None:
        """Compute the outputs for the batch of each seed, (rows, inputs); None has no lanes."""
        for batch, weights, out in zip(x, self.weights, self.outputs(rows), strict=False):
            if batch is not None and weights.numel():
                batch.forward(weights, out, self.columns)

    def lane(self, spot: Spot, of: Sequence[Tensor] | None = None) -> Tensor:
        """Return a lane's weights, or its part of something of their shape, (inputs, units)."""
        begin = spot.column * self.columns
        return (self.weights if of is None else of)[spot.seed][:, begin : begin + self.units]

    def block(self, seed: int, begin: int, end: int, of: Sequence[Tensor] | None = None) -> Tensor:
        """Return the columns of the lanes `begin` to `end` of a seed, (inputs, lanes · columns)."""
        whole = (self.weights if of is None else of)[seed]
        return whole[:, begin * self.columns : end * self.columns]

    @cached_property
    def like_weights(self) -> list[Tensor]:
        """Gradients or velocities, in the shape of the weights; each lane has its own columns."""
        return [torch.zeros_like(weights) for weights in self.weights]

    def _sheet(self, rows: int) -> tuple[list[Tensor], Tensor]:
        if rows not in self._sheets:
            sizes = self._sizes(rows)
            flat = torch.zeros(sum(sizes), dtype=self.dtype)
            parts = zip(torch.split(flat, sizes), self.widths, strict=True)
            ends = [(part, width * self.columns) for part, width in parts]
            views = [part[: rows * wide].view(rows, wide) for part, wide in ends]
            self._sheets[rows] = (views, flat)
        return self._sheets[rows]

    def _sizes(self, rows: int) -> list[int]:
        return [vectors(rows * width * self.columns) for width in self.widths]
