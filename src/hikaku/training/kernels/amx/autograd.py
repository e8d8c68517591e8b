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
from hikaku.training.kernels.amx.lines import Lines, lines_of, sums_back, sums_of
from hikaku.training.kernels.amx.units import DEPTH, ROWS, shapes
from hikaku.training.kernels.autograd import (
    Statistics,
    again,
    bits,
    by_torch,
    empty,
    figures_of,
    slopes_of_norm,
)
from hikaku.training.kernels.convolution import Pads, size_of

LAST = torch.channels_last
Array = NDArray[Any]
_NOTHING, _NOWHERE = np.empty(0, np.int16), np.empty((0, 0, 0, 0), np.int8)
CHEAP = 3
"""Tiles that a sum runs over, if making it again is quicker than fetching it from memory."""


def fits(weight: Tensor, pads: Pads, *, learn: bool) -> bool:
    """Return whether a convolution of one stride can be done so, whose images may `learn`."""
    inside = all(pad < side for pad, side in zip(pads, weight.shape[2:], strict=True))
    return inside and len(weight) % ROWS == 0 and (weight.shape[1] % ROWS == 0 or not learn)


def is_better_made_anew(x: Tensor, weight: Tensor, pads: Pads) -> bool:
    """Return whether a convolution with a norm and pooling behind is made anew, and not kept."""
    rows, columns = weight.shape[2:]
    is_cheap = rows * -(-columns * weight.shape[1] // DEPTH) <= CHEAP
    return is_cheap and all(side % 2 == 0 for side in size_of(x, weight, pads)[2:])


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

    The convolution is made anew wherever it is wanted, and never in memory: there it would take
    longer to come and go. `bias` has the gradient zero, for the norm takes it away.
    """

    @staticmethod
    def forward(  # noqa: PLR0913 - a function of autograd takes all in a row
        ctx: Any,
        x: Tensor,
        weight: Tensor,
        bias: Tensor | None,
        scale: Tensor | None,
        shift: Tensor | None,
        seen: Statistics,
        pads: Pads,
        floor: float,
    ) -> Tensor:
        """Return the pooled images, (n, kernels, height // 2, width // 2)."""
        convolution = Convolution(x, weight, pads)
        y, places = convolution.pooled_like()
        kept, figures = torch.empty_like(y), figures_of(scale, shift, seen)
        figures[0] -= _added(weight, bias)[2]  # the sums that are normalised have none
        convolution.make(convolve.NORMED, figures, floor, y, kept, places)
        ctx.save_for_backward(x, weight, bias, scale, shift, kept, places)
        ctx.seen, ctx.pads, ctx.floor, ctx.figures = seen, pads, floor, figures
        return y

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> tuple[Tensor | None, ...]:
        """Return the gradients of images, weight, bias, scale and shift."""
        given, (kept, places) = ctx.saved_tensors[:5], ctx.saved_tensors[5:]
        if torch.is_grad_enabled():

            def by_hand(
                x: Tensor,
                weight: Tensor,
                bias: Tensor | None,
                scale: Tensor | None,
                shift: Tensor | None,
            ) -> Tensor:
                z = F.conv2d(x, weight, bias, padding=ctx.pads)
                z = F.batch_norm(z, None, None, scale, shift, True, 0.0, ctx.seen.eps)
                return by_torch(z, ctx.floor, True)

            return (*again(by_hand, given, g), *[None] * 3)
        x, weight, bias, scale, shift = given
        convolution, g = Convolution(x, weight, ctx.pads), g.contiguous(memory_format=LAST)
        lines = convolution.lines()
        figures, dscale, dshift = slopes_of_norm(
            kept, g, ctx.figures, (scale, shift), ctx.seen.invstd, ctx.floor,
            len(x) * lines.deep * lines.across,
        )  # fmt: skip
        dx, dweight, _ = convolution.slopes(
            differentiate.NORMED, g, ctx.needs_input_grad, places, figures
        )
        none = None if bias is None else torch.zeros_like(bias)
        return dx, _as(dweight, weight), none, dscale, dshift, *[None] * 3


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

    def lines(self) -> Lines:
        """Return how the images lie."""
        _, channels, height, width = self.x.shape
        return lines_of((height, width, channels), len(self.weight), self.sides, self.pads)

    def pooled_like(self) -> tuple[Tensor, Tensor]:
        """Return room for what pooling leaves of it, and for the places."""
        lines = self.lines()
        n, deep, across = len(self.x), lines.deep // 2, lines.across // 2
        places = torch.empty((n, deep, across, lines.kernels), dtype=torch.int8)
        return empty(n, lines.kernels, deep, across, self.x), places

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
        lines = self.lines()
        mean, scale, shift = figures.astype(np.float32)
        low, none = np.float32(floor), 4 if floor == 0 else 0
        whole, values = (_NOTHING if one is None else bits(one).reshape(-1) for one in (y, kept))
        at = _NOTHING.astype(np.int8) if places is None else places.view(-1).numpy()
        convolve.convolving(kind)(
            bits(self.x), tiles_of(self.weight),
            convolve.Figures(mean, scale, shift, low, none),
            lines, sums_of(lines, self.sides), shapes(),
            convolve.Made(whole, values, at, np.zeros_like(figures) if seen is None else seen),
        )  # fmt: skip

    def slopes(
        self,
        kind: int,
        g: Tensor,
        wanted: Sequence[bool],
        places: Tensor | None = None,
        figures: Array | None = None,
    ) -> tuple[Tensor | None, Tensor | None, Tensor]:
        """Return the gradients of images and weight, where they are `wanted`, and of the bias."""
        lines, (rows, columns), (wants_x, wants_weight, *_) = self.lines(), self.sides, wanted
        kernels, numbers = lines.kernels, columns * lines.channels
        tiles = -(-numbers // ROWS)
        dx = torch.empty_like(self.x) if wants_x else None
        dweight, dbias = (np.zeros(n, np.float32) for n in (kernels * rows * tiles * ROWS, kernels))
        is_normed = kind == differentiate.NORMED
        mean, scale, _, *rest = np.zeros((5, kernels), np.float32) if figures is None else figures
        back = self.weight.detach().flip(2, 3).transpose(0, 1)
        differentiate.differentiating(kind)(
            bits(self.x), bits(g.contiguous(memory_format=LAST)),
            _NOWHERE if places is None else places.numpy(),
            differentiate.Weights(
                tiles_of(self.weight) if is_normed else _NOTHING,
                tiles_of(back) if wants_x else _NOTHING,
                *(one.astype(np.float32) for one in (mean, scale, *rest)),
            ),
            lines, sums_of(lines, self.sides), sums_back(lines, self.sides), shapes(),
            differentiate.Slopes(
                _NOTHING if dx is None else bits(dx).reshape(-1), dweight, dbias, wants_x,
                wants_weight,
            ),
        )  # fmt: skip
        whole = torch.from_numpy(dweight).view(kernels, rows, -1)[..., :numbers]
        made = whole.reshape(kernels, rows, columns, lines.channels).permute(0, 3, 1, 2)
        return dx, made if wants_weight else None, torch.from_numpy(dbias)


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
