"""Early stopping: end when a score has not become better for a while (Prechelt 1998)."""

from __future__ import annotations

import math


class EarlyStopping:
    """Ends after `patience` looks in a row without a score better by more than `min_delta`.

    Lower is better; hand in −score where higher is. `best_at` is the number of the best look,
    from 0: its weights are the ones to keep.
    """

    def __init__(self, patience: int = 10, min_delta: float = 0.0) -> None:
        self.patience, self.min_delta = patience, min_delta
        self.best, self.best_at, self.looks, self.waited = math.inf, 0, 0, 0

    def look(self, score: float) -> bool:
        """Return whether to stop after this score."""
        is_better = score + self.min_delta < self.best
        if is_better:
            self.best, self.best_at, self.waited = score, self.looks, 0
        else:
            self.waited += 1
        self.looks += 1
        return not is_better and self.waited >= self.patience and self.looks > 1
