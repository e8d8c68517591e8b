"""How an arm's planned seeds ended. A divergence is an outcome; a hole in the plan is not.

Eats: how trials ended, and the judged figures. Makes: `Endings`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

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


def endings(ends: Sequence[str], figures: Sequence[float]) -> Endings:
    """Return how these trials of one arm ended; `figures` are their judged ones, seed by seed."""
    blank = sum(
        how == "done" and math.isnan(figure) for how, figure in zip(ends, figures, strict=True)
    )
    return Endings(ends.count("diverged"), ends.count("failed"), ends.count("missing"), blank)


def end(results: Results, arm: str, seed: int) -> str:
    """Return how this trial ended: "done", "diverged", "failed", or "missing" where it has not."""
    outcome = results.outcome(arm, seed)
    return outcome.status if outcome else "missing"
