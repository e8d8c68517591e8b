"""Random crop: a part of a larger image, which is the image with a frame around it.

A frame of `padding` pixels is put around each image, and a part of the image's own size is cut out
at a random place: what CIFAR recipes call "pad 4 and crop". The frame mirrors the image's border,
repeats it, or is 0; with zeros it is `shift`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from hikaku.study.card import Card, PositiveCount
from hikaku.techniques.slots import Moment

CARD = Card(
    slot="augment",
    family="augmentation",
    claim="Parts at random places teach that places do not matter.",
    formula="x ← part of the framed x at (i, j), i and j whole numbers of 0 … 2·padding",
    paper="Lee et al. 2015, Deeply-Supervised Nets, AISTATS, arXiv:1409.5185; He et al. 2016, "
    "arXiv:1512.03385 (pad 4, crop)",
    year=2015,
    helps="Small images of one object.",
    hurts="Where the place tells something.",
    cost="Two gathers.",
    pitfalls="A frame of zeros is the mean colour only where the data is centred.",
    needs="images",
)


@dataclass(frozen=True)
class Crop:
    """Cut each image's own size out of the image in a frame of `padding` pixels."""

    padding: PositiveCount = 4
    frame: Literal["mirrored", "repeated", "zeros"] = "mirrored"

    def change(self, x: Tensor, y: Tensor, moment: Moment) -> tuple[Tensor, Tensor]:
        """Return the batch, (n, channels, height, width), changed; targets stay."""
        u = moment.draws.uniform("crop", (len(x), 2)).to(x.device)
        moves = (u * (2 * self.padding + 1)).floor().long() - self.padding
        for dim, move in zip((2, 3), moves.unbind(1), strict=True):
            x = self._cut(x, move, dim)
        return x, y

    def _cut(self, x: Tensor, move: Tensor, dim: int) -> Tensor:
        """Return each image from its own place `move` on, along one dimension."""
        last = x.shape[dim] - 1
        places = torch.arange(last + 1, device=x.device) + move[:, None]
        inside = (places >= 0) & (places <= last)
        if self.frame == "mirrored":
            places = last - (last - places.abs()).abs()
        shape = [len(x), 1, 1, 1]
        shape[dim] = last + 1
        index = places.clamp(0, last).reshape(shape).expand(x.shape)
        found = torch.gather(x, dim, index)
        return found * inside.reshape(shape) if self.frame == "zeros" else found
