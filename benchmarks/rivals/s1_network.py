"""The network of S1 in PyTorch: 784-100×5-10, batch norm as the book has it where asked for."""

from __future__ import annotations

from torch import nn


def network(scale: float, normed: bool) -> nn.Sequential:
    layers: list[nn.Module] = []
    for inputs in (784, 100, 100, 100, 100):
        layers.append(nn.Linear(inputs, 100))
        if normed:
            norm = nn.BatchNorm1d(100, eps=1e-6, momentum=0.1)
            nn.init.zeros_(norm.running_var)
            layers.append(norm)
        layers.append(nn.ReLU())
    layers.append(nn.Linear(100, 10))
    for layer in layers:
        if isinstance(layer, nn.Linear):
            nn.init.normal_(layer.weight, std=scale)
            nn.init.zeros_(layer.bias)
    return nn.Sequential(*layers)
