"""Fast kernels inside models that know nothing of them: a ReLU waits until it is known who asks.

While a model runs, `Fusing` sees its calls. Convolutions, ReLU and batch normalisation of images
that lie channels last answer with a pending value. Where 2 × 2 max-pooling comes next, all is done
in one pass over the images; where anything else is done with it, it is computed first.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from numbers import Integral
from typing import Any, Literal, cast
from weakref import WeakSet

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode

from hikaku.training.deferred import NO_FLOOR, Deferred, Normalised, Rectified
from hikaku.training.deferred_convolution import Convolved, ConvolvedNorm
from hikaku.training.pending import Call, Pending, deferred_of, waiting

Kernels = Literal["torch", "fused", "amx"]
DTYPES = (torch.float32, torch.bfloat16, torch.float64)
PLAIN = (Tensor, nn.Parameter)
FEWEST = 1 << 17
EXPOSES = {"numpy", "__array__", "data_ptr", "untyped_storage", "__dlpack__"}
"""Calls that hand out a tensor's memory: who has it writes where nobody sees it."""
"""Elements of the smallest images that are worth it; of fewer, torch is done before we begin.

A norm needs twice as many.
"""


class Fusing(TorchFunctionMode):
    """While it is entered, convolutions, ReLU and batch norm of images wait for what comes next.

    What waits is computed before anything may write into what it is made from, and at the end.
    """

    def __init__(self, *, amx: bool = False) -> None:
        super().__init__()
        self.amx = amx
        self.waiting: WeakSet[Deferred] = WeakSet()

    def __torch_function__(
        self, func: Call, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        """Carry out one call of the model, by a fast kernel or as it is, or let it wait."""
        kwargs = kwargs or {}
        shortcut = SHORTCUTS.get(func)
        found = shortcut(*args, **kwargs) if shortcut and in_the_open() else None
        if isinstance(found, Deferred):
            found.amx = self.amx
            self.waiting.add(found)
            return waiting(found)
        if found is not None:
            return found
        if self.waiting and _may_write(func, kwargs):
            self.settle(kwargs.get("out", args[0] if args else None))
        return func(*args, **kwargs)

    def settle(self, written: object = None) -> None:
        """Compute what waits and is still held by somebody, but for what hangs not on `written`."""
        # Where it cannot be told what is written, all may hang on it.
        is_known = in_the_open() and type(written) in PLAIN and written.layout == torch.strided  # type: ignore[attr-defined]  # a tensor then
        for deferred in list(self.waiting):
            if not is_known or deferred.is_made_from(cast(Tensor, written)):
                deferred.value()
                self.waiting.discard(deferred)

    def __exit__(self, exc_type: Any, exc: Any, traceback: Any) -> None:
        super().__exit__(exc_type, exc, traceback)  # type: ignore[no-untyped-call]  # torch's own
        if exc_type is None:
            self.settle()


def in_the_open() -> bool:
    """Return whether calls are what they seem: no function transform, no tracing."""
    level = torch._C._functorch.maybe_current_level()
    return level is None and torch._C._get_tracing_state() is None


def _relu(input: Tensor, inplace: bool = False) -> Deferred | Tensor | None:
    """Return ReLU that waits; None where torch is to compute it."""
    before = deferred_of(input) if isinstance(input, Pending) else None
    if before is not None and before.waits:
        if not isinstance(before, Convolved | Normalised) or before.floor != NO_FLOOR:
            return None
        if not inplace:
            return before.rectified()
        if before.grads != torch.is_grad_enabled() or before.was_seen:
            return None
        before.floor = 0.0
        return input
    x = _plain(input)
    return Rectified(x) if not inplace and _fits(x, FEWEST) else None


def _convolution(  # the arguments are torch's
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Deferred | None:
    """Return a convolution that waits; None where torch is to compute it."""
    plain = _pair(stride) == _pair(dilation) == (1, 1) and groups == 1
    if not plain or isinstance(padding, str):
        return None
    x, pads = _plain(input), _pair(padding)
    given = [v for v in (weight, bias) if v is not None]
    if not _fits(x, 0) or not all(map(_is_plain, given)):
        return None
    if min(pads) < 0 or (bias is not None and bias.shape != weight.shape[:1]):
        return None  # Torch says what is wrong.
    from hikaku.training.kernels.convolution import fits, size_of

    is_one = weight.dim() == 4 and weight.shape[1] == x.shape[1] and fits(x, weight, pads)
    if not is_one or size_of(x, weight, pads).numel() < FEWEST:
        return None
    x, weight = _cast(x), _cast(weight)
    bias = None if bias is None else _cast(bias)
    is_mixed = any(v.dtype != x.dtype for v in (weight, bias) if v is not None)
    if is_mixed or x.dtype not in DTYPES:
        return None
    return Convolved(x, weight, bias, pads, NO_FLOOR)


def _cast(value: Tensor) -> Tensor:
    """Return what a convolution is given as autocast casts it."""
    is_left = value.dtype == torch.float64 or not torch.is_autocast_enabled("cpu")
    return value if is_left else value.to(torch.get_autocast_dtype("cpu"))


def _batch_norm(  # noqa: PLR0913  # the arguments are torch's
    input: Tensor,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Deferred | None:
    """Return normalised images that wait, and move the running figures; None where torch is to."""
    given = [v for v in (running_mean, running_var, weight, bias) if v is not None]
    kind = torch.float64 if input.dtype == torch.float64 else torch.float32
    if any(not _is_plain(v) or v.dtype != kind or v.shape != input.shape[1:2] for v in given):
        return None
    before = _raw_of(input)
    if not training:
        if before is None or before.grads or running_mean is None or running_var is None:
            return None
        return before.normed(running_mean, running_var, weight, bias, eps)
    if not input.shape[1] < input.numel() >= 2 * FEWEST or eps <= 0:
        return None
    x = input if before else _plain(input)
    if not before and not _fits(x, 0):
        return None
    from hikaku.training.kernels.autograd import statistics

    with torch._C.DisableTorchFunction(), torch.no_grad():
        z, seen = before.observed(eps) if before else (x, statistics(x, eps))
        count = input.numel() // input.shape[1]
        unbiased = seen.variance * count / (count - 1)
        for running, new in ((running_mean, seen.mean), (running_var, unbiased)):
            if running is not None:
                running.copy_(torch.from_numpy((1 - momentum) * running.numpy() + momentum * new))
    if before:
        return before.from_here(ConvolvedNorm(before, z, (weight, bias), seen, NO_FLOOR))
    return Normalised(x, weight, bias, seen, NO_FLOOR)


def _raw_of(input: Tensor) -> Convolved | None:
    """Return the convolution that this tensor stands for, if a norm can be joined with it."""
    found = deferred_of(input) if isinstance(input, Pending) else None
    if not isinstance(found, Convolved) or not found.waits or found.floor != NO_FLOOR:
        return None
    return found if found.grads == torch.is_grad_enabled() else None


def _max_pool(
    input: Tensor,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Tensor | None:
    """Return the images pooled, with what waits for it; None where torch is to pool them."""
    halves = (
        _pair(kernel_size) == (2, 2)
        and _pair(stride or kernel_size) == (2, 2)
        and _pair(padding) == (0, 0)
        and _pair(dilation) == (1, 1)
        and not ceil_mode
        and not return_indices
    )
    if not halves or input.dim() != 4 or min(input.shape[2:]) < 2:
        return None
    if isinstance(input, Pending) and deferred_of(input).waits:
        return input.deferred.pooled()
    x = _plain(input)
    if not _fits(x, FEWEST):
        return None
    from hikaku.training.kernels.autograd import pooled

    with torch._C.DisableTorchFunction():
        return pooled(x, rectifies=False)


def _plain(x: Tensor) -> Tensor:
    return deferred_of(x).value() if isinstance(x, Pending) else x


def _is_plain(x: Tensor) -> bool:
    return type(x) in PLAIN and not x.is_inference()


def _fits(x: Tensor, fewest: int) -> bool:
    """Return whether these are images that the kernels take, of so many elements at least."""
    with torch._C.DisableTorchFunction():
        return (
            type(x) in PLAIN
            and x.dim() == 4
            and x.numel() >= fewest
            and x.device.type == "cpu"
            and x.dtype in DTYPES
            and x.layout == torch.strided
            and x.is_contiguous(memory_format=torch.channels_last)
            # What is contiguous both ways, torch may answer in either format.
            and not x.is_contiguous()
            and not x.is_inference()
        )


def _pair(value: Any) -> tuple[Any, ...]:
    """Return what stands for both sides of an image as two numbers."""
    found = (value,) if isinstance(value, Integral) else tuple(value)
    return found * 2 if len(found) == 1 else found


def _may_write(func: Call, kwargs: dict[str, Any]) -> bool:
    """Return whether a call may write into a tensor that it is given, or lets others do so.

    torch's names say so: `add_`, `__iadd__`, `__setitem__`, `data.__set__`; or an argument does.
    """
    name = getattr(func, "__name__", "_").partition(".")[0]
    if name in EXPOSES:
        return True
    if name.startswith("__"):
        return name.startswith(("__i", "__set"))
    return name.endswith("_") or bool(kwargs.get("inplace")) or kwargs.get("out") is not None


SHORTCUTS: dict[Any, Callable[..., Deferred | Tensor | None]] = {
    F.conv2d: _convolution,
    F.batch_norm: _batch_norm,
    **dict.fromkeys((F.relu, torch.relu, Tensor.relu), _relu),
    **dict.fromkeys((torch.relu_, Tensor.relu_), partial(_relu, inplace=True)),
    **dict.fromkeys((F.max_pool2d, torch.max_pool2d), _max_pool),
}
