"""What the pictures to learn by show, as plain values that know nothing of colours or axes."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hikaku.analysis.numbers import NOTHING
from hikaku.words import Message

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Densities:
    """Normal distributions around 0, each a name and its standard deviation."""

    curves: tuple[tuple[Message, float], ...]


@dataclass(frozen=True)
class Spread:
    """How the outputs of one layer lie: `shares` (bins,) of them from `low` to `high`.

    Those that lie beyond are counted in the last bin on their side. `lost` is the share that
    passes next to no gradient on.
    """

    layer: int
    shares: Numbers
    mean: float
    std: float
    lost: float


@dataclass(frozen=True)
class LayerOutputs:
    """The outputs of every layer by init: rows of inits, columns of layers."""

    rows: tuple[tuple[Message, tuple[Spread, ...]], ...]
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class Rates:
    """A learning rate over training: `rates` (points,) at `epochs` (points,)."""

    epochs: Numbers
    rates: Numbers


@dataclass(frozen=True, eq=False)
class Constraint:
    """Where weights may be: within `edge` (points, 2), of which `touch` has the lowest loss.

    `met` (points, 2) is the line of equal loss that meets it there.
    """

    name: Message
    edge: Numbers
    touch: tuple[float, float]
    met: Numbers


@dataclass(frozen=True, eq=False)
class Constraints:
    """Some constraints on two weights, in front of the contours of one loss.

    `contours` are lines of equal loss, each (points, 2), around `best`.
    """

    constraints: tuple[Constraint, ...]
    contours: tuple[Numbers, ...]
    best: tuple[float, float]


@dataclass(frozen=True, eq=False)
class Trajectories:
    """The ways of some optimizers, each (steps + 1, 2), over contours, each (points, 2).

    What lies further from 0 than `reach` across or down is not seen.
    """

    paths: tuple[tuple[Message, Numbers], ...]
    contours: tuple[Numbers, ...]
    reach: tuple[float, float]


@dataclass(frozen=True, eq=False)
class Grid:
    """A matrix of whole numbers; `rows` and `columns` say what the axes count.

    What `is_pad` marks is no pixel.
    """

    values: NDArray[np.int64]
    rows: Message
    columns: Message
    is_pad: NDArray[np.bool_]


Lesson = Densities | LayerOutputs | Rates | Constraints | Trajectories | Grid


def figure(value: float, digits: int = 3) -> str:
    """Return a number with so many significant digits, thousands written out; "–" for none.

    >>> figure(0.0883883), figure(2236.07), figure(-0.0), figure(float("inf"))
    ('0.0884', '2,236', '0', '–')
    """
    if not math.isfinite(value):
        return NOTHING
    # Adding 0 takes the sign of -0 away.
    return f"{value:,.0f}" if 1e3 <= abs(value) < 1e7 else f"{float(f'{value:.{digits}g}') + 0:g}"
