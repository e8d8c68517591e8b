"""Adam: a learning rate of its own for every weight, from the recent size of its gradients.

Each weight moves by its mean gradient over the root of its mean squared gradient: about `lr` per
step, however large or small its gradients are. That is why one `lr` (1e-3) serves many networks,
and why Adam is fast from the first step. Both means start at zero, so early ones are too small;
dividing by 1 − βᵗ mends that. `eps` is added after the correction, outside the root, as in
PyTorch. An L2 penalty under Adam is not weight decay: it is divided by the same root, so weights
with small gradients shrink as fast as those with large ones; `adamw` is the mend.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from hikaku.study.card import Card, Positive, Share
from hikaku.techniques import parts
from hikaku.techniques.slots import Facts, Tensors, Tree

CARD = Card(
    slot="optimizer",
    family="optimizer",
    claim="Steps scaled by each weight's own gradient history learn fast with little tuning.",
    formula="m ← β₁m + (1−β₁)g;  v ← β₂v + (1−β₂)g²;  "
    "w ← w − lr·rate·m/(1−β₁ᵗ) / (√(v/(1−β₂ᵗ)) + eps)",
    paper="Kingma & Ba 2015, Adam: A Method for Stochastic Optimization, ICLR, arXiv:1412.6980",
    year=2015,
    helps="Where gradients differ much in scale between layers, or little time is left to tune.",
    hurts="Sometimes the last points of test accuracy, where well-tuned SGD generalises better.",
    cost="Two numbers per weight; about seven operations per weight and step.",
    pitfalls="L2 under Adam is not weight decay. Keras and some books use eps 1e-7.",
    elementwise=True,
    twin="hikaku.reference.optimizers:Adam",
)


@dataclass(frozen=True)
class Adam:
    """Move every weight by its mean gradient over the root of its mean squared gradient."""

    lr: Positive = 1e-3
    beta1: Share = 0.9
    beta2: Share = 0.999
    eps: Positive = 1e-8

    def init(self, params: Tensors) -> Tree:
        """Return both moments at zero by name, and β₁ᵗ, β₂ᵗ at t = 0 (0-d float64)."""
        return parts.adam_start(params)

    def update(
        self, grads: Tensors, state: Tree, params: Tensors, rate: float | Tensor, facts: Facts
    ) -> tuple[Tensors, Tree]:
        """Return the parameters and the moments after one step of lr · rate."""
        return parts.adam(grads, state, params, self.lr * rate, (self.beta1, self.beta2), self.eps)
