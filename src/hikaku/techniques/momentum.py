"""SGD with momentum: a heavy ball that remembers where it was rolling.

The velocity is a decaying sum of past gradients. Directions that keep their sign add up, those
that flip cancel, so the path through a narrow valley zigzags less. With momentum μ a steady
gradient moves a weight 1 / (1 − μ) times as far as plain SGD with the same `lr`: ten times at .9.
The convention is PyTorch's (the rate multiplies the whole velocity, no dampening, no Nesterov);
others fold the rate into the velocity, which differs as soon as a schedule moves it.
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
    claim="Adding up past gradients damps zigzags and speeds learning along flat directions.",
    formula="v ← μ·v + g;  w ← w − lr·rate·v;  v₀ = 0",
    paper="Polyak 1964, Some methods of speeding up the convergence of iteration methods; "
    "Sutskever et al. 2013, On the importance of initialization and momentum, ICML",
    year=1964,
    helps="Where the loss is a long narrow valley; the usual choice for convolutional networks.",
    hurts="Where lr is taken over unchanged from plain SGD and is already near its limit.",
    cost="One number per weight; one multiplication and one addition more than SGD.",
    pitfalls="Raises the effective learning rate to lr / (1 − μ): compare at that rate too.",
    elementwise=True,
    twin="hikaku.reference.optimizers:Momentum",
)


@dataclass(frozen=True)
class Momentum:
    """Move every weight by a decaying sum of its gradients; `momentum` 0 is plain SGD."""

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
        moved = {name: value - velocity[name] * like(size, value) for name, value in params.items()}
        return moved, {"velocity": dict(velocity)}
