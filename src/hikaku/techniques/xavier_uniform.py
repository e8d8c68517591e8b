"""Xavier's (Glorot's) first weights, uniform: no weight is ever far out.

The same variance as `xavier-normal`, spread evenly over ±√(3 · variance): ±√(6 / (fan in + fan
out)), which is the paper's own formula and the default of Keras' layers. An even spread has no
tails, so no unit begins with an extreme weight.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from hikaku.study.card import Card
from hikaku.techniques.parts import glorot_variance
from hikaku.techniques.slots import Draws

CARD = Card(
    slot="init",
    family="initialisation",
    claim="Weights scaled by a layer's width keep signal and gradient alive in deep networks.",
    formula="w ~ U(−a, a), a = √(6/(fan in + fan out)), or √(3/fan in);  biases 0",
    paper="Glorot & Bengio 2010, Understanding the difficulty of training deep feedforward neural "
    "networks, AISTATS",
    year=2010,
    helps="Networks with tanh or sigmoid; redoing what was trained in Keras.",
    hurts="Very deep networks with ReLU: the signal halves in each layer.",
    cost="None after the start.",
    pitfalls="PyTorch's default is uniform as well, but in ±1/√(fan in): a third of the variance.",
    twin="hikaku.reference.inits:xavier_uniform",
)


@dataclass(frozen=True)
class XavierUniform:
    """Draw every weight evenly from ±√(3 · Glorot's variance); biases are zero."""

    fan: Literal["average", "in"] = "average"

    def fill(self, name: str, shape: tuple[int, ...], draws: Draws) -> Tensor:
        """Return first values of this shape, float32."""
        if len(shape) < 2:
            return torch.zeros(shape)
        limit = math.sqrt(3 * glorot_variance(shape, self.fan))
        return (2 * draws.uniform("init", shape) - 1) * limit
