"""A convolution with the batch norm that follows it, as one function that autograd knows.

On the way back nothing that is as large as the convolution's result is made: its gradient is made,
and used up, for a few images at a time, which stay in a processor's cache.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function

from hikaku.training.kernels.amx import autograd as amx
from hikaku.training.kernels.autograd import (
    Back,
    Statistics,
    again,
    figures_of,
    norm_by_torch,
    normed,
)
from hikaku.training.kernels.blocks import blocks, slopes
from hikaku.training.kernels.convolution import Pads

BLOCK = 4 << 20
"""Bytes of the convolution's gradient that are made at a time: a constant, for the order in which
the weight's is added up hangs on it."""


class NormedConvolution(Function):
    """Batch norm of z = F.conv2d(x, weight, bias, padding=pads), at least `floor`, maybe pooled.

    `z` and its statistics are known. Gradients are mathematically those of torch. That of `bias` is
    zero: the norm takes away what it adds.
    """

    @staticmethod
    def forward(  # noqa: PLR0913 - a function of autograd takes all in a row
        ctx: Any,
        x: Tensor,
        weight: Tensor,
        bias: Tensor | None,
        scale: Tensor | None,
        shift: Tensor | None,
        z: Tensor,
        seen: Statistics,
        pads: Pads,
        floor: float,
        pools: bool,
        by_amx: bool,
    ) -> Tensor:
        """Return normalised images, pooled ones where `pools` is true; `by_amx` the way back."""
        ctx.seen, ctx.pads, ctx.floor, ctx.pools = seen, pads, floor, pools
        ctx.by_amx = by_amx
        y, *kept = normed(z, figures_of(scale, shift, seen), floor, pools)
        ctx.save_for_backward(x, weight, bias, scale, shift, z, *kept)
        return y

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> tuple[Tensor | None, ...]:
        """Return the gradients of images, weight, bias, scale and shift."""
        given, (z, *kept) = ctx.saved_tensors[:5], ctx.saved_tensors[5:]
        if torch.is_grad_enabled():
            by_hand = norm_by_torch(ctx.pads, ctx.seen.eps, ctx.floor, pools=ctx.pools)
            return (*again(by_hand, given, g), *[None] * 6)
        x, weight, bias, scale, shift = given
        back = Back.of(g, z, scale, shift, ctx.seen, ctx.floor, kept)
        wants_x, wants_weight = ctx.needs_input_grad[:2]
        dx = torch.empty_like(x) if wants_x else None
        # In bfloat16 each block's is rounded, their sum is not.
        kind = torch.promote_types(weight.dtype, torch.float32)
        dweight = torch.zeros_like(weight, dtype=kind)
        differentiate = amx.slopes if ctx.by_amx else slopes
        for some in blocks(z.shape, z, BLOCK):
            slope = torch.empty_like(z[some])
            back.write(some, slope)
            wanted = wants_x, wants_weight, False
            ours, weights, _ = differentiate(slope, x[some], weight, ctx.pads, wanted)
            if weights is not None:
                dweight += weights
            if dx is not None and ours is not None:
                dx[some] = ours
        none = None if bias is None else torch.zeros_like(bias)
        return (dx, dweight.to(weight.dtype), none, back.weight, back.bias, *[None] * 6)


def convolved_norm(*given: Any) -> Tensor:
    """Return images convolved and normalised as `NormedConvolution` does."""
    found: Tensor = NormedConvolution.apply(*given)  # type: ignore[no-untyped-call]  # torch leaves it so
    return found
