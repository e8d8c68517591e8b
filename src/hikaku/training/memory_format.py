"""How images and kernels lie in memory: channels last where a model convolves.

Convolution and pooling on CPU run several times faster so. Of a tensor with one channel PyTorch
cannot tell the two formats apart: images get their strides by force, or it would fall back to
the slow one; kernels are left as the update leaves them, so that a state that comes back from a
file computes the same bits.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from hikaku.techniques.slots import Input

IMAGES = 4
"""Dimensions of a batch of images, and of a kernel that convolves them."""


def kernel(value: Tensor) -> Tensor:
    """Return a kernel, (out, in, height, width), channels last; other tensors as they are."""
    if value.dim() != IMAGES:
        return value
    return value.contiguous(memory_format=torch.channels_last)


def images(value: Tensor) -> Tensor:
    """Return images, (n, channels, height, width), with the strides of channels last."""
    if value.dim() != IMAGES:
        return value
    formatted = torch.empty(
        value.shape, dtype=value.dtype, device=value.device, memory_format=torch.channels_last
    )
    return formatted.copy_(value)


def rows(x: Input, index: Tensor) -> Input:
    """Return these samples of `x`, (n, …), in the memory format of `x`."""
    if isinstance(x, dict):
        return {name: array[index] for name, array in x.items()}
    chosen = x[index]
    return images(chosen) if x.dim() == IMAGES and x.stride(1) == 1 else chosen


def chunked(x: Input, size: int) -> Iterator[Input]:
    """Yield `x` in pieces of at most `size` samples."""
    if not isinstance(x, dict):
        yield from torch.split(x, size)
        return
    pieces = zip(*(torch.split(array, size) for array in x.values()), strict=True)
    yield from (dict(zip(x, piece, strict=True)) for piece in pieces)


def convolves(model: nn.Module) -> bool:
    """Return whether the model holds a kernel that convolves images."""
    return any(value.dim() == IMAGES for value in model.parameters())
