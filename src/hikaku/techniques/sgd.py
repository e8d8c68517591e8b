"""Stochastic gradient descent: step against the gradient of the batch, and that is all.

The plainest optimizer, and the one that the others are measured against. Every weight moves by
the same learning rate, so the scale of the gradients decides how fast each one learns; a good
`lr` is often ten to a hundred times Adam's. An arm that swaps the optimizer and keeps `lr`
compares two learning rates, not two optimizers.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from hikaku.study.card import Card, Positive
from hikaku.techniques.parts import like
from hikaku.techniques.slots import Facts, Tensors, Tree

CARD = Card(
    slot="optimizer",
    family="optimizer",
    claim="Following the gradient of small batches finds good weights at the least cost per step.",
    formula="w ← w − lr·rate·g",
    paper="Robbins & Monro 1951, A Stochastic Approximation Method, Annals of Math. Statistics 22",
    year=1951,
    helps="Where memory is short, and as the reference for every other optimizer.",
    hurts="Where curvature differs much between directions: it zigzags across narrow valleys.",
    cost="None beyond the gradient; no state.",
    pitfalls="Needs its own learning rate: far larger than Adam's.",
    elementwise=True,
    twin="hikaku.reference.optimizers:SGD",
)


@dataclass(frozen=True)
class SGD:
    """Move every weight against its gradient by `lr`; keeps no state."""

    lr: Positive = 0.01

    def init(self, params: Tensors) -> Tree:
        """Return the empty state."""
        return {}

    def update(
        self, grads: Tensors, state: Tree, params: Tensors, rate: float | Tensor, facts: Facts
    ) -> tuple[Tensors, Tree]:
        """Return the parameters after one step of lr · rate; the state stays empty."""
        size = self.lr * rate
        return {name: value - grads[name] * like(size, value) for name, value in params.items()}, {}
