"""LSUV: first weights such that every layer gives variance 1.

The weights start as random rotations. Then one batch of train samples goes through the network,
and layer by layer, from the first on, each weight is divided by the deviation of what its layer
gives, until that is 1 within `tolerance`. So whatever the activations are, signals neither die nor
explode, as with batch norm, but once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from hikaku.study.card import Card, Positive, PositiveCount
from hikaku.techniques.parts import rotation
from hikaku.techniques.slots import Draws, Tensors

CARD = Card(
    slot="init",
    family="initialisation",
    claim="Weights scaled by the data start deep networks of any activation.",
    formula="W = Q/σ, QᵀQ = 1 or QQᵀ = 1, σ² the variance of the layer's outputs on a batch; "
    "biases 0",
    paper="Mishkin & Matas 2016, All you need is a good init, ICLR, arXiv:1511.06422",
    year=2016,
    helps="Deep networks without norms, unusual activations.",
    hurts="Seldom; it looks at one batch, which should be a usual one.",
    cost="A QR decomposition per weight and two forward passes per layer, once.",
    pitfalls="The batch is the first of the train split. Noise is off, and a norm that stands "
    "behind a layer makes its scale idle.",
)


@dataclass(frozen=True)
class LSUV:
    """Start from rotations; make the outputs of every layer of variance 1 on one batch."""

    tolerance: Positive = 0.1
    rounds: PositiveCount = 10

    def fill(self, name: str, shape: tuple[int, ...], draws: Draws) -> Tensor:
        """Return first values of this shape, float32: a rotation, or zeros for a bias."""
        return torch.zeros(shape) if len(shape) < 2 else rotation(shape, draws)

    def start(self, weights: Tensors, outputs: Callable[[Tensors], Tensors]) -> Tensors:
        """Return the weights, divided until each layer's outputs have variance 1."""
        for name in outputs(weights):
            for _ in range(self.rounds):
                variance = outputs(weights)[name].var(correction=0)
                # Outputs that are all alike cannot be spread by any scale.
                if abs(variance - 1) <= self.tolerance or variance < 1e-12:
                    break
                weights = {**weights, name: weights[name] / variance.sqrt()}
        return weights
