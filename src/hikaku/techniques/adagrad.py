"""AdaGrad: a weight that has moved much moves less.

Each weight divides its steps by the root of the sum of all its squared gradients, so rare features
take large steps and frequent ones small steps, and the learning rate needs less care. The sum only
grows: learning slows down for ever, which suits convex problems and stalls long trainings. `start`
is what the sum begins with; above 0 it keeps the first steps from all being of size lr.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor

from hikaku.study.card import Card, NonNegative, Positive
from hikaku.techniques.parts import like
from hikaku.techniques.slots import Facts, Tensors, Tree

CARD = Card(
    slot="optimizer",
    family="optimizer",
    claim="A learning rate for each weight, by how much it has moved, needs no tuning for rare "
    "features.",
    formula="h ← h + g²;  w ← w − lr·rate·g / (√h + eps);  h₀ = start",
    paper="Duchi, Hazan & Singer 2011, Adaptive Subgradient Methods, JMLR 12",
    year=2011,
    helps="Sparse features, convex problems, short trainings.",
    hurts="Long trainings: the sum never forgets, and steps become too small.",
    cost="One number per weight.",
    pitfalls="The book's code starts the sum at 0 or 1e-4, Keras at .1: it decides the first "
    "steps.",
    elementwise=True,
    twin="hikaku.reference.optimizers:AdaGrad",
)


@dataclass(frozen=True)
class AdaGrad:
    """Divide every weight's step by the root of the sum of its squared gradients."""

    lr: Positive = 0.01
    eps: Positive = 1e-10
    start: NonNegative = 0.0

    def init(self, params: Tensors) -> Tree:
        """Return the state: {"sum": `start` for every number, by name}."""
        return {
            "sum": {
                name: torch.zeros_like(value) + like(self.start, value)
                for name, value in params.items()
            }
        }

    def update(
        self, grads: Tensors, state: Tree, params: Tensors, rate: float | Tensor, facts: Facts
    ) -> tuple[Tensors, Tree]:
        """Return the parameters and the sums after one step of lr · rate."""
        size = self.lr * rate
        sums: Tensors = {
            name: value + grads[name] * grads[name]
            for name, value in cast(Tensors, state["sum"]).items()
        }
        moved = {
            name: value
            - grads[name] / (sums[name].sqrt() + like(self.eps, value)) * like(size, value)
            for name, value in params.items()
        }
        return moved, {"sum": dict(sums)}
