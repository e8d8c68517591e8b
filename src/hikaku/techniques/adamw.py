"""AdamW: Adam, with weight decay that really decays.

An L2 penalty under Adam goes through the division by the gradients' size and so loses its
meaning: after 100 steps at strength .1, a weight with tiny gradients falls from 1 to .22 under
Adam, to .96 under AdamW. Here the weights shrink by lr · rate · weight_decay apart from the
gradient. Mind that going from Adam to AdamW changes two things at once where the first had no
decay: to see what decoupling does, compare with Adam + `l2`; to see what decay does, compare with
`weight_decay` 0. PyTorch's AdamW decays every parameter: `exempt = "none"` does the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from torch import Tensor

from hikaku.study.card import Card, NonNegative, Positive, Share
from hikaku.techniques import parts
from hikaku.techniques.slots import Facts, Tensors, Tree

CARD = Card(
    slot="optimizer",
    family="optimizer",
    claim="Decay apart from Adam's scaled gradient regularises better than an L2 penalty inside.",
    formula="w ← (1 − lr·rate·weight_decay)·w;  then Adam's step",
    paper="Loshchilov & Hutter 2019, Decoupled Weight Decay Regularization, ICLR, arXiv:1711.05101",
    year=2019,
    helps="Networks that over-fit under Adam; the usual choice for transformers.",
    hurts="Short trainings with a large weight_decay: the weights shrink before they have learnt.",
    cost="Adam's, and one multiplication per weight.",
    pitfalls="The decay is multiplied by lr and by the schedule: its best value moves with both.",
    conflicts=("decoupled-decay",),
    elementwise=True,
    twin="hikaku.reference.optimizers:AdamW",
)


@dataclass(frozen=True)
class AdamW:
    """Shrink the weights by lr · rate · `weight_decay`, then make Adam's step; `exempt` stay."""

    lr: Positive = 1e-3
    beta1: Share = 0.9
    beta2: Share = 0.999
    eps: Positive = 1e-8
    weight_decay: NonNegative = 0.01
    exempt: Literal["norms-and-biases", "none"] = "norms-and-biases"

    def init(self, params: Tensors) -> Tree:
        """Return both moments at zero by name, and β₁ᵗ, β₂ᵗ at t = 0 (0-d float64)."""
        return parts.adam_start(params)

    def update(
        self, grads: Tensors, state: Tree, params: Tensors, rate: float | Tensor, facts: Facts
    ) -> tuple[Tensors, Tree]:
        """Return the parameters and the moments after one decay and one step of lr · rate."""
        size = self.lr * rate
        shrunk = parts.shrunk(params, size * self.weight_decay, self.exempt, facts)
        return parts.adam(grads, state, shrunk, size, (self.beta1, self.beta2), self.eps)
