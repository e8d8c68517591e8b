"""Random shift: every image moved by a few pixels.

The content moves by up to `most` pixels in each direction, and zeros come in at the border: the
padded random crop of the CIFAR recipes. Convolutions with pooling are used to small shifts anyway;
dense networks learn them only this way. Zeros are the mean colour where the data is centred.
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
    claim="Shifted images teach that places do not matter.",
    formula="x ← x moved by (i, j), i and j whole numbers of −most … most",
    paper="Simard, Steinkraus & Platt 2003, Best Practices for Convolutional Neural Networks "
    "Applied to Visual Document Analysis, ICDAR; He et al. 2016, arXiv:1512.03385 (pad "
    "4, crop)",
    year=2003,
    helps="Small images of one object: MNIST, CIFAR.",
    hurts="Where the place tells something.",
    cost="A gather per image.",
    pitfalls="What comes in at the border is 0: the mean only where the data is centred.",
    needs="images",
)


@dataclass(frozen=True)
class Shift:
    """Move each image by up to `most` whole pixels up, down, left and right."""

    most: PositiveCount = 4

    def change(self, x: Tensor, y: Tensor, moment: Moment) -> tuple[Tensor, Tensor]:
        """Return the batch, (n, channels, height, width), changed; targets stay."""
        steps = 2 * self.most + 1
        u = moment.draws.uniform("shift", (len(x), 2)).to(x.device)
        down, right = (torch.floor(u * steps) - self.most).long().unbind(1)
        return _moved(_moved(x, down, 2), right, 3), y


def _moved(x: Tensor, by: Tensor, dim: int) -> Tensor:
    """Return images moved along a dimension, each by its own whole number of pixels."""
    size = x.shape[dim]
    places = torch.arange(size, device=x.device) - by[:, None]
    inside = (places >= 0) & (places < size)
    shape = [len(x), 1, 1, 1]
    shape[dim] = size
    index = places.clamp(0, size - 1).reshape(shape).expand(x.shape)
    return torch.gather(x, dim, index) * inside.reshape(shape)
