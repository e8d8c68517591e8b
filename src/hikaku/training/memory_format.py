"""How images and kernels lie in memory: channels last where a model convolves.

Convolution and pooling on CPU run several times faster so. Strides are set by force: of a tensor
with one channel PyTorch cannot tell the two formats apart, and would fall back to the slow one.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

IMAGES = 4
"""Dimensions of a batch of images, and of a kernel that convolves them."""


def channels_last(value: Tensor) -> Tensor:
    """Return a tensor of four dimensions with the strides of channels last; others as they are."""
    if value.dim() != IMAGES:
        return value
    formatted = torch.empty(value.shape, dtype=value.dtype, memory_format=torch.channels_last)
    return formatted.copy_(value)


def convolves(model: nn.Module) -> bool:
    """Return whether the model holds a kernel that convolves images."""
    return any(value.dim() == IMAGES for value in model.parameters())
