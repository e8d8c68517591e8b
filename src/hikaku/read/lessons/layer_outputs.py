"""`show layer-outputs`: what five hidden layers give before any training, by their init.

Weights that are too large drive sigmoids to their flat ends, too small ones make all outputs
alike; either way no gradient comes back. The rules of Xavier and He keep the spread.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from hikaku.present.lessons import LayerOutputs, Spread
from hikaku.present.report import Chart, Column, Heading, Report, Table, cells
from hikaku.read.lessons.lesson import counted, figures, finite
from hikaku.reference import inits
from hikaku.reference.layers import Layer, ReLU, Sigmoid, Tanh
from hikaku.reference.network import Init, multi_layer
from hikaku.words import Message, message

SAMPLES, UNITS, LAYERS = 1000, 100, 5
BINS = 30
FLAT = 0.1
"""A unit is saturated where its slope is less than this share of its function's steepest."""


@dataclass(frozen=True)
class Activation:
    """A kind of unit: how it is made, where its outputs are drawn, and which of them are lost."""

    name: Message
    make: Callable[[], Layer]
    low: float
    high: float
    is_lost: Callable[[np.ndarray], np.ndarray]
    lost: Message
    is_open: bool = False
    """Whether outputs go on beyond `high`."""


ACTIVATIONS = {
    "sigmoid": Activation(
        message("sigmoid"), Sigmoid, 0.0, 1.0, lambda y: 4 * y * (1 - y) < FLAT,
        message("saturated"),
    ),
    "tanh": Activation(
        message("tanh"), Tanh, -1.0, 1.0, lambda y: 1 - y**2 < FLAT, message("saturated")
    ),
    "relu": Activation(message("ReLU"), ReLU, 0.0, 3.0, lambda y: y == 0, message("off"),
        is_open=True),
}  # fmt: skip  # a row for each

INITS: tuple[tuple[str, Message, Callable[[np.random.Generator], Init]], ...] = (
    (
        "normal, std 1",
        message("normal, std {std}", std="1"),
        lambda draws: lambda shape: inits.normal(shape, draws, 1.0),
    ),
    (
        "normal, std 0.01",
        message("normal, std {std}", std="0.01"),
        lambda draws: lambda shape: inits.normal(shape, draws, 0.01),
    ),
    (
        "xavier",
        message("Xavier"),
        lambda draws: lambda shape: inits.xavier_normal(shape, draws, "in"),
    ),
    ("he", message("He"), lambda draws: lambda shape: inits.he_normal(shape, draws)),
)


@dataclass(frozen=True)
class Outputs:
    """How the outputs of every layer lie, by init, in the order of `INITS`."""

    activation: str
    batch_norm: bool
    seed: int
    spreads: tuple[tuple[Spread, ...], ...]

    def report(self) -> Report:
        """Return mean, spread and lost share of every layer, and the histograms as a picture."""
        kind = ACTIVATIONS[self.activation]
        without = message("Outputs of {n} layers of {name}", n=LAYERS, name=kind.name)
        title = message("{title}, with batch norm", title=without) if self.batch_norm else without
        names = [name for _, name, _ in INITS]
        picture = LayerOutputs(tuple(zip(names, self.spreads, strict=True)), kind.low, kind.high)
        drawn = (
            message(
                "{title}; the last bar holds all from {high} on", title=title, high=f"{kind.high:g}"
            )
            if kind.is_open
            else title
        )
        chart = Chart(picture, title=drawn, alt=message("histograms by init and layer"))
        return Report((Heading(title, level=1), self._table(kind), chart))

    def as_json(self) -> dict[str, Any]:
        """Return the figures and histograms of every layer."""
        kind = ACTIVATIONS[self.activation]
        return {
            "format": 1,
            "activation": self.activation,
            "batch_norm": self.batch_norm,
            "seed": self.seed,
            "low": kind.low,
            "high": kind.high,
            "inits": [
                {"name": name, "layers": [_plain(spread) for spread in row]}
                for (name, _, _), row in zip(INITS, self.spreads, strict=True)
            ],
        }

    def _table(self, kind: Activation) -> Table:
        return Table(
            columns=(
                Column(message("init"), "name"),
                Column(message("layer"), "number"),
                Column(message("mean"), "number"),
                Column(message("standard deviation"), "number"),
                Column(kind.lost, "number"),
            ),
            rows=tuple(
                cells(
                    name if spread.layer == 1 else "",
                    str(spread.layer),
                    # A mean of less than a hundredth of the spread is chance.
                    *figures([spread.mean * (abs(spread.mean) > spread.std / 100), spread.std]),
                    f"{spread.lost:.0%}",
                )
                for (_, name, _), row in zip(INITS, self.spreads, strict=True)
                for spread in row
            ),
            notes=self._notes(),
        )

    def _notes(self) -> tuple[Message, ...]:
        drawn = message(
            "{samples:,} inputs of {units} standard normal numbers, seed {seed}, no training",
            samples=SAMPLES,
            units=UNITS,
            seed=self.seed,
        )
        if self.activation == "relu":
            return (drawn, message("off: the output is 0, and so is the slope"))
        said = message("saturated: the slope is under {share} of the steepest", share=f"{FLAT:.0%}")
        return (drawn, said)


def layer_outputs(activation: str = "sigmoid", batch_norm: bool = False, seed: int = 0) -> Outputs:
    """Return the outputs of five layers of 100 such units for 1,000 inputs, by init.

    Every init gets the same inputs and, but for their size, the same weights.
    Raises `StudyError` for a seed below 0.
    """
    counted("--seed", seed, least=0)
    kind = ACTIVATIONS[activation]
    rows = tuple(_row(kind, init, batch_norm, seed) for _, _, init in INITS)
    return Outputs(activation, batch_norm, seed, rows)


def _row(
    kind: Activation, init: Callable[[np.random.Generator], Init], batch_norm: bool, seed: int
) -> tuple[Spread, ...]:
    draws = np.random.default_rng(seed)
    x = draws.standard_normal((SAMPLES, UNITS))
    network = multi_layer([UNITS] * (LAYERS + 2), init(draws), kind.make, batch_norm)
    outputs = []
    for name, layer in network.layers.items():
        x = layer.forward(x)
        if name.startswith("activation"):
            outputs.append(x)
    return tuple(_spread(number, y, kind) for number, y in enumerate(outputs, start=1))


def _spread(layer: int, y: np.ndarray, kind: Activation) -> Spread:
    seen = np.clip(y, kind.low, kind.high)
    heights, _ = np.histogram(seen, bins=BINS, range=(kind.low, kind.high))
    lost = float(kind.is_lost(y).mean())
    return Spread(layer, heights / y.size, float(y.mean()), float(y.std()), lost)


def _plain(spread: Spread) -> dict[str, Any]:
    return {
        "layer": spread.layer,
        "mean": finite(spread.mean),
        "std": finite(spread.std),
        "lost": spread.lost,
        "shares": spread.shares.tolist(),
    }
