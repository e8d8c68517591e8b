"""Adaptive gradient clipping: a limit in proportion to the weights.

What matters is how much a step would change a unit, so the gradient of each unit's weights is
shortened where it is longer than the share `limit` of them. It made deep networks without batch
norm trainable. Parameters of one dimension are taken whole.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from hikaku.study.card import Card, Positive, StaticPositive
from hikaku.techniques.parts import like
from hikaku.techniques.slots import Tensors

CARD = Card(
    slot="clip",
    family="gradient clipping",
    claim="Bounding each unit's gradient by its weights trains networks without norms.",
    formula="g ← g · min(1, limit · max(‖w‖, eps) / ‖g‖) for each unit",
    paper="Brock et al. 2021, High-Performance Large-Scale Image Recognition Without "
    "Normalization, ICML, arXiv:2102.06171",
    year=2021,
    helps="Deep networks without batch norm, large batches.",
    hurts="Where the limit cuts every step: learning only becomes slower.",
    cost="Two norms per unit.",
    pitfalls="The paper spares the last layer; a clip does not know which that is, and spares "
    "none.",
)


@dataclass(frozen=True)
class AdaptiveClipping:
    """Shorten each unit's gradient to the share `limit` of its weights' length, at least `eps`."""

    limit: Positive = 0.01
    eps: StaticPositive = 1e-3

    def clip(self, grads: Tensors, params: Tensors) -> Tensors:
        """Return the gradients, shortened where they were too long."""
        return {name: self._bounded(grad, params[name]) for name, grad in grads.items()}

    def _bounded(self, grad: Tensor, weight: Tensor) -> Tensor:
        most = _lengths(weight).clamp(min=self.eps) * like(self.limit, weight)
        return grad * (most / _lengths(grad).clamp(min=1e-6)).clamp(max=1.0)


def _lengths(value: Tensor) -> Tensor:
    """Return the length of each unit's numbers, in a shape that multiplies them."""
    dims = tuple(range(1, value.dim())) or None
    return torch.linalg.vector_norm(value, dim=dims, keepdim=True) if value.dim() else value.abs()
