"""Functions of one number, as plain values: what `show activations` draws."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hikaku.words import Message


@dataclass(frozen=True, eq=False)
class Functions:
    """Some functions by name: `values` is (functions, points), read at the points `at`."""

    names: tuple[Message | str, ...]
    at: NDArray[np.float64]
    values: NDArray[np.float64]
