"""The loops as functions that autograd knows: tensors in, tensors and gradients out.

Images, (n, channels, height, width), lie channels last, on the processor, in float32, bfloat16 or
float64.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.autograd import Function
from torch.nn import functional as F

from hikaku.training.kernels import norm, norm_pool, pool
from hikaku.training.kernels.moments import moments

BITS = {torch.float32: torch.int32, torch.bfloat16: torch.int16, torch.float64: torch.int64}
INFINITY = {torch.float32: 0x7F800000, torch.bfloat16: 0x7F80, torch.float64: 0x7FF << 52}
Array = NDArray[Any]


def bits(x: Tensor) -> Array:
    """Return images as the whole numbers that their bits are, (n, height, width, channels)."""
    found: Array = x.detach().permute(0, 2, 3, 1).view(BITS[x.dtype]).numpy()
    return found


def numbers(x: Tensor) -> Array:
    """Return images as the loops of batch normalisation want them: bfloat16 alone as bits."""
    kind = torch.int16 if x.dtype == torch.bfloat16 else x.dtype
    found: Array = x.detach().permute(0, 2, 3, 1).view(kind).numpy()
    return found


def lines(x: Tensor) -> Array:
    """Return images as lines, (n · height, width · channels)."""
    n, channels, height, width = x.shape
    return numbers(x).reshape(n * height, width * channels)


def empty(n: int, channels: int, height: int, width: int, like: Tensor) -> Tensor:
    """Return images, channels last, with anything in them."""
    x = torch.empty((n, height, width, channels), dtype=like.dtype)
    # Not a view: torch refuses to write into the view that a function made.
    return x.permute(0, 3, 1, 2).detach()


class Pool(Function):
    """`F.max_pool2d(x, 2)`, of `F.relu(x)` where `rectifies`; bit for bit, the gradient too."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, rectifies: bool) -> Tensor:
        """Return the pooled images, (n, channels, height // 2, width // 2)."""
        n, channels, height, width = x.shape
        y = empty(n, channels, height // 2, width // 2, x)
        places = torch.empty((n, height // 2, width // 2, channels), dtype=torch.int8)
        loop = pool.relu_pool if rectifies else pool.max_pool
        loop(bits(x), INFINITY[x.dtype], bits(y), places.numpy())
        ctx.save_for_backward(places)
        ctx.size = x.shape
        return y

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> tuple[Tensor, None]:
        """Return the gradient of the images."""
        if not torch.is_grad_enabled():
            return unpooled(g, ctx.saved_tensors[0], ctx.size), None
        return _apply(Unpool, g, ctx.saved_tensors[0], ctx.size), None


def pooled(x: Tensor, *, rectifies: bool) -> Tensor:
    """Return the largest of every 2 × 2 window of the images, after ReLU where it `rectifies`."""
    return _apply(Pool, x, rectifies)


def unpooled(g: Tensor, places: Tensor, size: torch.Size) -> Tensor:
    """Return images of this size with each value of `g` at its place, and zeros elsewhere."""
    n, channels, height, width = size
    g = g.contiguous(memory_format=torch.channels_last)
    x = empty(n, channels, height, width, g)
    if height % 2 or width % 2:
        x.zero_()
    pool.unpool(bits(g), places.numpy(), bits(x))
    return x


class Unpool(Function):
    """Puts what belongs to a window at its place in it, and zeros everywhere else."""

    @staticmethod
    def forward(ctx: Any, g: Tensor, places: Tensor, size: torch.Size) -> Tensor:
        """Return images of this size."""
        ctx.save_for_backward(places)
        return unpooled(g, places, size)

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> tuple[Tensor, None, None]:
        """Return what stands at those places."""
        places = ctx.saved_tensors[0].permute(0, 3, 1, 2).long().unsqueeze(-1)
        height, width = places.shape[2:4]
        windows = g.unfold(2, 2, 2).unfold(3, 2, 2)[:, :, :height, :width].flatten(-2)
        found = windows.gather(-1, places.clamp(max=3))
        return torch.where(places == 4, 0, found).squeeze(-1), None, None


@dataclass(frozen=True)
class Statistics:
    """What batch normalisation knows of a batch: per channel mean, variance (biased), 1/√(…)."""

    mean: NDArray[np.float64]
    variance: NDArray[np.float64]
    invstd: NDArray[np.float64]
    eps: float


def statistics(x: Tensor, eps: float) -> Statistics:
    """Return the statistics of a batch of images."""
    mean, variance = moments(numbers(x).reshape(-1), x.shape[1])
    return Statistics(mean, variance, 1 / np.sqrt(variance + eps), eps)


class Norm(Function):
    """Batch normalisation by given statistics of the batch, max(z, `floor`), and 2 × 2 max-pooling.

    Derivatives are those of the whole, through the statistics too.
    """

    @staticmethod
    def forward(
        ctx: Any,
        x: Tensor,
        weight: Tensor | None,
        bias: Tensor | None,
        seen: Statistics,
        floor: float,
        pools: bool,
    ) -> Tensor:
        """Return normalised images, pooled ones where `pools` is true."""
        ctx.seen, ctx.floor, ctx.pools = seen, floor, pools
        y, *kept = normed(x, figures_of(weight, bias, seen), floor, pools)
        ctx.save_for_backward(x, weight, bias, *kept)
        return y

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> tuple[Tensor | None, ...]:
        """Return the gradients of images, weight and bias."""
        x, weight, bias, *kept = ctx.saved_tensors
        if torch.is_grad_enabled():

            def by_hand(x: Tensor, weight: Tensor | None, bias: Tensor | None) -> Tensor:
                z = F.batch_norm(x, None, None, weight, bias, True, 0.0, ctx.seen.eps)
                return by_torch(z, ctx.floor, ctx.pools)

            return (*again(by_hand, (x, weight, bias), g), None, None, None)
        back = Back.of(g, x, weight, bias, ctx.seen, ctx.floor, kept)
        out = torch.empty_like(x)
        back.write(slice(None), out)
        return (out, back.weight, back.bias, *[None] * 3)


def normed(x: Tensor, figures: Array, floor: float, pools: bool) -> tuple[Tensor, ...]:
    """Return normalised images; pooled ones, whose they were and the places, if it `pools`."""
    if not pools:
        y = torch.empty_like(x)
        norm.normalise(lines(x), figures, floor, lines(y))
        return (y,)
    n, channels, height, width = x.shape
    y, kept = (empty(n, channels, height // 2, width // 2, x) for _ in range(2))
    places = torch.empty((n, height // 2, width // 2, channels), dtype=torch.int8)
    norm_pool.normalise_pool(numbers(x), figures, floor, numbers(y), numbers(kept), places.numpy())
    return y, kept, places


@dataclass(frozen=True)
class Back:
    """The way back through a norm: the gradients of weight and bias, and that of any images."""

    g: Tensor
    x: Tensor
    places: Tensor | None
    figures: Array
    floor: float
    weight: Tensor | None
    bias: Tensor | None

    @classmethod
    def of(
        cls,
        g: Tensor,
        x: Tensor,
        weight: Tensor | None,
        bias: Tensor | None,
        seen: Statistics,
        floor: float,
        pooled: Sequence[Tensor] = (),
    ) -> Back:
        """Return the way back from `g`; what pooling kept, and the places, are in `pooled`."""
        kept, places = pooled or (None, None)
        g = g.contiguous(memory_format=torch.channels_last)
        figures, *slopes = slopes_of_norm(
            x if kept is None else kept, g, figures_of(weight, bias, seen), (weight, bias),
            seen.invstd, floor, x.numel() // x.shape[1],
        )  # fmt: skip
        return cls(g, x, places, figures, floor, *slopes)

    def write(self, some: slice, out: Tensor) -> None:
        """Write the gradient of some of the images."""
        x, g = self.x[some], self.g[some]
        if self.places is None:
            norm.gradient(lines(x), lines(g), self.figures, self.floor, lines(out))
        else:
            places = self.places[some].numpy()
            if x.shape[2] % 2 or x.shape[3] % 2:
                # What is in no window gets what the statistics give.
                nothing = torch.zeros_like(x)
                norm.gradient(lines(x), lines(nothing), self.figures, self.floor, lines(out))
            norm_pool.gradient_pool(numbers(x), numbers(g), places, self.figures, numbers(out))


def normalised(
    x: Tensor,
    weight: Tensor | None,
    bias: Tensor | None,
    seen: Statistics,
    floor: float,
    *,
    pools: bool,
) -> Tensor:
    """Return the images normalised by what was `seen` of them, at least `floor`, maybe pooled."""
    return _apply(Norm, x, weight, bias, seen, floor, pools)


def _apply(function: Any, *args: Any) -> Tensor:
    """Return what an autograd function makes of this; torch leaves the call untyped."""
    found: Tensor = function.apply(*args)
    return found


def figures_of(weight: Tensor | None, bias: Tensor | None, seen: Statistics) -> NDArray[np.float64]:
    """Return mean, scale and shift per channel, (3, channels)."""
    found = np.zeros((3, len(seen.mean)))
    found[0] = seen.mean
    found[1] = seen.invstd if weight is None else seen.invstd * weight.detach().numpy()
    if bias is not None:
        found[2] = bias.detach().numpy()
    return found


def slopes_of_norm(
    x: Tensor,
    g: Tensor,
    figures: Array,
    parameters: tuple[Tensor | None, Tensor | None],
    invstd: NDArray[np.float64],
    floor: float,
    count: int,
) -> tuple[Array, Tensor | None, Tensor | None]:
    """Return the figures of a norm's gradient, (5, channels), and those of its `parameters`.

    `x` is what `g` belongs to, all that was normalised or what pooling kept; a channel has `count`
    numbers that were normalised. `figures` are mean, scale and shift: slope and level follow.
    """
    sums, sums2 = norm.totals(lines(x), lines(g), figures, floor)
    # dz/dx through mean and variance: the same for every pixel but for its x − mean.
    each = -figures[1] / count
    made = np.stack([*figures, each * invstd**2 * sums2, each * sums])
    weight, bias = parameters
    return made, _parameter(sums2 * invstd, weight), _parameter(sums, bias)


def _parameter(total: Array, like: Tensor | None) -> Tensor | None:
    """Return the gradient of a parameter that there is."""
    return None if like is None else torch.from_numpy(total).to(like.dtype)


def again(
    function: Callable[..., Tensor], given: Sequence[Tensor | None], g: Tensor
) -> list[Tensor | None]:
    """Return the gradients of a function of torch's own operations, for those of higher order."""
    # One may be made of another: the gradient ends at what is given.
    leaves = [v if v is None else v.view_as(v) for v in given]
    wanted = [v for v in leaves if v is not None and v.requires_grad]
    found = iter(torch.autograd.grad(function(*leaves), wanted, g, create_graph=True))
    return [next(found) if v is not None and v.requires_grad else None for v in leaves]


def by_torch(z: Tensor, floor: float, pools: bool) -> Tensor:
    """Return what follows a convolution or a norm: at least `floor`, maybe pooled."""
    z = torch.where(z <= floor, floor, z)
    return F.max_pool2d(z, 2) if pools else z


def norm_by_torch(
    pads: tuple[int, int], eps: float, floor: float, *, pools: bool
) -> Callable[..., Tensor]:
    """Return a convolution with batch norm behind, and what follows that, of torch's operations."""

    def by_hand(
        x: Tensor,
        weight: Tensor,
        bias: Tensor | None,
        scale: Tensor | None,
        shift: Tensor | None,
    ) -> Tensor:
        z = F.conv2d(x, weight, bias, padding=pads)
        z = F.batch_norm(z, None, None, scale, shift, True, 0.0, eps)
        return by_torch(z, floor, pools)

    return by_hand
