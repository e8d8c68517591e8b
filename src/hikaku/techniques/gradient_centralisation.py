"""Gradient centralisation: no gradient moves a unit's weights all in one direction.

From the gradient of each unit's weights its mean is taken off, so steps never change their sum. A
constraint that smooths the loss at no cost worth naming. Parameters of one dimension stay as they
are.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from hikaku.study.card import Card
from hikaku.techniques.slots import Tensors

CARD = Card(
    slot="clip",
    family="gradient rule",
    claim="Taking the mean off each unit's gradient speeds training and generalises better.",
    formula="g ← g − mean(g) over the inputs of each unit",
    paper="Yong et al. 2020, Gradient Centralization: A New Optimization Technique for Deep "
    "Neural Networks, ECCV, arXiv:2004.01461",
    year=2020,
    helps="Convolutional networks.",
    hurts="Where the sum of a unit's weights matters: inputs that are all positive.",
    cost="One mean per unit.",
    pitfalls="The gradients are centred, not the steps: Adam's have a mean again.",
)


@dataclass(frozen=True)
class GradientCentralisation:
    """Take the mean over its inputs off the gradient of every unit."""

    def clip(self, grads: Tensors, params: Tensors) -> Tensors:
        """Return the gradients with mean 0 over every unit's weights."""
        return {name: _centred(grad) for name, grad in grads.items()}


def _centred(grad: Tensor) -> Tensor:
    dims = tuple(range(1, grad.dim()))
    return grad - grad.mean(dim=dims, keepdim=True) if dims else grad
