"""How images and kernels lie in memory: channels last where a model convolves.

Convolution and pooling on CPU run several times faster so. Of a tensor with one channel PyTorch
cannot tell the two formats apart: images get their strides by force, or it would fall back to
the slow one; kernels are left as the update leaves them, so that a state that comes back from a
file computes the same bits.

Many images stay the bytes of their file, `Bytes`, and are prepared batch by batch: as float32 they
would take four times the memory, in every worker anew, and the bytes lie in a map that all share.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.utils._pytree import tree_map

from hikaku.data.prepare import Preparation
from hikaku.techniques.slots import Input

IMAGES = 4
"""Dimensions of a batch of images, and of a kernel that convolves them."""
BLOCK = 1 << 16
"""Bytes that are prepared at a time: what is made of them stays in a core's cache."""


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


@dataclass(frozen=True, eq=False)
class Bytes:
    """Samples that are rows of an array of bytes, and become what `prepare` makes of them.

    `raw` is (all, height, width) or (all, channels, height, width), `index`, (n,), the rows that
    are samples. `like` is the first one prepared, (1, channels, height, width), in the type and
    the memory format in which all are taken.
    """

    raw: NDArray[np.uint8]
    index: NDArray[np.int64]
    prepare: Preparation
    like: Tensor

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape that all samples have together when they are taken."""
        return len(self.index), *self.like.shape[1:]

    @property
    def dtype(self) -> torch.dtype:
        """The type of what is taken."""
        return self.like.dtype

    def __len__(self) -> int:
        """Return the number of samples."""
        return len(self.index)

    def holds(self, other: Bytes) -> bool:
        """Return whether these are the samples of the other one, in the same order."""
        same = self.raw.ctypes.data == other.raw.ctypes.data and self.prepare == other.prepare
        return same and self.dtype == other.dtype and np.array_equal(self.index, other.index)

    def __getitem__(self, some: slice) -> Bytes:
        """Return some of the samples, still bytes."""
        return replace(self, index=self.index[some])

    def taken(self, chosen: NDArray[np.int64] | slice) -> Tensor:
        """Return these samples prepared, the same bits as if all had been prepared at once."""
        index = self.index[chosen]
        made = torch.empty(
            (len(index), *self.like.shape[1:]),
            dtype=self.like.dtype,
            memory_format=torch.channels_last if is_formatted(self.like) else None,
        )
        size = max(1, BLOCK // self.raw[0].size)
        for start in range(0, len(index), size):
            block = self.prepare(self.raw[index[start : start + size]])
            assert isinstance(block, np.ndarray)
            made[start : start + size] = torch.from_numpy(block)
        return made


Samples = Input | Bytes
"""The inputs of a split: as the model sees them, or bytes that become so as they are taken."""


def is_formatted(value: Tensor) -> bool:
    """Return whether these are images, channels last."""
    return value.dim() == IMAGES and value.stride(1) == 1


def formatted(x: Samples) -> Samples:
    """Return samples, those that are images with the strides of channels last."""
    if isinstance(x, Bytes):
        return replace(x, like=images(x.like))
    made: Input = tree_map(images, x)
    return made


def rows(x: Samples, index: Tensor) -> Input:
    """Return these samples of `x`, (n, …), in the memory format of `x`."""
    if isinstance(x, Bytes):
        return x.taken(index.numpy())
    if isinstance(x, dict):
        return {name: array[index] for name, array in x.items()}
    chosen = x[index]
    return images(chosen) if is_formatted(x) else chosen


def chunked(x: Samples, size: int) -> Iterator[Input]:
    """Yield `x` in pieces of at most `size` samples."""
    if isinstance(x, Bytes):
        yield from (x.taken(slice(start, start + size)) for start in range(0, len(x), size))
        return
    if not isinstance(x, dict):
        yield from torch.split(x, size)
        return
    pieces = zip(*(torch.split(array, size) for array in x.values()), strict=True)
    yield from (dict(zip(x, piece, strict=True)) for piece in pieces)


def convolves(model: nn.Module) -> bool:
    """Return whether the model holds a kernel that convolves images."""
    return any(value.dim() == IMAGES for value in model.parameters())
