"""The L1 penalty: a price on every weight's size, the same for small and large ones.

Where L2 hardly minds small weights, L1 pulls them all by the same force, so those that are not
needed go close to 0. Exactly 0 they become only by the proximal step (`proximal-l1`): plain
gradient steps jump over zero and back. Far smaller amounts than with L2 are enough.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from hikaku.study.card import Card, NonNegative, Patterns
from hikaku.techniques.parts import like, touched
from hikaku.techniques.slots import Facts, Tensors

CARD = Card(
    slot="penalty",
    family="weight decay",
    claim="A constant pull to zero leaves few large weights.",
    formula="loss + amount · Σ |w|",
    paper="Tibshirani 1996, Regression Shrinkage and Selection via the Lasso, JRSS B 58",
    year=1996,
    helps="Many inputs of which few matter.",
    hurts="Where every weight is needed; large amounts stop learning altogether.",
    cost="One pass over the weights.",
    pitfalls="A sum, not a mean: the right amount shrinks with the network. No exact zeros.",
    off={"amount": 0.0},
    twin="hikaku.reference.penalties:l1",
)


@dataclass(frozen=True)
class L1:
    """Add `amount` times the sum of absolute weights, of those of `at`, less the `exempt`."""

    amount: NonNegative = 1e-5
    exempt: Literal["norms-and-biases", "none"] = "norms-and-biases"
    at: Patterns = ()

    def penalty(self, params: Tensors, activations: Tensors, facts: Facts) -> Tensor:
        """Return the term, 0-d, in the parameters' dtype."""
        sizes = (
            weight.abs().sum()
            for name, weight in params.items()
            if touched(name, self.exempt, facts, self.at)
        )
        total = sum(sizes, start=torch.zeros(()))
        return total * like(self.amount, total)
