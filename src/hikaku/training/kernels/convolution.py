"""A convolution with the 2 × 2 max-pooling that follows it, as one function that autograd knows.

What stands between them is never in memory, and of its gradient no zero is.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.autograd import Function
from torch.nn import functional as F

from hikaku.training.kernels import patches, windows
from hikaku.training.kernels.autograd import again, numbers
from hikaku.training.kernels.vector import NUMBERS

LARGEST = 1 << 18
"""Numbers of the largest weight whose gradient is worth it: more do not stay in a core's cache."""
TALLEST = 11
"""Rows of the tallest kernel: more would not stay in a processor's registers."""

Pads = tuple[int, int]


def fits(x: Tensor, weight: Tensor, pads: Pads) -> bool:
    """Return whether this convolution, of one stride, can be joined with its pooling."""
    is_small = weight.numel() <= LARGEST and weight.shape[2] <= TALLEST
    # Of a single channel nobody can tell whether it lies last.
    return is_small and len(weight) > 1 and min(size_of(x, weight, pads)[2:]) > 1


def size_of(x: Tensor, weight: Tensor, pads: Pads) -> torch.Size:
    """Return the shape of what the convolution gives."""
    sides = (
        side + 2 * pad - kernel + 1
        for side, pad, kernel in zip(x.shape[2:], pads, weight.shape[2:], strict=True)
    )
    return torch.Size((len(x), len(weight), *sides))


class ConvolvedPool(Function):
    """`F.max_pool2d(z, 2)` of z = F.conv2d(x, weight, bias, padding=pads), or of F.relu(z).

    Gradients are mathematically those of torch; their sums run in another order.
    """

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, weight: Tensor, bias: Tensor | None, pads: Pads, rectifies: bool
    ) -> Tensor:
        """Return the pooled images, (n, kernels, height // 2, width // 2)."""
        n, kernels, height, width = size_of(x, weight, pads)
        shape, (many, vectors) = (n, height // 2, width // 2, kernels), windows.together(kernels)
        size, spare = n * (height // 2) * (width // 2) * kernels, vectors * NUMBERS
        y, places = x.new_empty(size + spare), torch.empty(size + spare, dtype=torch.int8)
        floor, none = (0.0, 4) if rectifies else (float("-inf"), 0)
        windows.convolving(many, vectors)(
            numbers(x), *_grouped(weight, bias, spare), pads, (kernels, *weight.shape[2:]),
            x.new_tensor(floor).numpy()[()], none, y.numpy(), places.numpy(),
        )  # fmt: skip
        y, places = (flat[:size].view(shape) for flat in (y, places))
        ctx.save_for_backward(x, weight, bias, places)
        ctx.pads, ctx.rectifies = pads, rectifies
        return y.permute(0, 3, 1, 2).detach()

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> tuple[Tensor | None, ...]:
        """Return the gradients of images, weight and bias."""
        x, weight, bias, places = ctx.saved_tensors
        if torch.is_grad_enabled():

            def by_hand(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
                z = F.conv2d(x, weight, bias, padding=ctx.pads)
                return F.max_pool2d(F.relu(z) if ctx.rectifies else z, 2)

            return (*again(by_hand, (x, weight, bias), g), None, None)
        wants_x, wants_weight, wants_bias, *_ = ctx.needs_input_grad
        kernels, channels, rows, columns = weight.shape
        pieces, count = patches.pieces_of(rows, columns * channels)
        row = (x.shape[3] + 2 * ctx.pads[1]) * channels
        strip = patches.strip_of(row, rows, kernels, places.shape[2], x.element_size())
        cut = _cut(weight, pieces, count)
        dweight, dbias = np.zeros_like(cut), np.zeros(kernels, cut.dtype)
        dx = torch.empty_like(x) if wants_x else x
        patches.gradients(rows, count)(
            numbers(x), numbers(g.contiguous(memory_format=torch.channels_last)), places.numpy(),
            cut, ctx.pads, min(strip, places.shape[1]), wants_x, dweight, dbias, numbers(dx),
        )  # fmt: skip
        return (
            dx if wants_x else None,
            _joined(dweight, weight, count) if wants_weight else None,
            torch.from_numpy(dbias) if wants_bias else None,
            None,
            None,
        )


def convolved(
    x: Tensor, weight: Tensor, bias: Tensor | None, pads: Pads, *, rectifies: bool
) -> Tensor:
    """Return the images convolved and pooled, with ReLU between where it `rectifies`."""
    found: Tensor = ConvolvedPool.apply(x, weight, bias, pads, rectifies)  # type: ignore[no-untyped-call]  # torch leaves it so
    return found


def _grouped(weight: Tensor, bias: Tensor | None, group: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return weight and bias by groups of kernels, (groups, …, group), flat, zeros at the end."""
    kernels, channels, rows, columns = weight.shape
    groups = -(-kernels // group)
    whole = weight.new_zeros(groups * group, rows * columns * channels)
    whole[:kernels] = weight.detach().permute(0, 2, 3, 1).reshape(kernels, -1)
    biases = weight.new_zeros(groups * group)
    if bias is not None:
        biases[:kernels] = bias.detach()
    grouped = whole.view(groups, group, -1).transpose(1, 2).contiguous()
    return grouped.view(-1).numpy(), biases.numpy()


def _cut(weight: Tensor, pieces: int, count: int) -> NDArray[Any]:
    """Return a weight as pieces of its rows, (kernels, pieces, rows, count · NUMBERS), flat."""
    kernels, channels, rows, columns = weight.shape
    whole = weight.new_zeros(kernels, rows, pieces * count * NUMBERS)
    numbers = columns * channels
    whole[:, :, :numbers] = weight.detach().permute(0, 2, 3, 1).reshape(kernels, rows, numbers)
    cut = whole.view(kernels, rows, pieces, -1).transpose(1, 2).contiguous()
    found: NDArray[Any] = cut.view(-1).numpy()
    return found


def _joined(cut: NDArray[Any], like: Tensor, count: int) -> Tensor:
    """Return pieces of the rows of a weight as a weight."""
    kernels, channels, rows, columns = like.shape
    whole = torch.from_numpy(cut).view(kernels, -1, rows, count * NUMBERS).transpose(1, 2)
    rows_of = whole.reshape(kernels, rows, -1)[:, :, : columns * channels]
    return rows_of.reshape(kernels, rows, columns, channels).permute(0, 3, 1, 2)
