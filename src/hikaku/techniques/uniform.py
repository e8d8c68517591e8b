"""Uniform first weights: every value between −`limit` and `limit` is as likely.

The plainest random start. The right `limit` hangs on the number of inputs: what fits one layer
drowns or floods another, which is what Glorot's and He's rules mend.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from hikaku.study.card import Card, NonNegative
from hikaku.techniques.slots import Draws

CARD = Card(
    slot="init",
    family="initialisation",
    claim="Small random weights break the symmetry of the units.",
    formula="w ~ U(−limit, limit);  biases 0",
    paper="Rumelhart, Hinton & Williams 1986, Learning representations by back-propagating "
    "errors, Nature 323",
    year=1986,
    helps="Shallow networks.",
    hurts="Deep ones: the signal shrinks or grows from layer to layer.",
    cost="None after the start.",
    pitfalls="The default limit is .05 in Keras; PyTorch's layers use 1/√n instead.",
    twin="hikaku.reference.inits:uniform",
)


@dataclass(frozen=True)
class Uniform:
    """Draw every weight evenly from ±`limit`; biases are zero."""

    limit: NonNegative = 0.05

    def fill(self, name: str, shape: tuple[int, ...], draws: Draws) -> Tensor:
        """Return first values of this shape, float32."""
        if len(shape) < 2:
            return torch.zeros(shape)
        return (2 * draws.uniform("init", shape) - 1) * self.limit
