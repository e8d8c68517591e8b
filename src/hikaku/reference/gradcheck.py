"""Is a backward pass right? Ask the difference quotient, which knows no chain rule.

(f(x + h) − f(x − h)) / 2h is dy/dx up to h² times the third derivative: slow, and independent.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from hikaku.reference.arrays import Array

H = 1e-5
"""Smaller, and rounding wins over the formula's own error; larger, and that one does."""


def numerical_gradient(f: Callable[[Array], float], x: Array, h: float = H) -> Array:
    """Return df/dx by central differences, one number of x after the other; x stays as it is."""
    x = np.asarray(x, dtype=np.float64)
    gradient = np.zeros_like(x)
    for place in np.ndindex(*x.shape):
        moved = np.zeros_like(x)
        moved[place] = h
        gradient[place] = (f(x + moved) - f(x - moved)) / (2.0 * h)
    return gradient


def relative_error(found: Array, wanted: Array) -> float:
    """Return the largest |found − wanted|, in units of the largest number of both, at least 1."""
    size = max(1.0, float(np.abs(found).max(initial=0)), float(np.abs(wanted).max(initial=0)))
    return float(np.abs(found - wanted).max(initial=0)) / size
