"""Nesterov momentum: a heavy ball that looks where it is about to be.

Plain momentum judges the slope where it stands and then rolls on. This rule takes the gradient as
if the velocity had already moved it, which brakes a little before the far wall of a valley instead
of after. It is what `nesterov=True` means in PyTorch: the velocity after the update counts once
more. With `momentum` 0 it is plain SGD.
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
    claim="Looking ahead along the velocity damps the overshooting of momentum.",
    formula="v ← μ·v + g;  w ← w − lr·rate·(g + μ·v);  v₀ = 0",
    paper="Nesterov 1983, A method of solving a convex programming problem with convergence rate "
    "O(1/k²); Sutskever et al. 2013, On the importance of initialization and momentum, ICML",
    year=1983,
    helps="Convolutional networks at high momentum.",
    hurts="Seldom; beside plain momentum the difference is often too small to see.",
    cost="One number per weight; one multiplication and addition more than momentum.",
    pitfalls="timm calls this `sgd`, and its plain SGD `momentum`: say which is meant.",
    elementwise=True,
    twin="hikaku.reference.optimizers:Nesterov",
)


@dataclass(frozen=True)
class Nesterov:
    """Move every weight by its gradient and what the velocity will add next."""

    lr: Positive = 0.01
    momentum: Share = 0.9

    def init(self, params: Tensors) -> Tree:
        """Return the state at rest: {"velocity": zeros by name}."""
        return {"velocity": zeros(params)}

    def update(
        self, grads: Tensors, state: Tree, params: Tensors, rate: float | Tensor, facts: Facts
    ) -> tuple[Tensors, Tree]:
        """Return the parameters and the velocity after one step of lr · rate."""
        size = self.lr * rate
        velocity: Tensors = {
            name: value * like(self.momentum, value) + grads[name]
            for name, value in cast(Tensors, state["velocity"]).items()
        }
        moved = {}
        for name, value in params.items():
            ahead = grads[name] + velocity[name] * like(self.momentum, value)
            moved[name] = value - ahead * like(size, value)
        return moved, {"velocity": dict(velocity)}
