"""MixUp: learn from sums of two images and of their labels.

Each batch is mixed with itself in another order, λx + (1 − λ)x', and so are the targets. Between
the classes the network then answers in between, which makes it less sure and more robust. λ is
drawn from Beta(α, α), one for each batch.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from hikaku.study.card import Card, StaticPositive
from hikaku.techniques.parts import beta
from hikaku.techniques.slots import Moment

CARD = Card(
    slot="augment",
    family="augmentation",
    claim="Straight lines between samples regularise what lies between them.",
    formula="x ← λx + (1−λ)x', y ← λy + (1−λ)y', λ ~ Beta(α, α)",
    paper="Zhang et al. 2018, mixup: Beyond Empirical Risk Minimization, ICLR, arXiv:1710.09412",
    year=2018,
    helps="Long trainings, noisy labels.",
    hurts="Short ones; train accuracy means nothing under it.",
    cost="One addition per pixel.",
    pitfalls="Mixes targets: label smoothing on top smooths twice.",
    version=2,
)


@dataclass(frozen=True)
class MixUp:
    """Mix every sample with another one, at a share from Beta(`alpha`, `alpha`)."""

    alpha: StaticPositive = 0.2

    def change(self, x: Tensor, y: Tensor, moment: Moment) -> tuple[Tensor, Tensor]:
        """Return inputs and targets, shares or values, mixed alike."""
        share = beta(moment.draws, "mixup", self.alpha).to(x.device)
        order = moment.draws.uniform("mixup order", (len(x),)).argsort().to(x.device)
        mixed = share.to(x.dtype) * x + (1 - share.to(x.dtype)) * x[order]
        return mixed, share.to(y.dtype) * y + (1 - share.to(y.dtype)) * y[order]
