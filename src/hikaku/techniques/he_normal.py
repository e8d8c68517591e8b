"""He's first weights: keep the signal's size through layers of ReLU.

ReLU throws half of the signal away; a variance of 2 / n instead of 1 / n makes up for it, so that
neither the signal nor its gradient shrinks or grows with depth. n is the number of inputs of a
unit (`fan = "in"`), or of its outputs where the gradient's size matters more, as in ResNets.
Keras' `he_normal` is truncated at two spreads and rescaled; this one is not.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from hikaku.study.card import Card
from hikaku.techniques.parts import fans
from hikaku.techniques.slots import Draws

CARD = Card(
    slot="init",
    family="initialisation",
    claim="Weights of variance 2/n keep the signal's size through deep networks of ReLU.",
    formula="w ~ N(0, 2/n), n = fan in;  biases 0",
    paper="He, Zhang, Ren & Sun 2015, Delving Deep into Rectifiers, ICCV, arXiv:1502.01852",
    year=2015,
    helps="Deep networks with ReLU or its relatives and no normalisation.",
    hurts="Networks with sigmoid or tanh, whose units it drives into saturation.",
    cost="None after the start.",
    pitfalls="Belongs to the activation: an arm that swaps ReLU away changes the right n too.",
    twin="hikaku.reference.inits:he_normal",
)


@dataclass(frozen=True)
class HeNormal:
    """Draw every weight with variance 2 / n; `fan` says which n. Biases are zero."""

    fan: Literal["in", "out"] = "in"

    def fill(self, name: str, shape: tuple[int, ...], draws: Draws) -> Tensor:
        """Return first values of this shape, float32."""
        if len(shape) < 2:
            return torch.zeros(shape)
        inputs, outputs = fans(shape)
        return draws.normal("init", shape) * math.sqrt(
            2 / (inputs if self.fan == "in" else outputs)
        )
