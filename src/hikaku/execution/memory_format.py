"""How images lie in memory: channels last where the model convolves, as the arithmetic says."""

from __future__ import annotations

import torch
from torch import Tensor, nn


def has_convolutions(model: nn.Module) -> bool:
    """Return whether the model holds a weight of four dimensions."""
    return any(value.dim() == 4 for value in model.parameters())


def formatted(x: Tensor, model: nn.Module) -> Tensor:
    """Return images (n, channels, height, width) in the memory format that the model works in."""
    if x.dim() == 4 and has_convolutions(model):
        return x.contiguous(memory_format=torch.channels_last)
    return x
