"""CutMix: a rectangle of another image, and its share of the label.

Where cutout hides a part, this puts a part of another image there, so no pixel is wasted, and the
target tells how much of each there is. The share is drawn from Beta(α, α), one rectangle for a
batch.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from hikaku.study.card import Card, StaticPositive
from hikaku.techniques.parts import beta
from hikaku.techniques.slots import Moment

CARD = Card(
    slot="augment",
    family="augmentation",
    claim="Patches of other images regularise better than empty ones.",
    formula="x ← x' in a rectangle of the share 1 − λ, y ← λy + (1−λ)y' by the pixels, λ ~ "
    "Beta(α, α)",
    paper="Yun et al. 2019, CutMix: Regularization Strategy to Train Strong Classifiers with "
    "Localizable Features, ICCV, arXiv:1905.04899",
    year=2019,
    helps="Photographs, long trainings.",
    hurts="Short ones; train accuracy means nothing under it.",
    cost="One selection per pixel.",
    pitfalls="A rectangle that hangs over the border is smaller: targets follow the pixels.",
    needs="images",
    version=2,
)


@dataclass(frozen=True)
class CutMix:
    """Put a rectangle of another sample into every image; targets share alike."""

    alpha: StaticPositive = 1.0

    def change(self, x: Tensor, y: Tensor, moment: Moment) -> tuple[Tensor, Tensor]:
        """Return images with a rectangle exchanged, and targets, shares, mixed by the areas."""
        height, width = x.shape[-2:]
        side = (1 - beta(moment.draws, "cutmix", self.alpha)).sqrt().to(x.device)
        u = moment.draws.uniform("cutmix", (2,)).to(x.device)
        order = moment.draws.uniform("cutmix order", (len(x),)).argsort().to(x.device)
        down, across = _around(u[0], side, height), _around(u[1], side, width)
        taken = down[:, None] & across[None, :]
        share = taken.to(y.dtype).mean()
        return torch.where(taken, x[order], x), (1 - share) * y + share * y[order]


def _around(middle: Tensor, share: Tensor, side: int) -> Tensor:
    """Return which of `side` places lie in a stretch of this share around a middle: (side,)."""
    places = torch.arange(side, device=middle.device) + 0.5
    return (places - middle * side).abs() < share * side / 2
