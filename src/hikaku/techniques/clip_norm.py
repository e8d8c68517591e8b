"""Clipping the gradient's norm: no single batch may throw the weights far away.

The gradients of all parameters are taken as one vector. Where it is longer than `limit` it is
shortened to that length; its direction stays. Networks that go through the same weights many
times (recurrent ones) or start at a high learning rate meet cliffs in the loss where one step
would undo many. A limit that is never reached changes nothing, and one that is always reached is
a second learning rate: look at the gradient norms first.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from hikaku.study.card import Card, Positive
from hikaku.techniques.parts import like
from hikaku.techniques.slots import Tensors

CARD = Card(
    slot="clip",
    family="gradient clipping",
    claim="Bounding the length of the gradient keeps training from blowing up.",
    formula="g ← g · min(1, limit / (‖g‖ + 1e-6)), ‖g‖ over all parameters together",
    paper="Pascanu, Mikolov & Bengio 2013, On the difficulty of training recurrent neural "
    "networks, ICML, arXiv:1211.5063",
    year=2013,
    helps="Recurrent networks, high learning rates, rare monstrous batches.",
    hurts="Where the limit is so low that every step is clipped: learning only becomes slower.",
    cost="One pass over the gradients.",
    pitfalls="Under Adam, which scales every step, a limit changes little.",
    twin="hikaku.reference.optimizers:clipped",
)


@dataclass(frozen=True)
class ClipNorm:
    """Shorten the gradient of all parameters together to `limit` where it is longer."""

    limit: Positive = 1.0

    def clip(self, grads: Tensors, params: Tensors) -> Tensors:
        """Return the gradients, shortened where they were too long."""
        norm = torch.linalg.vector_norm(
            torch.stack([torch.linalg.vector_norm(grad) for grad in grads.values()])
        )
        # torch turns number / tensor into number · (1/tensor); written out, a lifted limit agrees.
        factor = torch.clamp(like(self.limit, norm) * (norm + 1e-6).reciprocal(), max=1.0)
        return {name: grad * like(factor, grad) for name, grad in grads.items()}
