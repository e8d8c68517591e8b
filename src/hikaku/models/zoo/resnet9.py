"""ResNet-9: the fast residual network of the DAWNBench contest for CIFAR-10.

Source: D. Page, How to Train Your ResNet, 2018. The logits are divided by 8, and the head has no
bias, as there.
"""

from __future__ import annotations

from torch import Tensor, nn

from hikaku.models.zoo._image import image
from hikaku.study.card import PositiveCount

LOGITS = 0.125
"""What the head's answer is multiplied by: the first losses would be too large without it."""


def resnet9(inputs: tuple[int, ...], classes: int, width: PositiveCount = 64) -> nn.Module:
    """ResNet-9: eight convolutions with batch norm, two residual blocks, max-pooling, the head."""
    depth, height, columns = image("resnet9", inputs, 8)
    return nn.Sequential(
        _conv(depth, width),
        _conv(width, 2 * width, nn.MaxPool2d(2)),
        Residual(2 * width),
        _conv(2 * width, 4 * width, nn.MaxPool2d(2)),
        _conv(4 * width, 8 * width, nn.MaxPool2d(2)),
        Residual(8 * width),
        nn.MaxPool2d((height // 8, columns // 8)),
        nn.Flatten(),
        nn.Linear(8 * width, classes, bias=False),
        Times(LOGITS),
    )


def _conv(before: int, after: int, *pool: nn.Module) -> nn.Module:
    """A 3 × 3 convolution, batch norm, ReLU, and the pooling that is given."""
    layer = nn.Conv2d(before, after, 3, padding=1, bias=False)
    return nn.Sequential(layer, nn.BatchNorm2d(after), nn.ReLU(), *pool)


class Residual(nn.Module):
    """Two convolutions of the same width, added to their input."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.convs = nn.Sequential(_conv(width, width), _conv(width, width))

    def forward(self, x: Tensor) -> Tensor:
        """Return an array of the shape of `x`."""
        y: Tensor = self.convs(x)
        return x + y


class Times(nn.Module):
    """Multiplies by a constant."""

    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, x: Tensor) -> Tensor:
        """Return `factor` times `x`."""
        return self.factor * x
