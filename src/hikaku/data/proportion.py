"""`interleaved`: an order of classes of which every beginning holds them in proportion."""

from __future__ import annotations

from functools import lru_cache
from heapq import heappop, heappush

import numpy as np
from numpy.typing import NDArray


@lru_cache(maxsize=32)
def interleaved(counts: tuple[int, ...], size: int) -> NDArray[np.intp]:
    """Return which class stands at each of the first `size` places, (size,).

    `counts` are the samples of each class, n in all. In every prefix of m places, class c stands
    m · counts[c] / n times, rounded down or up. (Largest remainders would not do: there a larger
    house can give a class fewer seats, so a smaller part would not be a prefix.) The k-th sample
    of a class may come when that share exceeds k − 1 and must have come when it reaches k; of
    those that may, the most urgent comes. Source: R. Tijdeman, "The chairman assignment
    problem", Discrete Mathematics 32 (1980) 323–330.
    """
    n = sum(counts)
    arriving: dict[int, list[int]] = {1: [c for c, count in enumerate(counts) if count]}
    given = [0] * len(counts)
    ready: list[tuple[int, int]] = []
    places = np.empty(size, dtype=np.intp)
    for place in range(1, size + 1):
        for c in arriving.pop(place, ()):
            heappush(ready, (-(-(given[c] + 1) * n // counts[c]), c))
        _, chosen = heappop(ready)
        places[place - 1] = chosen
        given[chosen] += 1
        if given[chosen] < counts[chosen]:
            released = max(place, given[chosen] * n // counts[chosen]) + 1
            arriving.setdefault(released, []).append(chosen)
    places.flags.writeable = False
    return places
