"""Penalties: what is added to the loss so that weights stay small, and the gradient of it."""

from __future__ import annotations

import numpy as np

from hikaku.reference.arrays import Array, Arrays


def l2(weights: Arrays, amount: float = 1e-4) -> float:
    """Return amount / 2 · Σ W² (Krogh & Hertz 1991): large weights pay most."""
    return 0.5 * amount * sum(float(np.sum(W**2)) for W in weights.values())


def l2_gradient(weights: Arrays, amount: float = 1e-4) -> Arrays:
    """Return amount · W: every weight is pulled to 0 by a share of itself."""
    return {name: amount * W for name, W in weights.items()}


def l1(weights: Arrays, amount: float = 1e-4) -> float:
    """Return amount · Σ |W| (Tibshirani 1996)."""
    return amount * sum(float(np.sum(np.abs(W))) for W in weights.values())


def l1_gradient(weights: Arrays, amount: float = 1e-4) -> Arrays:
    """Return amount · sign(W), 0 at 0: every weight is pulled alike, however small it is.

    By such steps a weight jumps back and forth around 0 and is never exactly there; that takes
    `shrunk_to_zero`.
    """
    return {name: amount * np.sign(W) for name, W in weights.items()}


def elastic_net(weights: Arrays, first: float = 1e-4, second: float = 1e-4) -> float:
    """Return first · Σ |W| + second / 2 · Σ W² (Zou & Hastie 2005)."""
    return l1(weights, first) + l2(weights, second)


def elastic_net_gradient(weights: Arrays, first: float = 1e-4, second: float = 1e-4) -> Arrays:
    """Return first · sign(W) + second · W."""
    one, two = l1_gradient(weights, first), l2_gradient(weights, second)
    return {name: one[name] + two[name] for name in weights}


def shrunk_to_zero(W: Array, amount: float) -> Array:
    """Return sign(W) · max(|W| − amount, 0): the proximal step of L1.

    What is smaller than `amount` becomes 0, exactly: so L1 chooses weights.
    """
    return np.sign(W) * np.maximum(np.abs(W) - amount, 0.0)
