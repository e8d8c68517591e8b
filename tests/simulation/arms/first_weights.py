"""First weights as PyTorch draws them, of which each `copy` is another draw at the same seed."""

from __future__ import annotations

import math
from dataclasses import dataclass

from torch import Tensor

from hikaku.study.card import Card, PositiveCount
from hikaku.techniques.parts import fans
from hikaku.techniques.slots import Draws

CARD = Card(
    slot="init",
    family="initialisation",
    claim="Which of the copies is drawn makes no difference on average.",
    formula="w ~ U(-1/√n, 1/√n), n = fan in;  biases 0",
    paper="none: it makes pairs of trainings that differ in their first weights alone",
    year=2025,
)


@dataclass(frozen=True)
class FirstWeights:
    """Draw every weight uniformly; copies share nothing but their law."""

    copy: PositiveCount = 1

    def fill(self, name: str, shape: tuple[int, ...], draws: Draws) -> Tensor:
        """Return first values of this shape, float32."""
        drawn = draws.uniform(f"copy {self.copy}", shape)
        bound = 1 / math.sqrt(fans(shape)[0]) if len(shape) > 1 else 0.0
        return (2 * drawn - 1) * bound
