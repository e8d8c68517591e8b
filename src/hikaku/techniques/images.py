"""Changes of images that augmentations choose from, each sample by its own amounts.

Images are (n, channels, height, width) with pixels from 0 to 1; amounts are (n,). Which change a
sample gets is a number among random ones, so all are computed and one is taken: there is no `if`
on a tensor, and a batch can be one of a stack.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from hikaku.techniques.slots import Draws


@dataclass(frozen=True)
class Ranges:
    """How strong changes are at amount 1: shares of the side, degrees, factors, bits taken off."""

    shear: float
    shift: float
    degrees: float
    factor: float
    bits: float


GEOMETRIC = ("shear-x", "shear-y", "shift-x", "shift-y", "rotate")
BLENDED = ("brightness", "colour", "contrast", "sharpness")
PLAIN = ("posterize", "solarize", "autocontrast", "equalize")
OPERATIONS = ("identity", *GEOMETRIC, *BLENDED, *PLAIN)
"""The fourteen of RandAugment and TrivialAugment."""
AUGMIX = (*GEOMETRIC, *PLAIN)
"""The nine of AugMix: none of those by which robustness is measured."""


def in_range(x: Tensor, change: Callable[[Tensor], Tensor]) -> Tensor:
    """Return images of any range after a change of images from 0 to 1.

    Black and white are the least and the greatest value of each channel in the batch, so that
    standardized data can be changed too.
    """
    low, high = x.amin((0, 2, 3), keepdim=True), x.amax((0, 2, 3), keepdim=True)
    span = (high - low).clamp(min=1e-12)
    return change((x - low) / span) * span + low


def some(draws: Draws, name: str, x: Tensor) -> Tensor:
    """Return a number in [0, 1) for every sample of `x`, (n,)."""
    return draws.uniform(name, (len(x),)).to(x.device, x.dtype)


def among(x: Tensor, names: tuple[str, ...], chosen: Tensor, amount: Tensor, at: Ranges) -> Tensor:
    """Return each sample after one of the changes of these `names`.

    `chosen`, in [0, 1), says which, and at the same time by its rest in which direction; `amount`
    in [0, 1] how much.
    """
    place = chosen * len(names)
    which, rest = place.floor(), place.frac()
    signed = torch.where(rest < 0.5, -amount, amount)

    def by(name: str, value: Tensor) -> Tensor:
        here = which == names.index(name) if name in names else torch.zeros_like(which) > 0
        return torch.where(here, value, 0.0)

    shear_x, shear_y = (by(f"shear-{axis}", signed * at.shear) for axis in "xy")
    shift_x, shift_y = (by(f"shift-{axis}", signed * at.shift) for axis in "xy")
    angle = by("rotate", signed * math.radians(at.degrees))
    is_moved = (shear_x != 0) | (shear_y != 0) | (shift_x != 0) | (shift_y != 0) | (angle != 0)
    moved = affine(x, shear_x, shear_y, shift_x, shift_y, angle)
    found = torch.where(_spread(is_moved), moved, x)
    factors = {name: by(name, signed * at.factor) for name in BLENDED}
    for name, factor in factors.items():
        found = torch.where(_spread(factor != 0), BLENDS[name](found, 1 + factor), found)
    one = torch.ones_like(amount)
    for name, change in {
        "posterize": lambda x: posterized(x, amount * at.bits),
        "solarize": lambda x: solarized(x, 1 - amount),
        "autocontrast": stretched,
        "equalize": equalized,
    }.items():
        found = torch.where(_spread(by(name, one) > 0), change(found), found)
    return found


def affine(
    x: Tensor, shear_x: Tensor, shear_y: Tensor, shift_x: Tensor, shift_y: Tensor, angle: Tensor
) -> Tensor:
    """Return images sheared, moved (in shares of the side) and turned, (n,) each; 0 comes in.

    A place of the result shows the place of the image that the change leads it to; all is done
    around the middle of the image.
    """
    height, width = x.shape[2:]
    cos, sin = angle.cos(), angle.sin()
    # Places from −1 to 1 in the middle of each pixel; `tall` turns one unit into the other.
    down, right = (
        (2 * torch.arange(n, device=x.device).to(x.dtype) + 1) / n - 1 for n in x.shape[2:]
    )
    down, right, tall = down[None, :, None], right[None, None, :], height / width
    sizes = [one[:, None, None] for one in (cos, sin, shear_x, shear_y, shift_x, shift_y)]
    cos, sin, shear_x, shear_y, shift_x, shift_y = sizes
    across = cos * right + (shear_x - sin) * tall * down + 2 * shift_x
    along = (shear_y + sin) / tall * right + cos * down + 2 * shift_y
    grid = torch.stack([across, along], -1)
    return F.grid_sample(x, grid, mode="bilinear", padding_mode="zeros", align_corners=False)


def grey(x: Tensor) -> Tensor:
    """Return the luminance of colour images, (n, 1, …); of others the mean of their channels."""
    if x.shape[1] != 3:
        return x.mean(1, keepdim=True)
    weights = torch.tensor((0.299, 0.587, 0.114), dtype=x.dtype, device=x.device)
    return (x * weights[:, None, None]).sum(1, keepdim=True)


def blended(x: Tensor, other: Tensor, factor: Tensor) -> Tensor:
    """Return other + factor·(x − other), from 0 to 1: at factor 1 the images as they are."""
    return (other + _spread(factor) * (x - other)).clamp(0, 1)


def brightened(x: Tensor, factor: Tensor) -> Tensor:
    """Return images nearer to, or farther from, black."""
    return blended(x, torch.zeros_like(x), factor)


def coloured(x: Tensor, factor: Tensor) -> Tensor:
    """Return images nearer to, or farther from, their grey ones."""
    return blended(x, grey(x).expand_as(x), factor)


def contrasted(x: Tensor, factor: Tensor) -> Tensor:
    """Return images nearer to, or farther from, their mean grey."""
    return blended(x, grey(x).mean((1, 2, 3), keepdim=True).expand_as(x), factor)


def sharpened(x: Tensor, factor: Tensor) -> Tensor:
    """Return images nearer to, or farther from, their smoothed ones; the border stays."""
    kernel = torch.ones(3, 3, dtype=x.dtype, device=x.device)
    kernel = (kernel + 4 * F.pad(kernel[:1, :1], (1, 1, 1, 1))) / 13
    single = x.reshape(-1, 1, *x.shape[2:])
    smooth = F.conv2d(single, kernel[None, None]).reshape(*x.shape[:2], *_inner(x))
    inside = F.pad(torch.ones_like(smooth), (1, 1, 1, 1)) > 0
    return blended(x, torch.where(inside, F.pad(smooth, (1, 1, 1, 1)), x), factor)


BLENDS = {
    "brightness": brightened,
    "colour": coloured,
    "contrast": contrasted,
    "sharpness": sharpened,
}


def posterized(x: Tensor, bits: Tensor) -> Tensor:
    """Return images of 8 bits, less so many, rounded, (n,) of the lowest ones."""
    step = _spread(2 ** bits.round())
    return ((_bytes(x) / step).floor() * step) / 255


def solarized(x: Tensor, threshold: Tensor) -> Tensor:
    """Return images whose pixels from the threshold on, (n,), are turned into their negative."""
    return torch.where(x >= _spread(threshold), 1 - x, x)


def stretched(x: Tensor) -> Tensor:
    """Return images whose channels go from 0 to 1; a channel of one value stays."""
    low, high = x.amin((2, 3), keepdim=True), x.amax((2, 3), keepdim=True)
    return torch.where(high > low, (x - low) / (high - low).clamp(min=1e-12), x)


def equalized(x: Tensor) -> Tensor:
    """Return images of whose 256 values each is about as frequent in every channel."""
    values = _bytes(x).long().flatten(2)
    ones = torch.ones(values.shape, dtype=torch.float64, device=x.device)
    counts = torch.zeros_like(ones[..., :1]).expand(*values.shape[:2], 256)
    counts = counts.scatter_add(2, values, ones)
    last = counts.gather(2, values.amax(2, keepdim=True))
    step = ((counts.sum(2, keepdim=True) - last) / 255).floor()
    below = counts.cumsum(2) - counts
    table = ((below + (step / 2).floor()) / step.clamp(min=1)).floor().clamp(max=255)
    found = table.gather(2, values).reshape(x.shape).to(x.dtype) / 255
    return torch.where((step >= 1)[..., None], found, x)


def _bytes(x: Tensor) -> Tensor:
    return (x * 255).round()


def _inner(x: Tensor) -> tuple[int, int]:
    return x.shape[2] - 2, x.shape[3] - 2


def _spread(each: Tensor) -> Tensor:
    """Return (n,) as (n, 1, 1, 1)."""
    return each[:, None, None, None]
