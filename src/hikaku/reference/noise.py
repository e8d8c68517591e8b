"""Layers that make training harder on purpose: a unit, or a weight, is off by chance.

Both divide what is left by 1 − ratio, so that the mean stays and evaluation needs no change; the
book multiplies by 1 − ratio in evaluation instead. Random numbers come from whoever is handed in.
"""

from __future__ import annotations

import numpy as np

from hikaku.reference.arrays import FIRST, Array, Random
from hikaku.reference.layers import Affine, Layer


def kept(u: Array, ratio: float) -> Array:
    """Return 1 / (1 − ratio) where u ≥ ratio, and 0 elsewhere; of ratio 1 nothing is kept."""
    return np.where(u >= ratio, 1.0 / max(1.0 - ratio, 1e-30), 0.0)


class Dropout(Layer):
    """Switch each number off with the probability `ratio` (Srivastava et al. 2014)."""

    def __init__(self, ratio: float, draws: Random) -> None:
        super().__init__()
        self.ratio, self.draws = ratio, draws
        self._mask: Array | None = None

    def forward(self, x: Array) -> Array:
        """Return x with some numbers at 0 and the others grown."""
        self._mask = kept(self.draws.random(x.shape), self.ratio)
        return x * self._mask

    def predict(self, x: Array) -> Array:
        """Return x."""
        return x

    def backward(self, dout: Array) -> Array:
        """Return dout where x was let through, grown alike."""
        assert self._mask is not None, FIRST
        return dout * self._mask


class DropConnect(Affine):
    """An Affine whose weights, not outputs, are off by chance (Wan et al. 2013).

    One mask for the whole batch at each `forward`; b is never off. Evaluation uses all of W.
    """

    def __init__(self, W: Array, b: Array | None, ratio: float, draws: Random) -> None:
        super().__init__(W, b)
        self.ratio, self.draws = ratio, draws
        self._mask: Array | None = None

    def forward(self, x: Array) -> Array:
        """Return x (W · mask) + b."""
        self._x = x
        self._mask = kept(self.draws.random(self.params["W"].shape), self.ratio)
        y = x @ (self.params["W"] * self._mask)
        return y + self.params["b"] if "b" in self.params else y

    def backward(self, dout: Array) -> Array:
        """Return dout (W · mask)ᵀ; a weight that was off has no gradient."""
        assert self._x is not None and self._mask is not None, FIRST
        self.grads = {"W": self._x.T @ dout * self._mask}
        if "b" in self.params:
            self.grads["b"] = dout.sum(axis=0)
        return dout @ (self.params["W"] * self._mask).T
