"""First weights: random, so that units differ; of the right size, so that signals keep theirs.

Each function returns an array of `shape`: (inputs, outputs) of an Affine, or (FN, C, FH, FW) of a
Convolution. Biases start at 0.
"""

from __future__ import annotations

import math

import numpy as np

from hikaku.reference.arrays import Array, Normal, Random

Shape = tuple[int, ...]


def fans(shape: Shape) -> tuple[int, int]:
    """Return how many numbers come into a unit, and how many it goes into."""
    if len(shape) == 2:
        return shape[0], shape[1]
    places = math.prod(shape[2:])
    return shape[1] * places, shape[0] * places


def normal(shape: Shape, draws: Normal, std: float = 0.01) -> Array:
    """Return N(0, std²): fine in a shallow network, lost in a deep one."""
    return draws.standard_normal(shape) * std


def xavier_normal(shape: Shape, draws: Normal, fan: str = "average") -> Array:
    """Return N(0, 2 / (inputs + outputs)), or N(0, 1 / inputs) where `fan` is "in".

    Glorot & Bengio 2010; the book has the second. Made for sigmoid and tanh.
    """
    return draws.standard_normal(shape) * math.sqrt(glorot_variance(shape, fan))


def xavier_uniform(shape: Shape, draws: Random, fan: str = "average") -> Array:
    """Return U(−a, a) of the same variance: a = √(3 · variance). What Keras does by default."""
    limit = math.sqrt(3.0 * glorot_variance(shape, fan))
    return (2.0 * draws.random(shape) - 1.0) * limit


def he_normal(shape: Shape, draws: Normal, fan: str = "in") -> Array:
    """Return N(0, 2 / inputs), or N(0, 2 / outputs) where `fan` is "out": made for ReLU.

    He et al. 2015, arXiv:1502.01852: ReLU throws half of the signal away, and 2 makes up for it.
    """
    inputs, outputs = fans(shape)
    return draws.standard_normal(shape) * math.sqrt(2.0 / (inputs if fan == "in" else outputs))


def he_uniform(shape: Shape, draws: Random, fan: str = "in") -> Array:
    """Return U(−a, a) of He's variance: a = √(6 / inputs), or √(6 / outputs)."""
    inputs, outputs = fans(shape)
    limit = math.sqrt(6.0 / (inputs if fan == "in" else outputs))
    return (2.0 * draws.random(shape) - 1.0) * limit


def uniform(shape: Shape, draws: Random, limit: float = 0.05) -> Array:
    """Return U(−limit, limit)."""
    return (2.0 * draws.random(shape) - 1.0) * limit


def zeros(shape: Shape, draws: Random | None = None) -> Array:
    """Return zeros: right for biases; weights that start equal stay equal for ever."""
    return np.zeros(shape)


def glorot_variance(shape: Shape, fan: str) -> float:
    """Return 2 / (inputs + outputs), or 1 / inputs where `fan` is "in"."""
    inputs, outputs = fans(shape)
    return 1.0 / inputs if fan == "in" else 2.0 / (inputs + outputs)
