"""Elastic net on activations: L1 and L2 of what units say, together.

L1 silences units, L2 keeps those that speak from shouting. As with `activation-l1` the sums
are divided by the number of samples, and `at` chooses some activations. Keras' `l1_l2` is `first`
and half of `second`.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from hikaku.study.card import Card, NonNegative, Patterns
from hikaku.techniques.parts import like, outputs
from hikaku.techniques.slots import Facts, Tensors

CARD = Card(
    slot="penalty",
    family="activity regularisation",
    claim="Sparse and small activations at once.",
    formula="loss + (first · Σ |a| + second/2 · Σ a²)/n, n samples in the batch",
    paper="Zou & Hastie 2005, Regularization and Variable Selection via the Elastic Net, JRSS B "
    "67, of weights; on activations: Keras' activity regulariser",
    year=2005,
    helps="Where L1 alone silences too much.",
    hurts="Networks that under-fit already.",
    cost="One pass over the activations per step, forward and backward.",
    pitfalls="Two coupled amounts; their sizes hang on the number of units.",
    off={"first": 0.0, "second": 0.0},
)


@dataclass(frozen=True)
class ActivationElasticNet:
    """Add `first` Σ|a| and `second` / 2 Σa², per sample, to the loss."""

    first: NonNegative = 1e-4
    second: NonNegative = 1e-4
    at: Patterns = ()

    reads_activations = True

    def penalty(self, params: Tensors, activations: Tensors, facts: Facts) -> Tensor:
        """Return the term, 0-d, in the activations' dtype."""
        chosen = outputs(activations, self.at)
        sizes = sum((a.abs().sum() / len(a) for a in chosen), start=torch.zeros(()))
        squares = sum(((a * a).sum() / len(a) for a in chosen), start=torch.zeros(()))
        return sizes * like(self.first, sizes) + squares * like(0.5 * self.second, squares)
