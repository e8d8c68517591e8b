"""ResNet-18 with a stem for small images, as it is used for CIFAR.

Source: K. He, X. Zhang, S. Ren and J. Sun, Deep Residual Learning for Image Recognition, CVPR
2016: the network for ImageNet with 18 layers. For small images the first convolution is 3 × 3 with
stride 1 (7 × 7 with stride 2), and no pooling follows it. The paper's own networks for CIFAR are
thinner and deeper.
"""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F

from hikaku.models.zoo._image import image
from hikaku.study.card import PositiveCount


def resnet18_cifar(inputs: tuple[int, ...], classes: int, width: PositiveCount = 64) -> nn.Module:
    """ResNet-18 for small images: eight residual blocks of `width` to 8 × `width` channels."""
    return ResNet18(image("resnet18-cifar", inputs)[0], classes, width)


class ResNet18(nn.Module):
    """A 3 × 3 stem, four stages of two blocks, the mean over the picture, the head."""

    def __init__(self, depth: int, classes: int, width: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(depth, width, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(width)
        blocks: list[nn.Module] = []
        for before, after, stride in (
            (width, width, 1),
            (width, 2 * width, 2),
            (2 * width, 4 * width, 2),
            (4 * width, 8 * width, 2),
        ):
            blocks += [Block(before, after, stride), Block(after, after, 1)]
        self.blocks = nn.Sequential(*blocks)
        self.fc = nn.Linear(8 * width, classes)

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits, (batch, classes), of images (batch, channels, height, width)."""
        x = self.blocks(F.relu(self.norm(self.conv(x))))
        logits: Tensor = self.fc(x.mean((2, 3)))
        return logits


class Block(nn.Module):
    """Two 3 × 3 convolutions with batch norm, added to the input, which a 1 × 1 one may fit."""

    def __init__(self, before: int, after: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(before, after, 3, stride, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(after)
        self.conv2 = nn.Conv2d(after, after, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(after)
        self.shortcut = nn.Sequential()
        if before != after or stride != 1:
            self.shortcut = nn.Sequential(
                nn.Conv2d(before, after, 1, stride, bias=False), nn.BatchNorm2d(after)
            )

    def forward(self, x: Tensor) -> Tensor:
        """Return (batch, after, height / stride, width / stride)."""
        y = self.norm2(self.conv2(F.relu(self.norm1(self.conv1(x)))))
        return F.relu(y + self.shortcut(x))
