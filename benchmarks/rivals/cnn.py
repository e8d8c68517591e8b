"""The networks of S2 and S3 in PyTorch, and CIFAR-10 as torchvision hands it out."""

from __future__ import annotations

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torch.utils.data import Dataset


def small_cnn(shape: tuple[int, ...] = (3, 32, 32)) -> nn.Sequential:
    """Return the network of experiment A."""
    depth, side, _ = shape
    layers: list[nn.Module] = []
    for before, after in ((depth, 32), (32, 64), (64, 128)):
        layers += [nn.Conv2d(before, after, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
        side //= 2
    layers += [nn.Flatten(), nn.Linear(128 * side * side, 128), nn.ReLU(), nn.Linear(128, 10)]
    return nn.Sequential(*layers)


class LeNet(nn.Module):
    def __init__(self, dropout: float) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 6, 5), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        )  # fmt: skip  # a line for each block
        drop = [nn.Dropout(dropout)] if dropout else []
        self.head = nn.Sequential(
            *drop, nn.Linear(400, 120), nn.ReLU(),
            *drop, nn.Linear(120, 84), nn.ReLU(),
            *drop, nn.Linear(84, 10),
        )  # fmt: skip  # as above

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.features(x))


class Pictures(Dataset):
    """Images that become PIL's and then tensors, one at a time, as torchvision's CIFAR10 does."""

    def __init__(self, images: np.ndarray, labels: np.ndarray) -> None:
        self.images = np.ascontiguousarray(images.transpose(0, 2, 3, 1))
        self.labels = labels

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        image = Image.fromarray(self.images[index])
        x = torch.from_numpy(np.array(image, copy=True)).permute(2, 0, 1).contiguous()
        return x.to(torch.float32).div(255), int(self.labels[index])
