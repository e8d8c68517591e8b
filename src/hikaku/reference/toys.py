"""A function of two numbers to watch optimizers on: f(x, y) = x²/20 + y², a long narrow valley."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from hikaku.reference.arrays import Array, Arrays
from hikaku.reference.optimizers import SGD, AdaGrad, Adam, Momentum, Optimizer, RMSProp

START = (-7.0, 2.0)
STEPS = 30

OPTIMIZERS: Mapping[str, Callable[..., Optimizer]] = {
    "sgd": SGD,
    "momentum": Momentum,
    "adagrad": AdaGrad,
    "rmsprop": RMSProp,
    "adam": Adam,
}

SETTINGS: Mapping[str, Mapping[str, float]] = {
    "sgd": {"lr": 0.95},
    "momentum": {"lr": 0.1, "momentum": 0.9},
    "adagrad": {"lr": 1.5},
    "rmsprop": {"lr": 0.1, "decay": 0.9},
    "adam": {"lr": 0.3, "beta1": 0.9, "beta2": 0.999, "eps": 1e-7},
}
"""The learning rates at which the book and a course report compare the five."""


def valley(x: Array, y: Array) -> Array:
    """Return x²/20 + y²: twenty times as steep across as along."""
    return x**2 / 20.0 + y**2


def valley_gradient(place: Arrays) -> Arrays:
    """Return (x/10, 2y)."""
    return {"x": place["x"] / 10.0, "y": 2.0 * place["y"]}


def trajectory(
    optimizer: Optimizer, start: tuple[float, float] = START, steps: int = STEPS
) -> Array:
    """Return where an optimizer goes from here, (steps + 1, 2): the start and every step."""
    place = {name: np.array(value) for name, value in zip("xy", start, strict=True)}
    path = [start]
    for _ in range(steps):
        place = optimizer.update(place, valley_gradient(place))
        path.append((float(place["x"]), float(place["y"])))
    return np.array(path)
