"""Convolutions in bfloat16 and what follows them by AMX, as functions that autograd knows.

Sums run in float32, and are rounded once: after the bias or the norm, ReLU and pooling.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.autograd import Function
from torch.nn import functional as F

from hikaku.training.kernels.amx import convolve, differentiate
from hikaku.training.kernels.amx.lines import Layout, layout_of
from hikaku.training.kernels.amx.units import DEPTH, ROWS, shapes
from hikaku.training.kernels.autograd import (
    Statistics,
    again,
    bits,
    by_torch,
    empty,
    figures_of,
    norm_by_torch,
    normed,
    slopes_of_norm,
)
from hikaku.training.kernels.convolution import Pads, size_of

LAST = torch.channels_last
Array = NDArray[Any]
_NOTHING = np.empty(0, np.int16)
CHEAP = 3
"""Tiles that a sum runs over, if making it again is quicker than fetching it from memory."""


def fits(weight: Tensor, pads: Pads, *, learn: bool) -> bool:
    """Return whether a convolution of one stride can be done so, whose images may `learn`."""
    inside = all(pad < side for pad, side in zip(pads, weight.shape[2:], strict=True))
    return inside and len(weight) % ROWS == 0 and (weight.shape[1] % ROWS == 0 or not learn)


def is_even(x: Tensor, weight: Tensor, pads: Pads) -> bool:
    """Return whether no number of a convolution is left over by pooling."""
    return all(side % 2 == 0 for side in size_of(x, weight, pads)[2:])


def is_better_made_anew(x: Tensor, weight: Tensor, pads: Pads) -> bool:
    """Return whether a convolution with a norm and pooling behind is made anew, and not kept."""
    rows, columns = weight.shape[2:]
    is_cheap = rows * -(-columns * weight.shape[1] // DEPTH) <= CHEAP
    return is_cheap and is_even(x, weight, pads)


class ConvolvedPool(Function):
    """`F.max_pool2d(z, 2)` of z = F.conv2d(x, weight, bias, padding=pads), or of F.relu(z)."""

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, weight: Tensor, bias: Tensor | None, pads: Pads, floor: float
    ) -> Tensor:
        """Return the pooled images, (n, kernels, height // 2, width // 2)."""
        convolution = Convolution(x, weight, pads)
        y, places = convolution.pooled_like()
        convolution.make(convolve.POOLED, _added(weight, bias), floor, y, places=places)
        ctx.save_for_backward(x, weight, bias, places)
        ctx.pads, ctx.floor = pads, floor
        return y

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> tuple[Tensor | None, ...]:
        """Return the gradients of images, weight and bias."""
        x, weight, bias, places = ctx.saved_tensors
        if torch.is_grad_enabled():

            def by_hand(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
                return by_torch(F.conv2d(x, weight, bias, padding=ctx.pads), ctx.floor, True)

            return (*again(by_hand, (x, weight, bias), g), None, None)
        convolution, wanted = Convolution(x, weight, ctx.pads), ctx.needs_input_grad
        dx, dweight, dbias = convolution.slopes(differentiate.POOLED, g, wanted, places)
        return dx, _as(dweight, weight), _as(dbias, bias), None, None


def pooled(
    x: Tensor, weight: Tensor, bias: Tensor | None, pads: Pads, *, rectifies: bool
) -> Tensor:
    """Return the images convolved and pooled, with ReLU between where it `rectifies`."""
    floor = 0.0 if rectifies else float("-inf")
    found: Tensor = ConvolvedPool.apply(x, weight, bias, pads, floor)  # type: ignore[no-untyped-call]  # torch leaves it so
    return found


def convolved(x: Tensor, weight: Tensor, bias: Tensor | None, pads: Pads) -> Tensor:
    """Return the images convolved, without a history."""
    n, kernels, height, width = size_of(x, weight, pads)
    y = empty(n, kernels, height, width, x)
    Convolution(x, weight, pads).make(convolve.WHOLE, _added(weight, bias), y=y)
    return y


def slopes(
    g: Tensor, x: Tensor, weight: Tensor, pads: Pads, wanted: Sequence[bool]
) -> tuple[Tensor | None, ...]:
    """Return the gradients of images and weight, those that are wanted, from the result's."""
    return *Convolution(x, weight, pads).slopes(differentiate.WHOLE, g, wanted)[:2], None


def observed(
    x: Tensor, weight: Tensor, bias: Tensor | None, pads: Pads, eps: float, *, keeps: bool
) -> tuple[Tensor | None, Statistics]:
    """Return the images convolved, without a history, if it `keeps` them, and their statistics.

    Of those that are kept the statistics are as they are kept, in bfloat16.
    """
    n, kernels, height, width = size_of(x, weight, pads)
    figures, seen, first = _added(weight, bias), np.zeros((3, kernels)), np.zeros((3, kernels))
    # About what the mean is, squares lose no digits: that of the first image is near enough.
    Convolution(x[:1], weight, pads).make(convolve.SEEN, figures, seen=first)
    seen[0] = (first[1] / (height * width)).astype(np.float32)
    y = empty(n, kernels, height, width, x) if keeps else None
    kind = convolve.KEPT if keeps else convolve.SEEN
    Convolution(x, weight, pads).make(kind, figures, y=y, seen=seen)
    apart, squares = seen[1:] / (n * height * width)
    variance = np.maximum(squares - apart**2, 0)
    return y, Statistics(seen[0] + apart, variance, 1 / np.sqrt(variance + eps), eps)


class ConvolvedNormPool(Function):
    """2 × 2 max-pooling of max(batch norm of F.conv2d(x, weight, bias, padding=pads), `floor`).

    The convolution is `z` or, where that is None, made anew wherever it is wanted. `bias` has the
    gradient zero, for the norm takes it away.
    """

    @staticmethod
    def forward(  # noqa: PLR0913 - a function of autograd takes all in a row
        ctx: Any,
        x: Tensor,
        weight: Tensor,
        bias: Tensor | None,
        scale: Tensor | None,
        shift: Tensor | None,
        z: Tensor | None,
        seen: Statistics,
        pads: Pads,
        floor: float,
    ) -> Tensor:
        """Return the pooled images, (n, kernels, height // 2, width // 2)."""
        figures = figures_of(scale, shift, seen)
        if z is None:
            figures[0] -= _added(weight, bias)[2]  # the sums that are normalised have none
            convolution = Convolution(x, weight, pads)
            y, places = convolution.pooled_like()
            kept = torch.empty_like(y)
            convolution.make(convolve.NORMED, figures, floor, y, kept, places)
        else:
            y, kept, places = normed(z, figures, floor, True)
        ctx.save_for_backward(x, weight, bias, scale, shift, z, kept, places)
        ctx.seen, ctx.pads, ctx.floor, ctx.figures = seen, pads, floor, figures
        return y

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> tuple[Tensor | None, ...]:
        """Return the gradients of images, weight, bias, scale and shift."""
        given, (z, kept, places) = ctx.saved_tensors[:5], ctx.saved_tensors[5:]
        if torch.is_grad_enabled():
            by_hand = norm_by_torch(ctx.pads, ctx.seen.eps, ctx.floor, pools=True)
            return (*again(by_hand, given, g), *[None] * 4)
        x, weight, bias, scale, shift = given
        convolution, g = Convolution(x, weight, ctx.pads), g.contiguous(memory_format=LAST)
        size, figures = size_of(x, weight, ctx.pads), ctx.figures.copy()
        if z is None:
            figures[0] = 0  # what was kept is less the mean
        figures, dscale, dshift = slopes_of_norm(
            kept, g, figures, (scale, shift), ctx.seen.invstd, ctx.floor, size.numel() // size[1]
        )
        figures[0] = ctx.figures[0]
        kind = differentiate.NORMED_ANEW if z is None else differentiate.NORMED
        dx, dweight, _ = convolution.slopes(kind, g, ctx.needs_input_grad, places, figures, z)
        none = None if bias is None else torch.zeros_like(bias)
        return dx, _as(dweight, weight), none, dscale, dshift, *[None] * 4


def convolved_norm_pool(*given: Any) -> Tensor:
    """Return images convolved, normalised and pooled as `ConvolvedNormPool` does."""
    found: Tensor = ConvolvedNormPool.apply(*given)  # type: ignore[no-untyped-call]  # torch leaves it so
    return found


@dataclass(frozen=True)
class Convolution:
    """Images, a weight, and the padding: what the loops are told of them."""

    x: Tensor
    weight: Tensor
    pads: Pads

    @property
    def sides(self) -> tuple[int, int]:
        """Rows and columns of a kernel."""
        rows, columns = self.weight.shape[2:]
        return rows, columns

    def layout(self) -> Layout:
        """Return how the images lie."""
        _, channels, height, width = self.x.shape
        return layout_of((height, width, channels), len(self.weight), self.sides, self.pads)

    def pooled_like(self) -> tuple[Tensor, Tensor]:
        """Return room for what pooling leaves of it, and for the places."""
        n, kernels, height, width = size_of(self.x, self.weight, self.pads)
        places = torch.empty((n, height // 2, width // 2, kernels), dtype=torch.int8)
        return empty(n, kernels, height // 2, width // 2, self.x), places

    def make(
        self,
        kind: int,
        figures: Array,
        floor: float = 0.0,
        y: Tensor | None = None,
        kept: Tensor | None = None,
        places: Tensor | None = None,
        seen: Array | None = None,
    ) -> None:
        """Write what is made of it; `figures` are mean, scale and shift, or its bias the last."""
        mean, scale, shift = figures.astype(np.float32)
        low, none = np.float32(floor), 4 if floor == 0 else 0
        whole, values = (_NOTHING if one is None else bits(one).reshape(-1) for one in (y, kept))
        at = _NOTHING.astype(np.int8) if places is None else places.view(-1).numpy()
        convolve.convolving(kind)(
            bits(self.x), tiles_of(self.weight),
            convolve.Figures(mean, scale, shift, low, none),
            self.layout(), shapes(),
            convolve.Made(whole, values, at, np.zeros_like(figures) if seen is None else seen),
        )  # fmt: skip

    def slopes(
        self,
        kind: int,
        g: Tensor,
        wanted: Sequence[bool],
        places: Tensor | None = None,
        figures: Array | None = None,
        z: Tensor | None = None,
    ) -> tuple[Tensor | None, Tensor | None, Tensor]:
        """Return the gradients of images and weight, where they are `wanted`, and of the bias."""
        layout, (wants_x, wants_weight, *_) = self.layout(), wanted
        lines, made, sides = layout.lines, layout.made, differentiate.sides_of(layout)
        dx = torch.empty_like(self.x) if wants_x else None
        dweight = np.zeros(lines.kernels * made.rows * sides.tiles * ROWS, np.float32)
        dbias = np.zeros(lines.kernels, np.float32)
        mean, scale, _, *rest = np.zeros((5, lines.kernels)) if figures is None else figures
        nowhere = np.empty((len(self.x), 0, 0, 0), np.int16)
        at = nowhere.astype(np.int8) if places is None else places.numpy()
        kept = nowhere if z is None else bits(z)
        differentiate.differentiating(kind)(
            bits(self.x),
            differentiate.Given(bits(g.contiguous(memory_format=LAST)), at, kept),
            differentiate.Weights(
                tiles_of(self.weight) if kind == differentiate.NORMED_ANEW else _NOTHING,
                tiles_of(self.weight.flip(2, 3).transpose(0, 1)) if wants_x else _NOTHING,
                *(one.astype(np.float32) for one in (mean, scale, *rest)),
            ),
            layout,
            shapes(),
            differentiate.Slopes(
                _NOTHING if dx is None else bits(dx).reshape(-1), dweight, dbias, sides, wants_x,
                wants_weight,
            ),
        )  # fmt: skip
        whole = torch.from_numpy(dweight).view(lines.kernels, made.rows, -1)
        whole = whole[..., : made.columns * lines.channels]
        dense = whole.reshape(lines.kernels, made.rows, made.columns, -1).permute(0, 3, 1, 2)
        return dx, dense if wants_weight else None, torch.from_numpy(dbias)


def _added(weight: Tensor, bias: Tensor | None) -> Array:
    """Return the figures of a convolution without a norm."""
    figures = np.zeros((3, len(weight)))
    if bias is not None:
        figures[2] = bias.detach().double().numpy()
    return figures


def _as(value: Tensor | None, like: Tensor | None) -> Tensor | None:
    return None if value is None or like is None else value.to(like.dtype)


def tiles_of(weight: Tensor) -> NDArray[np.int16]:
    """Return a weight as tiles on the right: (kernels / 16, rows · steps, 16, 16, 2), flat.

    A step is 32 numbers of a row of a kernel, with zeros behind the last.
    """
    kernels, channels, rows, columns = weight.shape
    numbers = columns * channels
    steps = -(-numbers // DEPTH)
    whole = weight.new_zeros(kernels, rows, steps * DEPTH)
    whole[..., :numbers] = weight.detach().permute(0, 2, 3, 1).reshape(kernels, rows, numbers)
    tiles = whole.view(kernels // ROWS, ROWS, rows * steps, DEPTH // 2, 2).permute(0, 2, 3, 1, 4)
    found: NDArray[np.int16] = tiles.contiguous().view(-1).view(torch.int16).numpy()
    return found
