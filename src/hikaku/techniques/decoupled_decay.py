"""Decoupled weight decay: shrink the weights after each update, apart from the gradient.

The same idea as an L2 penalty, but it never meets the optimizer's scaling or momentum, so it
means the same under every optimizer. It multiplies by lr and by the schedule's rate, as in
PyTorch's AdamW. There the weights shrink just before the step, here just after it: the two differ
by lr · amount times one step, which is next to nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from torch import Tensor

from hikaku.study.card import Card, NonNegative
from hikaku.techniques.parts import shrunk
from hikaku.techniques.slots import Facts, Tensors

CARD = Card(
    slot="project",
    family="weight decay",
    claim="Shrinking the weights apart from the gradient regularises alike under any optimizer.",
    formula="w ← w − lr·rate·amount·w, after the update",
    paper="Loshchilov & Hutter 2019, Decoupled Weight Decay Regularization, ICLR, arXiv:1711.05101",
    year=2019,
    helps="Over-fitting networks under Adam and other optimizers that scale their gradients.",
    hurts="Networks that under-fit already.",
    cost="One multiplication per weight and step.",
    pitfalls="Its best amount moves with lr and with the schedule. Beside adamw it decays twice.",
    conflicts=("adamw",),
    off={"amount": 0.0},
    twin="hikaku.reference.optimizers:decayed",
)


@dataclass(frozen=True)
class DecoupledDecay:
    """Shrink every weight by the share lr · rate · `amount` after the update; `exempt` stay."""

    amount: NonNegative = 0.01
    exempt: Literal["norms-and-biases", "none"] = "norms-and-biases"

    def project(self, params: Tensors, rate: float | Tensor, facts: Facts) -> Tensors:
        """Return the parameters after the decay."""
        return shrunk(params, facts.lr * rate * self.amount, self.exempt, facts)
