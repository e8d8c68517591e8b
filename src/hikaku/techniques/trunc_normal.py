"""Truncated normal first weights: no weight further out than two spreads.

Drawn from the normal distribution between −`bound` and `bound` standard deviations, so no unit
begins with an extreme weight. The spread of what is left is a little smaller than `std` (.88 of it
at two), and is not made up for, as in the code of vision transformers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from hikaku.study.card import Card, NonNegative, StaticPositive
from hikaku.techniques.slots import Draws

CARD = Card(
    slot="init",
    family="initialisation",
    claim="Small weights without outliers start transformers safely.",
    formula="w ~ N(0, std²) given |w| ≤ bound·std;  biases 0",
    paper="Dosovitskiy et al. 2021, An Image is Worth 16x16 Words, ICLR, arXiv:2010.11929 (std "
    ".02)",
    year=2021,
    helps="Transformers and other networks with norms.",
    hurts="Deep networks without norms: the size knows nothing of the fan.",
    cost="None after the start.",
    pitfalls="PyTorch's bounds are absolute, Keras' are in spreads; Keras' variance scaling "
    "makes up for the cut.",
)


@dataclass(frozen=True)
class TruncNormal:
    """Draw every weight from N(0, `std`²) cut at ±`bound` · `std`; biases are zero."""

    std: NonNegative = 0.02
    bound: StaticPositive = 2.0

    def fill(self, name: str, shape: tuple[int, ...], draws: Draws) -> Tensor:
        """Return first values of this shape, float32."""
        if len(shape) < 2:
            return torch.zeros(shape)
        low = 0.5 * (1 + math.erf(-self.bound / math.sqrt(2)))
        # The inverse of the distribution function, of numbers between its two ends.
        share = low + (1 - 2 * low) * draws.uniform("init", shape).double()
        quantile = math.sqrt(2) * torch.special.erfinv(2 * share - 1)
        found: Tensor = quantile.clamp(-self.bound, self.bound).float() * self.std
        return found
