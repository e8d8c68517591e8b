"""LAMB: Adam whose steps are as long as the layer's weights allow.

Each layer's step of Adam is stretched to the length of its weights, so no layer moves by more than
its share, whatever the learning rate. Made to train with batches of tens of thousands.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, cast

import torch
from torch import Tensor

from hikaku.study.card import Card, NonNegative, Positive, Share
from hikaku.techniques.parts import faded, like, number, touched, zeros
from hikaku.techniques.slots import Facts, Tensors, Tree

CARD = Card(
    slot="optimizer",
    family="optimizer",
    claim="Steps in proportion to each layer's weights allow very large batches.",
    formula="u = m̂/(√v̂ + eps) + weight_decay·w;  w ← w − lr·rate·(‖w‖/‖u‖)·u for each parameter",
    paper="You et al. 2020, Large Batch Optimization for Deep Learning: Training BERT in 76 "
    "minutes, ICLR, arXiv:1904.00962",
    year=2020,
    helps="Very large batches.",
    hurts="Ordinary batches, where it has no advantage over AdamW.",
    cost="Two numbers per weight, two norms per parameter.",
    pitfalls="The paper bounds ‖w‖ by 10; this does not. Decay is inside the stretched step.",
)


@dataclass(frozen=True)
class LAMB:
    """Stretch Adam's step of every parameter to that parameter's length; `exempt` do not decay."""

    lr: Positive = 1e-3
    beta1: Share = 0.9
    beta2: Share = 0.999
    eps: Positive = 1e-6
    weight_decay: NonNegative = 0.0
    exempt: Literal["norms-and-biases", "none"] = "norms-and-biases"

    def init(self, params: Tensors) -> Tree:
        """Return both moments at zero by name, and β₁ᵗ, β₂ᵗ at t = 0 (0-d float64)."""
        ones = {name: number(1.0, params) for name in ("decay1", "decay2")}
        return {"first": zeros(params), "second": zeros(params), **ones}

    def update(
        self, grads: Tensors, state: Tree, params: Tensors, rate: float | Tensor, facts: Facts
    ) -> tuple[Tensors, Tree]:
        """Return the parameters and the moments after one step of lr · rate."""
        size = self.lr * rate
        decay1 = cast(Tensor, state["decay1"]) * self.beta1
        decay2 = cast(Tensor, state["decay2"]) * self.beta2
        first, second = cast(Tensors, state["first"]), cast(Tensors, state["second"])
        moved, means, squares = {}, {}, {}
        for name, value in params.items():
            grad = grads[name]
            mean = faded(first[name], grad, self.beta1)
            square = faded(second[name], grad * grad, self.beta2)
            root = (square * like((1 - decay2).reciprocal(), value)).sqrt() + like(self.eps, value)
            step = mean * like((1 - decay1).reciprocal(), value) / root
            if touched(name, self.exempt, facts):
                step = step + value * like(self.weight_decay, value)
            moved[name] = value - step * _trust(value, step) * like(size, value)
            means[name], squares[name] = mean, square
        return moved, {
            "first": dict(means),
            "second": dict(squares),
            "decay1": decay1,
            "decay2": decay2,
        }


def _trust(weight: Tensor, step: Tensor) -> Tensor:
    """Return ‖w‖ / ‖u‖, 0-d; 1 where one of them is 0."""
    one, other = torch.linalg.vector_norm(weight), torch.linalg.vector_norm(step)
    both = (one > 0) & (other > 0)
    return torch.where(both, one / torch.where(both, other, 1.0), torch.ones_like(one))
