"""The small networks of the gallery.

Each factory takes `inputs`, the shape of one sample without the batch, and `classes`, the number
of outputs (1 for regression), then its own settings. Weights are PyTorch's default ones.
"""

from __future__ import annotations

import itertools
import math

from torch import Tensor, nn
from torch.nn import functional as F

from hikaku.study.card import Counts, PositiveCount


def mlp(inputs: tuple[int, ...], classes: int, hidden: Counts = (100, 100)) -> nn.Module:
    """A chain of dense layers with ReLU between them; `hidden` lists their widths."""
    sizes = (math.prod(inputs), *hidden)
    layers: list[nn.Module] = [nn.Flatten()]
    for before, after in itertools.pairwise(sizes):
        layers += [nn.Linear(before, after), nn.ReLU()]
    return nn.Sequential(*layers, nn.Linear(sizes[-1], classes))


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
        depth, *sides = inputs
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


def lenet(inputs: tuple[int, ...], classes: int) -> nn.Module:
    """LeNet with ReLU and max-pooling, as experiment C has it: 5 × 5 convolutions of 6 and 16."""
    return LeNet(inputs, classes)


class LeNet(nn.Module):
    """Two 5 × 5 convolutions (6 and 16 channels) with pooling, then dense 120, 84, head."""

    def __init__(self, inputs: tuple[int, ...], classes: int) -> None:
        super().__init__()
        depth, height, width = inputs
        rows, columns = (((side - 4) // 2 - 4) // 2 for side in (height, width))
        if rows < 1 or columns < 1:
            raise ValueError(
                f"lenet needs images of at least 16 x 16 pixels, not {height} x {width}"
            )
        self.conv1 = nn.Conv2d(depth, 6, 5)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(16 * rows * columns, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, classes)

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits, (batch, classes), of images (batch, channels, height, width)."""
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = x.flatten(1)
        x = F.relu(self.fc1(x))
        x = F.relu(self.fc2(x))
        logits: Tensor = self.fc3(x)
        return logits
