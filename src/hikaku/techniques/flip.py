"""Horizontal flip: mirror every image with a chance.

A cat that looks left is a cat that looks right: twice the data, as long as mirroring means
nothing. For digits and letters it does.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from hikaku.study.card import Card, Fraction
from hikaku.techniques.slots import Moment

CARD = Card(
    slot="augment",
    family="augmentation",
    claim="Mirrored images are more images.",
    formula="x ← mirror(x) where u < p, one u for each image",
    paper="Krizhevsky, Sutskever & Hinton 2012, ImageNet Classification with Deep "
    "Convolutional Neural Networks, NeurIPS 25",
    year=2012,
    helps="Photographs.",
    hurts="Digits, letters, anything that has a left and a right.",
    cost="One random number per image.",
    pitfalls="Wrong for MNIST; short trainings may not profit yet.",
    off={"p": 0.0},
    needs="images",
)


@dataclass(frozen=True)
class Flip:
    """Mirror each image, left to right, with probability `p`."""

    p: Fraction = 0.5

    def change(self, x: Tensor, y: Tensor, moment: Moment) -> tuple[Tensor, Tensor]:
        """Return the batch, (n, channels, height, width), changed; targets stay."""
        chosen = moment.draws.uniform("flip", (len(x), 1, 1, 1)) < self.p
        return torch.where(chosen, x.flip(-1), x), y
