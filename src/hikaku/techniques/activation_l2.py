"""L2 penalty on activations: units that do not shout.

The loss grows by half of the sum of squared activations, which keeps signals small. As with
`activation-l1` the sum is divided by the number of samples, and `at` chooses some activations.
Keras has no half: its λ is half of ours, as with `l2`.
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
    claim="Small activations keep a network from being too sure of itself.",
    formula="loss + amount/2/n · Σ a², n samples in the batch",
    paper="Merity, McCann & Socher 2017, Revisiting Activation Regularization for Language RNNs, "
    "arXiv:1708.01009",
    year=2017,
    helps="Recurrent networks, and wide layers that over-fit.",
    hurts="Networks that under-fit already.",
    cost="One pass over the activations per step, forward and backward.",
    pitfalls="Its size hangs on the number of units: a sum, not a mean.",
    off={"amount": 0.0},
)


@dataclass(frozen=True)
class ActivationL2:
    """Add `amount` / 2 times the sum of squared activations per sample to the loss."""

    amount: NonNegative = 1e-4
    at: Patterns = ()

    reads_activations = True

    def penalty(self, params: Tensors, activations: Tensors, facts: Facts) -> Tensor:
        """Return the term, 0-d, in the activations' dtype."""
        total = sum(
            ((value * value).sum() / len(value) for value in outputs(activations, self.at)),
            start=torch.zeros(()),
        )
        return total * like(0.5 * self.amount, total)
