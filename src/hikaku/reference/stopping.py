"""Early stopping: end when a score has not become better for a while (Prechelt 1998)."""

from __future__ import annotations

import math


class EarlyStopping:
    """Ends after `patience` looks in a row without a score better by more than `min_delta`.

    Lower is better; hand in −score where higher is. With a `baseline` only scores below it start
    the count anew. `best_at` is the number of the best look, from 0: its weights are the ones to
    keep.
    """

    def __init__(
        self, patience: int = 10, min_delta: float = 0.0, baseline: float | None = None
    ) -> None:
        self.patience, self.min_delta, self.baseline = patience, min_delta, baseline
        self.best, self.best_at, self.looks, self.waited = math.inf, 0, 0, 0

    def look(self, score: float) -> bool:
        """Return whether to stop after this score."""
        is_better = score + self.min_delta < self.best
        if is_better:
            self.best, self.best_at = score, self.looks
        is_enough = self.baseline is None or score + self.min_delta < self.baseline
        self.waited = 0 if is_better and is_enough else self.waited + 1
        self.looks += 1
        return not is_better and self.waited >= self.patience and self.looks > 1
