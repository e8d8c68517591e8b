"""Clipping by value: no single number of the gradient may be larger than a limit.

Each number is cut by itself, so unlike clipping of the norm it turns the gradient: a few large
numbers lose, and the direction follows the many small ones. With `limit` very small all that is
left are signs.
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
    claim="Bounding each number of the gradient keeps rare large ones from ruling a step.",
    formula="g ← min(max(g, −limit), limit), number by number",
    paper="Mikolov 2012, Statistical Language Models Based on Neural Networks, PhD thesis, Brno",
    year=2012,
    helps="Recurrent networks; a few weights with monstrous gradients.",
    hurts="Where the direction matters: the cut gradient points elsewhere.",
    cost="One pass over the gradients.",
    pitfalls="Which limit is right depends on the size of batch and network; look at gradients.",
    twin="hikaku.reference.optimizers:cut",
)


@dataclass(frozen=True)
class ClipValue:
    """Cut every number of every gradient at ±`limit`."""

    limit: Positive = 1.0

    def clip(self, grads: Tensors, params: Tensors) -> Tensors:
        """Return the gradients, cut."""
        found = {}
        for name, grad in grads.items():
            limit = torch.as_tensor(like(self.limit, grad), dtype=grad.dtype, device=grad.device)
            found[name] = torch.minimum(torch.maximum(grad, -limit), limit)
        return found
