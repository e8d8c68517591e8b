"""Where the numbers of lanes lie in memory: a product must round alike wherever a lane stands.

Processors multiply whole vectors, and matrices that begin between two of them go another way, as
do products of few columns. So whatever enters a product begins at a whole vector. And a library
adds long sums up in parts where there are many rows and many columns: so a product with long sums
has few rows, however many columns there are.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Array = NDArray[Any]

VECTOR, QUARTER = 16, 4
"""Numbers that a processor multiplies at once, and how finely products of many columns are cut."""

LONG, MOST_ROWS = 512, 128
"""Sums of more numbers than this are computed for so many rows at most."""


def columns(units: int) -> int:
    """Return how many columns a lane of so many units has where lanes stand side by side."""
    return max(VECTOR, -(-units // QUARTER) * QUARTER)


def products(
    rows: Tensor, lanes: Tensor, out: Tensor, columns: int
) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """Yield the products, factors and result, that make `out` of `rows` and lanes side by side.

    They are (rows, inner), (inner, lanes · columns) and (rows, lanes · columns). All lanes are one
    product; a single row, and in float64 any, rounds in wide ones unlike in narrow ones: one each.
    """
    if lanes.dtype == torch.float64 or len(rows) == 1:
        cut = torch.split(lanes, columns, dim=1), torch.split(out, columns, dim=1)
    else:
        cut = (lanes,), (out,)
    count = -(-len(rows) // MOST_ROWS) if rows.shape[1] > LONG else 1
    parts = torch.tensor_split(rows, count) if count > 1 else (rows,)
    for lane, there in zip(*cut, strict=True):
        pieces = torch.tensor_split(there, count) if count > 1 else (there,)
        for part, piece in zip(parts, pieces, strict=True):
            yield part, lane, piece


def vectors(numbers: int) -> int:
    """Return so many numbers, and what is missing to whole vectors."""
    return -(-numbers // VECTOR) * VECTOR


@dataclass(frozen=True)
class Place:
    """Where a lane's rows lie in a flat array: row i of lane l begins at `at[l] + i · row[l]`."""

    flat: Array
    at: NDArray[np.int64]
    row: NDArray[np.int64]


@dataclass(frozen=True)
class Room:
    """Room for numbers of lanes: the `tensor`, (lanes, rows, units), and where it lies.

    A product rounds otherwise where a matrix begins elsewhere, so each lane begins at a whole
    vector: the tensor is what one sees of `whole`, (lanes, rows or more, units), in one piece.
    """

    tensor: Tensor
    whole: Array
    place: Place


def room(shape: Sequence[int], dtype: torch.dtype) -> Room:
    """Return empty room of this shape, (lanes, rows, units)."""
    lanes, rows, units = shape
    step = VECTOR // math.gcd(VECTOR, units)
    held = torch.empty(lanes, -(-rows // step) * step, units, dtype=dtype)
    whole = held.numpy()
    at = np.arange(lanes, dtype=np.int64) * held.stride(0)
    place = Place(whole.reshape(-1), at, np.full(lanes, units, dtype=np.int64))
    return Room(held[:, :rows], whole, place)
