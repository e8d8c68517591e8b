"""A convolution in bfloat16 with the 2 × 2 max-pooling that follows it, a few images at a time.

What `amx` does not take, or where there is none: torch's own convolutions are made for such
products, and what is between them stays in a processor's cache, but where the images want a
gradient: that is made of all at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function
from torch.nn import functional as F

from hikaku.training.kernels import convolution, pool
from hikaku.training.kernels.autograd import INFINITY, again, bits, by_torch, empty, unpooled
from hikaku.training.kernels.convolution import Pads

BLOCK = 2 << 20
"""Bytes of a convolution's result, or of its gradient, that are made at a time; constant, for bits
hang on it."""


class ConvolvedPoolInBlocks(Function):
    """`F.max_pool2d(z, 2)` of z = F.conv2d(x, weight, bias, padding=pads), or of F.relu(z)."""

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, weight: Tensor, bias: Tensor | None, pads: Pads, floor: float
    ) -> Tensor:
        """Return the pooled images, (n, kernels, height // 2, width // 2)."""
        n, kernels, height, width = convolution.size_of(x, weight, pads)
        y = empty(n, kernels, height // 2, width // 2, x)
        places = torch.empty((n, height // 2, width // 2, kernels), dtype=torch.int8)
        loop = pool.relu_pool if floor == 0 else pool.max_pool
        size = torch.Size((n, kernels, height, width))
        for some in blocks(size, x, BLOCK):
            z = F.conv2d(x[some], weight, bias, padding=pads)
            z = z.contiguous(memory_format=torch.channels_last)
            loop(bits(z), INFINITY[x.dtype], bits(y[some]), places[some].numpy())
        ctx.save_for_backward(x, weight, bias, places)
        ctx.pads, ctx.floor, ctx.size = pads, floor, size
        return y

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> tuple[Tensor | None, ...]:
        """Return the gradients of images, weight and bias."""
        x, weight, bias, places = ctx.saved_tensors
        if torch.is_grad_enabled():

            def by_hand(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
                return by_torch(F.conv2d(x, weight, bias, padding=ctx.pads), ctx.floor, True)

            return (*again(by_hand, (x, weight, bias), g), None, None)
        if ctx.needs_input_grad[0]:
            slope, wanted = unpooled(g, places, ctx.size), ctx.needs_input_grad[:3]
            return (*slopes(slope, x, weight, ctx.pads, wanted), None, None)
        sums = [torch.zeros_like(weight, dtype=torch.float32), torch.zeros(len(weight))]
        g = g.contiguous(memory_format=torch.channels_last)
        for some in blocks(ctx.size, x, BLOCK):
            size = torch.Size((len(g[some]), *ctx.size[1:]))
            slope, wanted = unpooled(g[some], places[some], size), ctx.needs_input_grad[:3]
            found = slopes(slope, x[some], weight, ctx.pads, wanted)
            for total, one in zip(sums, found[1:], strict=True):
                if one is not None:
                    total += one
        given = zip(sums, (weight, bias), strict=True)
        return (None, *(v if v is None else total.to(v.dtype) for total, v in given), None, None)


def blocks(size: torch.Size, like: Tensor, most: int) -> Iterator[slice]:
    """Return which images of this size are done together, in `most` bytes."""
    step = max(1, most // (size[1:].numel() * like.element_size()))
    return (slice(start, start + step) for start in range(0, size[0], step))


def slopes(
    slope: Tensor, x: Tensor, weight: Tensor, pads: Pads, wanted: Sequence[bool]
) -> tuple[Tensor | None, ...]:
    """Return the gradients of images, weight and bias, those that are wanted, from the result's."""
    found: tuple[Tensor | None, ...] = torch.ops.aten.convolution_backward(
        slope, x, weight, [len(weight)], [1, 1], pads, [1, 1], False, [0, 0], 1, wanted
    )  # fmt: skip
    return found


def convolved(
    x: Tensor, weight: Tensor, bias: Tensor | None, pads: Pads, *, rectifies: bool
) -> Tensor:
    """Return the images convolved and pooled, with ReLU between where it `rectifies`."""
    floor = 0.0 if rectifies else float("-inf")
    found: Tensor = ConvolvedPoolInBlocks.apply(x, weight, bias, pads, floor)  # type: ignore[no-untyped-call]  # torch leaves it so
    return found
