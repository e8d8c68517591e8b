"""Sharpness-aware minimisation: go down where it is flat around.

Each update looks twice. From the weights it first climbs by `rho` along the gradient, to the worst
place near by, and takes the gradient there to go down from where it stood. So sharp valleys, whose
walls are near, repel. Both looks meet the same batch and the same noise; norm statistics are the
first one's.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from hikaku.study.card import Card, NonNegative
from hikaku.techniques.parts import like
from hikaku.techniques.slots import Tensors, ValueAndGrad

CARD = Card(
    slot="gradient",
    family="gradient rule",
    claim="Flat minima generalise better, and looking at the worst place near by finds them.",
    formula="g ← ∇L(w + rho · g/‖g‖), ‖g‖ over all parameters together",
    paper="Foret et al. 2021, Sharpness-Aware Minimization for Efficiently Improving "
    "Generalization, ICLR, arXiv:2010.01412",
    year=2021,
    helps="Image classifiers that over-fit, noisy labels.",
    hurts="Time: compare at equal time too.",
    cost="A second forward and backward pass for every update.",
    pitfalls="Twice the work: the cost column says so. A rho of 0 still takes both looks.",
    off={"rho": 0.0},
)


@dataclass(frozen=True)
class SAM:
    """Take the gradient at the worst place within `rho`; the loss is the one where it stood."""

    rho: NonNegative = 0.05

    def gradient(self, value_and_grad: ValueAndGrad, params: Tensors) -> tuple[Tensor, Tensors]:
        """Return the loss at `params`, and the gradients at the place that was climbed to."""
        loss, grads = value_and_grad(params)
        lengths = [torch.linalg.vector_norm(grad) for grad in grads.values()]
        step = (
            like(self.rho, loss)
            * (torch.linalg.vector_norm(torch.stack(lengths)) + 1e-12).reciprocal()
        )
        climbed = {name: value + grads[name] * like(step, value) for name, value in params.items()}
        _, there = value_and_grad(climbed)
        return loss, there
