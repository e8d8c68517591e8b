"""L2 penalty: large weights cost something.

The loss grows by λ/2 times the sum of squared weights, so every gradient gets λ·w on top: a
weight that the data does not need shrinks towards zero, and a smoother function remains. Mind
the conventions: here the gradient is λw, as with PyTorch's `weight_decay`; Keras writes λ·Σw²,
gradient 2λw, so its λ is half of ours. Under plain SGD the penalty is weight decay; under Adam it
is not (see `adamw`), and the λw that PyTorch's Adam couples in is this penalty with
`exempt = "none"`: on biases and the norms' parameters too. `at` restricts it to the parameters of
the modules that fit its patterns.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from hikaku.study.card import Card, NonNegative, Patterns
from hikaku.techniques.parts import like, touched
from hikaku.techniques.slots import Facts, Tensors

CARD = Card(
    slot="penalty",
    family="weight decay",
    claim="Keeping the weights small reduces over-fitting.",
    formula="loss + amount/2 · Σ w²",
    paper="Krogh & Hertz 1991, A Simple Weight Decay Can Improve Generalization, NeurIPS 4",
    year=1991,
    helps="Networks with more weights than the data can pin down, trained by SGD.",
    hurts="Networks that under-fit already; too large an amount keeps train and test both low.",
    cost="One pass over the weights per step, forward and backward.",
    pitfalls="Coupled into Adam it is not decay. The trained loss contains it: compare the plain.",
    off={"amount": 0.0},
    twin="hikaku.reference.penalties:l2",
)


@dataclass(frozen=True)
class L2:
    """Add `amount` / 2 times the sum of squared weights, of those of `at`, less the `exempt`."""

    amount: NonNegative = 1e-4
    exempt: Literal["norms-and-biases", "none"] = "norms-and-biases"
    at: Patterns = ()

    def penalty(self, params: Tensors, activations: Tensors, facts: Facts) -> Tensor:
        """Return the term, 0-d, in the parameters' dtype."""
        squares = (
            (weight * weight).sum()
            for name, weight in params.items()
            if touched(name, self.exempt, facts, self.at)
        )
        total = sum(squares, start=torch.zeros(()))
        return total * like(0.5 * self.amount, total)
