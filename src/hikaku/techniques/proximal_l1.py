"""Proximal L1: weights that are not needed become 0, exactly.

The L1 penalty added to a loss pulls every weight to zero by a constant force, but steps of that
force jump over zero and back: hardly any weight is ever exactly 0. The proximal step does what the
penalty means. After each update every weight is shortened by lr · rate · `amount`, and what is
shorter than that becomes 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from hikaku.study.card import Card, NonNegative
from hikaku.techniques.parts import like, touched
from hikaku.techniques.slots import Facts, Tensors

CARD = Card(
    slot="project",
    family="weight decay",
    claim="A soft threshold after each update leaves few weights, the others exactly 0.",
    formula="w ← sign(w) · max(|w| − lr·rate·amount, 0), after the update",
    paper="Daubechies, Defrise & De Mol 2004, An iterative thresholding algorithm, Communications "
    "on Pure and Applied Mathematics 57; Tibshirani 1996, the lasso",
    year=2004,
    helps="Where few inputs matter, or small models are wanted.",
    hurts="Where every weight is needed; under Adam, whose steps know nothing of the threshold.",
    cost="One pass over the weights.",
    pitfalls="The same `amount` as an L1 penalty; never both.",
    off={"amount": 0.0},
)


@dataclass(frozen=True)
class ProximalL1:
    """Shorten every weight by lr · rate · `amount`, to 0 where it is shorter; `exempt` stay."""

    amount: NonNegative = 1e-4
    exempt: Literal["norms-and-biases", "none"] = "norms-and-biases"

    def project(self, params: Tensors, rate: float | Tensor, facts: Facts) -> Tensors:
        """Return the parameters after the threshold."""
        size = facts.lr * rate * self.amount
        return {
            name: _shrunk(value, size) if touched(name, self.exempt, facts) else value
            for name, value in params.items()
        }


def _shrunk(weight: Tensor, size: float | Tensor) -> Tensor:
    return weight.sign() * torch.clamp(weight.abs() - like(size, weight), min=0)
