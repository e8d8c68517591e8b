"""How an arm's planned seeds ended. A divergence is an outcome; a hole in the plan is not.

Eats: `Results` and the judged figures. Makes: `Endings`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hikaku.record import Results


@dataclass(frozen=True)
class Endings:
    """How many planned trials of one arm ended without a figure, by the reason.

    `diverged`: reached NaN or Inf. `failed`: an error, or a worker that died too often.
    `missing`: not yet ended. `blank`: finished, and yet without a figure, such as a target that
    was never reached.
    """

    diverged: int = 0
    failed: int = 0
    missing: int = 0
    blank: int = 0


def endings(results: Results, arm: str, figures: NDArray[np.float64]) -> Endings:
    """Return how the trials of `arm` ended; `figures`, shape (seeds,), are its judged ones."""
    ends = [_end(results, arm, seed) for seed in results.seeds]
    blanks = [end == "done" and bool(np.isnan(figures[i])) for i, end in enumerate(ends)]
    return Endings(ends.count("diverged"), ends.count("failed"), ends.count("missing"), sum(blanks))


def unfinished(results: Results, *arms: str) -> int:
    """Return at how many planned seeds some of these arms is neither done nor diverged."""
    return sum(
        any(_end(results, arm, seed) not in ("done", "diverged") for arm in arms)
        for seed in results.seeds
    )


def _end(results: Results, arm: str, seed: int) -> str:
    outcome = results.outcome(arm, seed)
    return outcome.status if outcome else "missing"
