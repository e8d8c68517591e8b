"""The convolutional network of experiment A: small, and for images of any size."""

from __future__ import annotations

import math

from torch import Tensor, nn

from hikaku.models.zoo._image import image
from hikaku.study.card import Counts, PositiveCount


def small_cnn(
    inputs: tuple[int, ...],
    classes: int,
    channels: Counts = (32, 64, 128),
    dense: PositiveCount = 128,
) -> nn.Module:
    """3 × 3 convolutions with ReLU and 2 × 2 pooling, one dense layer, the head; any input size."""
    return SmallCNN(inputs, classes, channels, dense)


class SmallCNN(nn.Module):
    """The network of experiment A: (conv, ReLU, max-pool) per entry of `channels`, two dense."""

    def __init__(
        self, inputs: tuple[int, ...], classes: int, channels: tuple[int, ...], dense: int
    ) -> None:
        super().__init__()
        depth, *sides = image("small-cnn", inputs)
        blocks: list[nn.Module] = []
        for before, after in zip((depth, *channels), channels, strict=False):
            # A side of 1 is not halved again: small images simply pool less often.
            pool = tuple(2 if side > 1 else 1 for side in sides)
            sides = [side // size for side, size in zip(sides, pool, strict=True)]
            conv = nn.Conv2d(before, after, 3, padding=1)
            blocks.append(nn.Sequential(conv, nn.ReLU(), nn.MaxPool2d(pool)))
        self.conv = nn.Sequential(*blocks)
        self.flatten = nn.Flatten()
        self.fc1 = nn.Linear(math.prod(sides) * (channels or (depth,))[-1], dense)
        self.relu = nn.ReLU()
        self.fc2 = nn.Linear(dense, classes)

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits, (batch, classes), of images (batch, channels, height, width)."""
        logits: Tensor = self.fc2(self.relu(self.fc1(self.flatten(self.conv(x)))))
        return logits
