"""Whether all numbers of a tensor are finite, in one look at them."""

from __future__ import annotations

import math

import torch
from torch import Tensor


def is_finite(value: Tensor) -> bool:
    """Return whether no number is NaN or infinite; an empty tensor has none.

    Least and greatest tell it, for NaN is both where there is one. `torch.isfinite` would write
    several tensors of the same size on the way.

    >>> [is_finite(torch.tensor([1.0, float(end), 2.0])) for end in ("0", "nan", "inf", "-inf")]
    [True, False, False, False]
    """
    if not value.is_floating_point() or not value.numel():
        return bool(torch.isfinite(value).all())
    return all(math.isfinite(end) for end in torch.aminmax(value))
