"""Xavier's (Glorot's) first weights, normal: one spread for the way there and the way back.

To keep the signal's size, a weight's variance should be 1 / (fan in); to keep the gradient's,
1 / (fan out). The paper takes the middle, 2 / (fan in + fan out). Many books write 1 / (fan in)
and call it Xavier too: `fan = "in"`. It is made for activations that are linear around 0 (tanh);
ReLU halves the signal and wants `he-normal`.
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
    formula="w ~ N(0, 2/(fan in + fan out)), or N(0, 1/fan in);  biases 0",
    paper="Glorot & Bengio 2010, Understanding the difficulty of training deep feedforward neural "
    "networks, AISTATS",
    year=2010,
    helps="Networks with tanh or sigmoid; shallow networks with ReLU.",
    hurts="Very deep networks with ReLU: the signal halves in each layer.",
    cost="None after the start.",
    pitfalls="Two formulas go by this name; Keras' Glorot normal is truncated, this one is not.",
    twin="hikaku.reference.inits:xavier_normal",
)


@dataclass(frozen=True)
class XavierNormal:
    """Draw every weight from a normal distribution of Glorot's variance; biases are zero."""

    fan: Literal["average", "in"] = "average"

    def fill(self, name: str, shape: tuple[int, ...], draws: Draws) -> Tensor:
        """Return first values of this shape, float32."""
        if len(shape) < 2:
            return torch.zeros(shape)
        return draws.normal("init", shape) * math.sqrt(glorot_variance(shape, self.fan))
