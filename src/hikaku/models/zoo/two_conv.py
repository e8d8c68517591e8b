"""The network of experiment E7: two convolutions and one wide dense layer.

It is the first block of the convolutional example that Keras has long shipped for CIFAR-10, with
that example's dense layer. Keras starts from Glorot uniform weights and zero biases: the technique
`xavier-uniform`.
"""

from __future__ import annotations

from torch import nn

from hikaku.models.zoo._image import image
from hikaku.study.card import PositiveCount


def two_conv(
    inputs: tuple[int, ...],
    classes: int,
    channels: PositiveCount = 32,
    dense: PositiveCount = 512,
) -> nn.Module:
    """Two 3 × 3 convolutions, the first one padded, 2 × 2 pooling, one dense layer, the head."""
    depth, *sides = image("two-conv", inputs, 4)
    rows, columns = ((side - 2) // 2 for side in sides)
    return nn.Sequential(
        nn.Conv2d(depth, channels, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(channels, channels, 3),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(channels * rows * columns, dense),
        nn.ReLU(),
        nn.Linear(dense, classes),
    )
