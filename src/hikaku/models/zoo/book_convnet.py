"""The simple convolutional network of the book "Deep Learning from Scratch", chapter 7.

Source: K. Saitoh, Deep Learning from Scratch, O'Reilly Japan, 2016: `SimpleConvNet`, as
experiment E5 trains it. The book's first weights are normal with deviation 0.01 and its biases 0:
the technique `normal`.
"""

from __future__ import annotations

from torch import nn

from hikaku.models.zoo._image import image
from hikaku.study.card import PositiveCount


def book_convnet(
    inputs: tuple[int, ...],
    classes: int,
    channels: PositiveCount = 30,
    kernel: PositiveCount = 5,
    dense: PositiveCount = 100,
) -> nn.Module:
    """The book's SimpleConvNet: conv 5 × 5, no padding, ReLU, 2 × 2 pooling, dense, ReLU, head."""
    depth, *sides = image("book-convnet", inputs, kernel + 1)
    rows, columns = ((side - kernel + 1) // 2 for side in sides)
    return nn.Sequential(
        nn.Conv2d(depth, channels, kernel),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(channels * rows * columns, dense),
        nn.ReLU(),
        nn.Linear(dense, classes),
    )
