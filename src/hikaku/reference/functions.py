"""Elementwise functions and softmax; each activation beside its slope, dy/dx as a function of x."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from hikaku.reference.arrays import Array

Function = Callable[[Array], Array]

_erf = np.vectorize(math.erf, otypes=[np.float64])


def normal_distribution(x: Array) -> Array:
    """Return Φ(x), the share of the normal distribution below x."""
    share: Array = (1.0 + _erf(x / math.sqrt(2.0))) / 2.0
    return share


def step(x: Array) -> Array:
    """Return 1 where x > 0 and 0 elsewhere: the perceptron's activation (Rosenblatt 1958)."""
    return np.where(x > 0, 1.0, 0.0)


def sigmoid(x: Array) -> Array:
    """Return 1 / (1 + e⁻ˣ), in (0, 1), without overflow for any x.

    The unit of Rumelhart, Hinton & Williams 1986.
    """
    small = np.exp(-np.abs(x))
    return np.where(x >= 0, 1.0, small) / (1.0 + small)


def sigmoid_slope(x: Array) -> Array:
    """Return y (1 − y), y = sigmoid(x): at most .25, at x = 0.

    So a gradient loses three quarters of itself at every layer, at least.
    """
    y = sigmoid(x)
    return y * (1.0 - y)


def tanh(x: Array) -> Array:
    """Return (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ), in (−1, 1): LeCun et al. 1998, Efficient BackProp."""
    return np.tanh(x)


def tanh_slope(x: Array) -> Array:
    """Return 1 − y², y = tanh(x): at most 1, at x = 0."""
    return 1.0 - np.tanh(x) ** 2


def relu(x: Array) -> Array:
    """Return x where x > 0 and 0 elsewhere (Nair & Hinton 2010)."""
    return np.maximum(x, 0.0)


def relu_slope(x: Array) -> Array:
    """Return 1 where x > 0 and 0 elsewhere: nothing is lost on the way of a unit that is on."""
    return np.where(x > 0, 1.0, 0.0)


def leaky_relu(x: Array, alpha: float = 0.01) -> Array:
    """Return x where x > 0 and αx elsewhere (Maas, Hannun & Ng 2013)."""
    return np.where(x > 0, x, alpha * x)


def leaky_relu_slope(x: Array, alpha: float = 0.01) -> Array:
    """Return 1 where x > 0 and α elsewhere: no unit is ever quite off."""
    return np.where(x > 0, 1.0, alpha)


def gelu(x: Array) -> Array:
    """Return x Φ(x), Φ the normal distribution (Hendrycks & Gimpel 2016, arXiv:1606.08415)."""
    return x * normal_distribution(x)


def gelu_slope(x: Array) -> Array:
    """Return Φ(x) + x φ(x), φ the normal density."""
    density = np.exp(-(x**2) / 2.0) / math.sqrt(2.0 * math.pi)
    return normal_distribution(x) + x * density


def softmax(x: Array) -> Array:
    """Return eˣ / Σ eˣ along the last axis: positive, and the sum is 1 (Bridle 1990).

    The largest is taken off first, which changes no quotient and keeps eˣ from overflowing.
    """
    powers: Array = np.exp(x - x.max(axis=-1, keepdims=True))
    total: Array = powers.sum(axis=-1, keepdims=True)
    return powers / total


def log_softmax(x: Array) -> Array:
    """Return x − log Σ eˣ along the last axis: the logarithm of `softmax`, never −∞ by rounding."""
    moved: Array = x - x.max(axis=-1, keepdims=True)
    total: Array = np.exp(moved).sum(axis=-1, keepdims=True)
    return moved - np.log(total)


ACTIVATIONS: dict[str, tuple[Function, Function]] = {
    "sigmoid": (sigmoid, sigmoid_slope),
    "tanh": (tanh, tanh_slope),
    "relu": (relu, relu_slope),
    "leaky-relu": (leaky_relu, leaky_relu_slope),
    "gelu": (gelu, gelu_slope),
}
"""Each activation and its slope, by name."""
