"""Elastic net: L1 and L2 at once.

L1 chooses among weights and drops all but one of those that do the same; L2 shares the work among
them and keeps all. Together they keep groups and drop the rest. Two amounts that work against and
with each other: vary one at a time.
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
    claim="L1 and L2 together drop useless weights and keep groups of useful ones.",
    formula="loss + first · Σ |w| + second/2 · Σ w²",
    paper="Zou & Hastie 2005, Regularization and Variable Selection via the Elastic Net, JRSS B 67",
    year=2005,
    helps="Many correlated inputs of which some groups matter.",
    hurts="Where every weight is needed.",
    cost="One pass over the weights.",
    pitfalls="Keras' l2 is λΣw², twice `second`; do not count weight decay twice.",
    off={"first": 0.0, "second": 0.0},
    twin="hikaku.reference.penalties:elastic_net",
)


@dataclass(frozen=True)
class ElasticNet:
    """Add `first` Σ|w| and `second` / 2 Σw² of the weights of `at`, less the `exempt`."""

    first: NonNegative = 1e-5
    second: NonNegative = 1e-5
    exempt: Literal["norms-and-biases", "none"] = "norms-and-biases"
    at: Patterns = ()

    def penalty(self, params: Tensors, activations: Tensors, facts: Facts) -> Tensor:
        """Return the term, 0-d, in the parameters' dtype."""
        chosen = [w for name, w in params.items() if touched(name, self.exempt, facts, self.at)]
        sizes = sum((w.abs().sum() for w in chosen), start=torch.zeros(()))
        squares = sum(((w * w).sum() for w in chosen), start=torch.zeros(()))
        return sizes * like(self.first, sizes) + squares * like(0.5 * self.second, squares)
