"""Schedules: the factor on the learning rate, from the number of the update or from a score."""

from __future__ import annotations

import math


def constant(step: int) -> float:
    """Return 1."""
    return 1.0


def warmup_cosine(
    step: int,
    steps: int,
    per_epoch: int = 1,
    warmup: float = 5.0,
    start: float = 0.0,
    floor: float = 0.0,
    every: str = "update",
) -> float:
    """Return the factor of update `step`, from 0, of `steps`; `warmup` is in epochs.

    start + (1 − start)(t + 1)/W for t < W, then floor + (1 − floor) · ½(1 + cos π(t − W)/(T − W)),
    W = warmup · per_epoch; Goyal et al. 2017, arXiv:1706.02677, and Loshchilov & Hutter 2017,
    arXiv:1608.03983. Where `every` is "epoch" the rate stands still within one, at t = the first
    update of the epoch, and t takes the place of t + 1.
    """
    t, ahead = (step, 1) if every == "update" else (step // per_epoch * per_epoch, 0)
    climb = warmup * per_epoch
    if t < climb:
        return start + (1.0 - start) * min(1.0, (t + ahead) / climb)
    fallen = (t - climb) / (steps - climb)
    return floor + (1.0 - floor) * 0.5 * (1.0 + math.cos(math.pi * fallen))


class ReduceOnPlateau:
    """Multiply the rate by `factor` after more than `patience` looks without a better loss.

    Better is less than (1 − min_delta) of the best. After a cut it waits for `cooldown` looks. As
    PyTorch does it; Keras cuts at `patience` looks, and its min_delta is absolute.
    """

    def __init__(
        self,
        factor: float = 0.1,
        patience: int = 10,
        min_delta: float = 1e-4,
        cooldown: int = 0,
        least: float = 0.0,
    ) -> None:
        self.factor, self.patience, self.min_delta = factor, patience, min_delta
        self.cooldown, self.least = cooldown, least
        self.rate, self.best = 1.0, math.inf
        self.waited = self.resting = 0

    def look(self, loss: float) -> float:
        """Return the factor after this loss."""
        if loss < self.best * (1.0 - self.min_delta):
            self.best, self.waited = loss, 0
        else:
            self.waited += 1
        if self.resting > 0:
            self.resting, self.waited = self.resting - 1, 0
        if self.waited > self.patience:
            self.rate = max(self.rate * self.factor, self.least)
            self.resting, self.waited = self.cooldown, 0
        return self.rate
