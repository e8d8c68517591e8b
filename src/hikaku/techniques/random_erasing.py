"""Random erasing: a rectangle of noise over some images.

Like cutout, but with a chance, of random size and shape, filled with normal noise, so that nothing
is to be learnt from the fill.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from hikaku.study.card import Card, Fraction, StaticFraction
from hikaku.techniques.slots import Moment

CARD = Card(
    slot="augment",
    family="augmentation",
    claim="Erasing parts by chance makes networks robust to occlusion.",
    formula="x ← noise in a rectangle of 2 to 33 % of the image, with probability p",
    paper="Zhong et al. 2020, Random Erasing Data Augmentation, AAAI, arXiv:1708.04896",
    year=2020,
    helps="Photographs, persons.",
    hurts="Short trainings; small objects.",
    cost="Noise for every pixel.",
    pitfalls="The noise has spread 1: normalise the data.",
    off={"p": 0.0},
    needs="images",
    version=2,
)


@dataclass(frozen=True)
class RandomErasing:
    """Fill a random rectangle of each image with noise, with probability `p`."""

    p: Fraction = 0.5
    smallest: StaticFraction = 0.02
    largest: StaticFraction = 0.33

    def change(self, x: Tensor, y: Tensor, moment: Moment) -> tuple[Tensor, Tensor]:
        """Return the batch, (n, channels, height, width), changed; targets stay."""
        u = moment.draws.uniform("erasing", (len(x), 5)).to(x.device)
        height, width = x.shape[-2:]
        area = (self.smallest + (self.largest - self.smallest) * u[:, 0]) * height * width
        shape = torch.exp((2 * u[:, 1] - 1) * LONGEST)
        down = _inside((area * shape).sqrt(), u[:, 2], height)
        across = _inside((area / shape).sqrt(), u[:, 3], width)
        hidden = down[:, None, :, None] & across[:, None, None, :]
        hidden = hidden & (u[:, 4] < self.p)[:, None, None, None]
        noise = moment.draws.normal("erasing noise", tuple(x.shape)).to(x.device, x.dtype)
        return torch.where(hidden, noise, x), y


LONGEST = 1.2039728043259361
"""The logarithm of 1 / .3: the sides of a rectangle are at most in this proportion."""


def _inside(length: Tensor, u: Tensor, side: int) -> Tensor:
    """Return which of `side` places a length covers that begins by chance: (n, side)."""
    length = length.round().clamp(1, side)
    begin = torch.floor(u * (side - length + 1))
    places = torch.arange(side, device=u.device)
    return (places >= begin[:, None]) & (places < (begin + length)[:, None])
