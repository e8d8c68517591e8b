"""LeNet in its form of today, as experiment C has it."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F

from hikaku.models.zoo._image import image


def lenet(inputs: tuple[int, ...], classes: int) -> nn.Module:
    """LeNet with ReLU and max-pooling, as experiment C has it: 5 × 5 convolutions of 6 and 16."""
    return LeNet(inputs, classes)


class LeNet(nn.Module):
    """Two 5 × 5 convolutions (6 and 16 channels) with pooling, then dense 120, 84, head."""

    def __init__(self, inputs: tuple[int, ...], classes: int) -> None:
        super().__init__()
        depth, height, width = image("lenet", inputs, 16)
        rows, columns = (((side - 4) // 2 - 4) // 2 for side in (height, width))
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
