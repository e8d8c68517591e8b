"""Cutout: a grey square hides a part of every image.

The network must not lean on one detail, for it may be hidden. The square of `size` pixels has its
middle anywhere in the image, so it may hang over the border and hide less.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from hikaku.study.card import Card, PositiveCount
from hikaku.techniques.slots import Moment

CARD = Card(
    slot="augment",
    family="augmentation",
    claim="Hiding parts of the images makes features less dependent on one another.",
    formula="x ← 0 in a square of size × size around a random pixel",
    paper="DeVries & Taylor 2017, Improved Regularization of Convolutional Neural Networks "
    "with Cutout, arXiv:1708.04552",
    year=2017,
    helps="CIFAR-like photographs, long trainings.",
    hurts="Short trainings; small objects that are hidden whole.",
    cost="One mask per image.",
    pitfalls="16 pixels are the paper's for CIFAR-10, half of a side.",
    needs="images",
)


@dataclass(frozen=True)
class Cutout:
    """Set a square of `size` × `size` pixels to 0, anywhere in each image."""

    size: PositiveCount = 8

    def change(self, x: Tensor, y: Tensor, moment: Moment) -> tuple[Tensor, Tensor]:
        """Return the batch, (n, channels, height, width), changed; targets stay."""
        u = moment.draws.uniform("cutout", (len(x), 2)).to(x.device)
        hidden = [
            _near(torch.floor(u[:, axis] * side), side, self.size)
            for axis, side in enumerate(x.shape[-2:])
        ]
        both = hidden[0][:, None, :, None] & hidden[1][:, None, None, :]
        return torch.where(both, 0.0, x), y


def _near(middle: Tensor, side: int, size: int) -> Tensor:
    """Return which of `side` places lie within the `size` around the middle: (n, side)."""
    away = torch.arange(side, device=middle.device) - middle[:, None]
    return (away >= -(size // 2)) & (away < size - size // 2)
