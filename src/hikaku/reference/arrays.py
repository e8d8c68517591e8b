"""The one type of the library."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
"""Real numbers, float64."""
Index = NDArray[np.int64]
"""Whole numbers: labels, or places in an array."""
Arrays = dict[str, Array]
"""Arrays by name: parameters, or their gradients."""


FIRST = "`backward` needs a `forward` before it"


class Random(Protocol):
    """Whoever draws: `numpy.random.default_rng(seed)`, or one who hands out given numbers."""

    def random(self, size: Any) -> Array:
        """Return numbers in [0, 1) of this shape."""
        ...


class Normal(Protocol):
    """Whoever draws from the normal distribution: `numpy.random.default_rng(seed)`."""

    def standard_normal(self, size: Any) -> Array:
        """Return numbers of mean 0 and spread 1 of this shape."""
        ...
