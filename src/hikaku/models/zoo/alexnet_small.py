"""AlexNet for images of about 32 × 32: its five convolutions, its norm and its dropout.

Source: A. Krizhevsky, I. Sutskever and G. Hinton, ImageNet Classification with Deep Convolutional
Neural Networks, NeurIPS 2012. What is scaled: the channels are those that each of the paper's two
GPUs held, and see one another everywhere; the first kernel is 5 × 5 with stride 1 (11 × 11 with
stride 4); the dense layers have 512 units (4,096). As in the paper: local response norm after the
first two convolutions and ReLUs, pooling 3 × 3 with stride 2 after the first two and the last
convolution, dropout of one half before each dense layer but the head.
"""

from __future__ import annotations

import math

from torch import nn

from hikaku.models.zoo._image import image
from hikaku.study.card import Counts, PositiveCount, Share

KERNELS = (5, 5, 3, 3, 3)
NORMED, POOLED = (0, 1), (0, 1, 4)
"""Which of the five convolutions a norm, and pooling, follows."""


def alexnet_small(
    inputs: tuple[int, ...],
    classes: int,
    channels: Counts = (48, 128, 192, 192, 128),
    dense: PositiveCount = 512,
    p: Share = 0.5,
) -> nn.Module:
    """AlexNet at half its channels for 32 × 32: five convolutions, response norm, dropout `p`."""
    if len(channels) != len(KERNELS):
        raise ValueError(f"alexnet-small has {len(KERNELS)} convolutions, not {len(channels)}")
    depth, *sides = image("alexnet-small", inputs)
    layers: list[nn.Module] = []
    for place, (before, after, kernel) in enumerate(
        zip((depth, *channels), channels, KERNELS, strict=False)
    ):
        layers += [nn.Conv2d(before, after, kernel, padding=kernel // 2), nn.ReLU()]
        if place in NORMED:
            # PyTorch divides alpha by the size of the window, the paper does not.
            layers.append(nn.LocalResponseNorm(5, alpha=5e-4, beta=0.75, k=2.0))
        if place in POOLED:
            layers.append(nn.MaxPool2d(3, stride=2, padding=1))
            sides = [(side + 1) // 2 for side in sides]
    return nn.Sequential(
        *layers,
        nn.Flatten(),
        nn.Dropout(p),
        nn.Linear(channels[-1] * math.prod(sides), dense),
        nn.ReLU(),
        nn.Dropout(p),
        nn.Linear(dense, dense),
        nn.ReLU(),
        nn.Linear(dense, classes),
    )
