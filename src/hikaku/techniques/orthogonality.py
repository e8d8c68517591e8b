"""Orthogonality penalty: units that look at different things.

The loss grows with what the weights of each layer lack to being orthonormal: the smaller of their
two Gram matrices should be the unit matrix. So units do not repeat one another, and signals keep
their length. Filters of a convolution are flattened. `at` restricts it to some modules.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from hikaku.study.card import Card, NonNegative, Patterns
from hikaku.techniques.parts import like, touched
from hikaku.techniques.slots import Facts, Tensors

CARD = Card(
    slot="penalty",
    family="orthogonality",
    claim="Orthonormal weights keep signals alive and units different.",
    formula="loss + amount · Σ ‖WWᵀ − 1‖², WᵀW where W has more rows than columns",
    paper="Bansal, Chen & Wang 2018, Can We Gain More from Orthogonality Regularizations in "
    "Training Deep CNNs?, NeurIPS, arXiv:1810.09102; Brock et al. 2017, arXiv:1609.07093",
    year=2018,
    helps="Deep convolutional networks; beside orthogonal first weights.",
    hurts="Layers that need weights of very different sizes, as a head does.",
    cost="A product of each weight with itself per step, forward and backward.",
    pitfalls="It holds weights at length 1 and so works against decay.",
    off={"amount": 0.0},
)


@dataclass(frozen=True)
class Orthogonality:
    """Add `amount` times what dense and convolutional weights lack to being orthonormal."""

    amount: NonNegative = 1e-4
    at: Patterns = ()

    exempt = "norms-and-biases"

    def penalty(self, params: Tensors, activations: Tensors, facts: Facts) -> Tensor:
        """Return the term, 0-d, in the parameters' dtype."""
        chosen = (
            weight.flatten(1)
            for name, weight in params.items()
            if touched(name, self.exempt, facts, self.at)
        )
        total = sum((_lack(weight) for weight in chosen), start=torch.zeros(()))
        return total * like(self.amount, total)


def _lack(weight: Tensor) -> Tensor:
    """Return the squared distance of the smaller Gram matrix from the unit matrix."""
    flat = weight.T if weight.shape[0] > weight.shape[1] else weight
    off = flat @ flat.T - torch.eye(len(flat), dtype=flat.dtype, device=flat.device)
    return (off * off).sum()
