"""Which points of a long curve are drawn: few enough for a screen, and none that the eye misses.

Eats the heights of a curve. Makes the positions of those that stay.
"""

from __future__ import annotations

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
