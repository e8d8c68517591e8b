"""L1 penalty on activations: units that say nothing.

The loss grows by the sum of the absolute activations, so most units stay silent for most samples:
a sparse code. It is Keras' activity regulariser: the sum over all units, divided by the number of
samples in the batch. Activations are what activation functions give; `at` chooses some, by the
module or by the weight before it.
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
    claim="Few active units make a code that is easy to tell apart.",
    formula="loss + amount/n · Σ |a|, n samples in the batch",
    paper="Glorot, Bordes & Bengio 2011, Deep Sparse Rectifier Neural Networks, AISTATS, PMLR 15",
    year=2011,
    helps="Wide layers whose code is to be sparse.",
    hurts="Networks that under-fit already.",
    cost="One pass over the activations per step, forward and backward.",
    pitfalls="Its size hangs on the number of units: a sum, not a mean.",
    off={"amount": 0.0},
)


@dataclass(frozen=True)
class ActivationL1:
    """Add `amount` times the sum of absolute activations per sample to the loss."""

    amount: NonNegative = 1e-4
    at: Patterns = ()

    reads_activations = True

    def penalty(self, params: Tensors, activations: Tensors, facts: Facts) -> Tensor:
        """Return the term, 0-d, in the activations' dtype."""
        total = sum(
            (value.abs().sum() / len(value) for value in outputs(activations, self.at)),
            start=torch.zeros(()),
        )
        return total * like(self.amount, total)
