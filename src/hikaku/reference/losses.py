"""Losses: how wrong an answer is, as a mean over the batch, and the gradient by the answer.

Targets of classes are shares, (batch, classes), that sum to 1: a one-hot row, or a mixture.
"""

from __future__ import annotations

import numpy as np

from hikaku.reference.arrays import Array, Index
from hikaku.reference.functions import log_softmax, softmax


def alike(x: Array, t: Array) -> None:
    """Raise `ValueError` unless answers and targets are of one shape: broadcast, they would lie."""
    if x.shape != t.shape:
        raise ValueError(
            f"answers are {x.shape}, targets {t.shape}: labels become shares by `one_hot`"
        )


def one_hot(t: Index, classes: int) -> Array:
    """Return labels, (batch,), as shares, (batch, classes); they are 0 to classes − 1."""
    if t.size and not 0 <= t.min() <= t.max() < classes:
        raise ValueError(f"labels are {t.min()} to {t.max()}, and there are {classes} classes")
    rows: Array = np.eye(classes)[t]
    return rows


def mean_squared_error(y: Array, t: Array) -> float:
    """Return the mean of (y − t)² over all numbers; y and t are of one shape (Legendre 1805)."""
    alike(y, t)
    return float(np.mean((y - t) ** 2))


def mean_squared_error_gradient(y: Array, t: Array) -> Array:
    """Return 2 (y − t) / n, n the count of numbers."""
    return 2.0 * (y - t) / y.size


def mean_absolute_error(y: Array, t: Array) -> float:
    """Return the mean of |y − t| over all numbers."""
    return float(np.mean(np.abs(y - t)))


def mean_absolute_error_gradient(y: Array, t: Array) -> Array:
    """Return sign(y − t) / n."""
    return np.sign(y - t) / y.size


def huber(y: Array, t: Array, delta: float = 1.0) -> float:
    """Return the mean of ½d² where |d| ≤ δ and δ(|d| − ½δ) elsewhere, d = y − t (Huber 1964)."""
    away = np.abs(y - t)
    return float(np.mean(np.where(away <= delta, away**2 / 2.0, delta * (away - delta / 2.0))))


def huber_gradient(y: Array, t: Array, delta: float = 1.0) -> Array:
    """Return d / n, cut at ±δ / n."""
    return np.clip(y - t, -delta, delta) / y.size


def cross_entropy(x: Array, t: Array) -> float:
    """Return −Σ t log softmax(x), the mean over the batch; x and t are (batch, classes).

    Solla, Levin & Fleisher 1988, Accelerated Learning in Layered Neural Networks.
    """
    alike(x, t)
    return float(-np.sum(t * log_softmax(x)) / len(x))


def cross_entropy_gradient(x: Array, t: Array) -> Array:
    """Return (softmax(x) Σt − t) / batch: the output less the target, and nothing else.

    That so little is left of softmax and logarithm is why the two belong together.
    """
    total: Array = t.sum(axis=1, keepdims=True)
    return (softmax(x) * total - t) / len(x)


def smoothed(t: Array, amount: float) -> Array:
    """Return (1 − amount) t + amount / classes: every class has a share."""
    mixed: Array = (1.0 - amount) * t + amount / t.shape[1]
    return mixed


def smoothed_cross_entropy(x: Array, t: Array, amount: float = 0.1) -> float:
    """Return the cross-entropy with smoothed targets (Szegedy et al. 2016, arXiv:1512.00567)."""
    return cross_entropy(x, smoothed(t, amount))


def smoothed_cross_entropy_gradient(x: Array, t: Array, amount: float = 0.1) -> Array:
    """Return its gradient by x."""
    return cross_entropy_gradient(x, smoothed(t, amount))


def accuracy(x: Array, t: Array) -> float:
    """Return the share of rows whose largest output is where the largest target is."""
    alike(x, t)
    return float(np.mean(x.argmax(axis=1) == t.argmax(axis=1)))
