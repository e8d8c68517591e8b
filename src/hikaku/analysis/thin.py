"""Which points of a long curve are drawn: few enough for a screen, and none that the eye misses.

Eats the heights of one curve, or of several over the same points. Makes the positions of those
that stay.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import numpy as np
from numpy.typing import NDArray


def thin(values: NDArray[np.float64], most: int) -> NDArray[np.int64]:
    """Return the positions of at most `most` points, in order: the first and the last always stay.

    Between them the curve is cut into buckets, of each of which its lowest and its highest point
    stay, so that no spike is lost, as it is where every k-th point is taken. What is not finite is
    left out where there are too many, but at the two ends. `values` has shape (points,), `most` is
    at least 4. A curve of `most` points or fewer stays whole.
    """
    if len(values) <= most:
        return np.arange(len(values))
    buckets = np.array_split(np.arange(1, len(values) - 1), (most - 2) // 2)
    kept = {0, len(values) - 1}
    for bucket in buckets:
        finite = bucket[np.isfinite(values[bucket])]
        if len(finite):
            kept |= {int(finite[values[finite].argmin()]), int(finite[values[finite].argmax()])}
    return np.array(sorted(kept), dtype=np.int64)


def thin_together(curves: Sequence[NDArray[np.float64]], most: int) -> NDArray[np.int64]:
    """Return the positions of at most `most` points at which no spike of any curve is lost.

    So a band keeps its edges where its mean is calm. All curves have the same shape (points,),
    and those without a finite value take no points. `most` is at least 4 for each of them.
    """
    if len(curves[0]) <= most:
        return np.arange(len(curves[0]))
    known = [curve for curve in curves if np.isfinite(curve).any()] or [curves[0]]
    return reduce(np.union1d, (thin(curve, most // len(known)) for curve in known))
