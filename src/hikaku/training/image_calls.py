"""Calls that take images, read as ops of a chain: convolutions and pooling of the simple kind.

That is: one stride, one padding and one side of a pool for both directions, nothing dilated, no
groups.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from hikaku.training.chain import Convolution, Pool, Shape

CONVOLUTION = ("weight", "bias", "stride", "padding", "dilation", "groups")
POOL = ("kernel_size", "stride", "padding", "dilation", "ceil_mode", "return_indices")
POOLS = {F.max_pool2d, torch.max_pool2d}
UNKNOWN: Shape = (0, 0, 0)
"""What comes out is known when the call has been made."""


def convolution(
    x: Tensor, given: Mapping[str, Any], name: Callable[[Any], str]
) -> Convolution | None:
    """Return the convolution that takes x by these arguments; None where it is not simple.

    `name` tells the name of a weight, or raises.
    """
    stride, pad = _both(given.get("stride", 1)), _both(given.get("padding", 0))
    plain = _both(given.get("dilation", 1)), given.get("groups", 1)
    if stride is None or pad is None or plain != (1, 1) or x.dim() != 4:
        return None
    height, width = given["weight"].shape[2:]
    weight, bias = name(given["weight"]), given.get("bias")
    bias = None if bias is None else name(bias)
    return Convolution(weight, bias, shape_of(x), UNKNOWN, (height, width), stride, pad)


def pool(x: Tensor, given: Mapping[str, Any]) -> Pool | None:
    """Return the max-pooling that takes x by these arguments; None where it is not simple."""
    side = _both(given["kernel_size"])
    stride = _both(given.get("stride") or given["kernel_size"])
    plain = _both(given.get("padding", 0)), _both(given.get("dilation", 1))
    asked = given.get("ceil_mode", False), given.get("return_indices", False)
    if side is None or stride is None or x.dim() != 4 or (plain, asked) != ((0, 1), (False, False)):
        return None
    return Pool(shape_of(x), UNKNOWN, side, stride)


def shape_of(image: Tensor) -> Shape:
    """Return (channels, height, width) of a batch of images."""
    _, channels, height, width = image.shape
    return channels, height, width


def _both(value: Any) -> int | None:
    """Return the number that a setting is in both directions; None where they differ."""
    if isinstance(value, int):
        return value
    sides = set(value) if isinstance(value, tuple | list) else set()
    return sides.pop() if len(sides) == 1 else None
