"""`Design`: arms that are the cells of a plan: which places of a study take which values.

All values are frozen; what makes them from text is `vary`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["one-at-a-time", "grid", "sweep"]


@dataclass(frozen=True)
class Axis:
    """A place of the study, as in "init.std", and the texts by which its values are called.

    `numbers` are the values themselves, in the same order, where all of them are numbers.
    """

    path: str
    texts: tuple[str, ...]
    numbers: tuple[float, ...] = ()


@dataclass(frozen=True)
class Cell:
    """An arm of a design: its name, and per axis which value it takes; -1: base's own."""

    arm: str
    levels: tuple[int, ...]


@dataclass(frozen=True)
class Design:
    """Which values were combined to arms, base among them where a cell is equal to it.

    "one-at-a-time" takes each value alone, "grid" all combinations, "sweep" the values of one
    axis. `compare` is the path of the axis whose values are compared inside each cell of all
    other axes; "" where every arm is compared with base.
    """

    kind: Kind
    axes: tuple[Axis, ...]
    cells: tuple[Cell, ...]
    compare: str = ""
