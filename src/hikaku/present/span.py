"""Which part of an axis is seen where one arm lies far beyond all others.

Eats the ends of what each arm shows. Makes the ends of the view, and says who leaves it: a single
arm that went astray would make points of all others.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median_low

FAR = 20
"""So many times as far from 0 as the middle one of all arms, and an arm leaves the view."""

Ends = tuple[float, float]


def leaving(arms: Sequence[Ends], worth: float) -> tuple[bool, ...]:
    """Return for each arm whether it leaves the view, given the ends of what it shows.

    What is not finite is not known and leaves nothing. Nobody leaves a view of ± `worth`.

    >>> leaving([(-0.2, 0.1), (0.1, 0.3), (-700, -300)], worth=0.05)
    (False, False, True)
    """
    reaches = [max((abs(end) for end in ends if math.isfinite(end)), default=0.0) for ends in arms]
    known = [reach for reach in reaches if reach]
    limit = FAR * max(worth, median_low(known)) if known else math.inf
    return tuple(reach > limit for reach in reaches)


def span(arms: Sequence[Ends], worth: float) -> Ends:
    """Return the ends of the view: 0, the margins, and every arm that does not leave it.

    >>> span([(-0.2, 0.1), (0.1, 0.3), (-700, -300)], worth=0.05)
    (-0.2, 0.3)
    """
    stays = [ends for ends, far in zip(arms, leaving(arms, worth), strict=True) if not far]
    seen = [-worth, 0.0, worth, *(end for ends in stays for end in ends if math.isfinite(end))]
    return min(seen), max(seen)
