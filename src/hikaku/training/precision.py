"""In which numbers a trial is computed: float32, bfloat16 products in it, or float64.

bfloat16 has float32's range and 8 bits of its 24. So it is used for what the hardware does in it,
the layers of the forward pass and their gradients (`torch.autocast`); weights, optimizer, losses
and metrics stay in float32, where a small update of a large weight is not lost.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode

from hikaku.study.recipe import Dtype
from hikaku.training import tiles

tiles.avoid_broken()  # here, for it must be said before torch computes by oneDNN first


def kept_in(precision: Dtype) -> torch.dtype:
    """Return the type of weights, data, losses and noise."""
    return torch.float64 if precision == "fp64" else torch.float32


def computing(precision: Dtype, device: torch.device) -> AbstractContextManager[object]:
    """Return the context that a forward pass is run in."""
    if precision == "bf16":
        return torch.autocast(device.type, torch.bfloat16)
    # What a model makes in its forward pass is of the type that it meets there.
    return _making(torch.float64) if precision == "fp64" else nullcontext()


def widened(value: Tensor, precision: Dtype) -> Tensor:
    """Return what a forward pass in bf16 gave as float32, and that of any other as it is."""
    return value.float() if precision == "bf16" and value.is_floating_point() else value


class LiftedNorms(TorchFunctionMode):
    """Reads batch norm in float32 while a forward pass in bf16 is lifted over many trials.

    There torch refuses a norm in bf16 whose weights are in float32, on processors.
    """

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        """Carry out one call of the model."""
        kwargs = kwargs or {}
        if func is not F.batch_norm or not args or args[0].dtype != torch.bfloat16:
            return func(*args, **kwargs)
        x, *rest = args
        return func(x.float(), *rest, **kwargs).to(x.dtype)


@contextmanager
def _making(dtype: torch.dtype) -> Iterator[None]:
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        yield
    finally:
        torch.set_default_dtype(before)
