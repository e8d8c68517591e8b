"""He's first weights, drawn evenly: the size that ReLU needs, without tails.

The variance is that of `he-normal`, 2 / n; an even spread has no extreme weight to begin with.
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
    formula="w ~ U(−a, a), a = √(6/n), n = fan in;  biases 0",
    paper="He, Zhang, Ren & Sun 2015, Delving Deep into Rectifiers, ICCV, arXiv:1502.01852",
    year=2015,
    helps="Deep networks with ReLU or its relatives and no normalisation.",
    hurts="Networks with sigmoid or tanh, whose units it drives into saturation.",
    cost="None after the start.",
    pitfalls="PyTorch's default is kaiming_uniform with a = √5, which is U(±1/√n): not this.",
    twin="hikaku.reference.inits:he_uniform",
)


@dataclass(frozen=True)
class HeUniform:
    """Draw every weight evenly from ±√(6 / n); `fan` says which n. Biases are zero."""

    fan: Literal["in", "out"] = "in"

    def fill(self, name: str, shape: tuple[int, ...], draws: Draws) -> Tensor:
        """Return first values of this shape, float32."""
        if len(shape) < 2:
            return torch.zeros(shape)
        inputs, outputs = fans(shape)
        limit = math.sqrt(6 / (inputs if self.fan == "in" else outputs))
        return (2 * draws.uniform("init", shape) - 1) * limit
