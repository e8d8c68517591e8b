"""Orthogonal first weights: a rotation, times a gain.

The rows of each weight (of its flattened filters) stand at right angles and have one length, so a
layer neither squeezes nor stretches any direction, and signals go through many layers as they
came. `gain` √2 makes up for the half that ReLU throws away.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from hikaku.study.card import Card, NonNegative
from hikaku.techniques.parts import rotation
from hikaku.techniques.slots import Draws

CARD = Card(
    slot="init",
    family="initialisation",
    claim="A rotation keeps signals and gradients alive through very deep networks.",
    formula="W = gain · Q, QᵀQ = 1 or QQᵀ = 1;  biases 0",
    paper="Saxe, McClelland & Ganguli 2014, Exact solutions to the nonlinear dynamics of "
    "learning in deep linear neural networks, ICLR, arXiv:1312.6120",
    year=2014,
    helps="Deep and recurrent networks without norms.",
    hurts="Seldom; wide layers take time to decompose at the start.",
    cost="A QR decomposition per weight, once.",
    pitfalls="Filters of a convolution are flattened: they are orthogonal to one another, the "
    "layer is not.",
)


@dataclass(frozen=True)
class Orthogonal:
    """Make every weight a part of a random rotation, times `gain`; biases are zero."""

    gain: NonNegative = 1.0

    def fill(self, name: str, shape: tuple[int, ...], draws: Draws) -> Tensor:
        """Return first values of this shape, float32."""
        return rotation(shape, draws) * self.gain if len(shape) > 1 else torch.zeros(shape)
