"""RMSprop: AdaGrad that forgets.

The sum of squared gradients becomes a running mean, so steps follow how steep it has been lately
and learning never dies down. It has no momentum and no correction for its start at zero: the first
steps are larger than `lr` by 1 / √(1 − decay), ten times at .99. Adam mends both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from torch import Tensor

from hikaku.study.card import Card, Positive, Share
from hikaku.techniques.parts import like, zeros
from hikaku.techniques.slots import Facts, Tensors, Tree

CARD = Card(
    slot="optimizer",
    family="optimizer",
    claim="Steps scaled by the recent size of the gradients go on learning where AdaGrad stalls.",
    formula="h ← ρ·h + (1 − ρ)·g²;  w ← w − lr·rate·g / (√h + eps);  h₀ = 0",
    paper="Tieleman & Hinton 2012, Lecture 6.5: rmsprop, COURSERA: Neural Networks for Machine "
    "Learning",
    year=2012,
    helps="Recurrent networks, and wherever gradients change their size over time.",
    hurts="The first steps at a high decay, which are far larger than lr.",
    cost="One number per weight.",
    pitfalls="TensorFlow adds eps inside the root; eps 1e-7 in Keras, 1e-8 in PyTorch.",
    elementwise=True,
    twin="hikaku.reference.optimizers:RMSProp",
)


@dataclass(frozen=True)
class RMSProp:
    """Divide every weight's step by the root of the running mean of its squared gradients."""

    lr: Positive = 0.01
    decay: Share = 0.99
    eps: Positive = 1e-8

    def init(self, params: Tensors) -> Tree:
        """Return the state: {"square": zeros by name}."""
        return {"square": zeros(params)}

    def update(
        self, grads: Tensors, state: Tree, params: Tensors, rate: float | Tensor, facts: Facts
    ) -> tuple[Tensors, Tree]:
        """Return the parameters and the running means after one step of lr · rate."""
        size = self.lr * rate
        squares: Tensors = {
            name: value * like(self.decay, value)
            + grads[name] * grads[name] * like(1 - self.decay, value)
            for name, value in cast(Tensors, state["square"]).items()
        }
        moved = {
            name: value
            - grads[name] / (squares[name].sqrt() + like(self.eps, value)) * like(size, value)
            for name, value in params.items()
        }
        return moved, {"square": dict(squares)}
