"""`Pending`: a tensor whose value is not computed yet, and is torch's as soon as anybody looks."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function
from torch.utils._pytree import tree_map_only

from hikaku.errors import StudyError
from hikaku.training.deferred import Deferred
from hikaku.words import message

Call = Callable[..., Any]


class Pending(Tensor):
    """A tensor without memory that stands for a deferred value.

    It answers for its shape itself; whatever else is called with it, is called with the value.
    Code that does not ask a tensor for its class, such as an `autograd.Function` or an extension
    in C++, meets the value one floor down, and gradients flow through it.
    """

    deferred: Deferred

    @staticmethod
    def __new__(cls, deferred: Deferred) -> Pending:
        """Return the stand-in, without history."""
        x = deferred.sources[0]
        assert x is not None
        shape = _, channels, height, width = deferred.shape
        # All images here lie channels last.
        made = (height * width * channels, 1, width * channels, channels)
        strides = x.stride() if shape == x.shape else made
        found: Pending = Tensor._make_wrapper_subclass(
            cls, shape, strides=strides, dtype=x.dtype, device=x.device
        )
        found.deferred = deferred
        return found

    def __hash__(self) -> int:
        return id(self)

    @classmethod
    def __torch_function__(
        cls, func: Call, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        """Answer for the shape, or carry out the call with values."""
        kwargs = kwargs or {}
        if func in FOR_AUTOGRAD or (func in ASKS_FOR_SHAPE and args[0].deferred.waits):
            with torch._C.DisableTorchFunctionSubclass():
                return func(*args, **kwargs)
        if func in ASKS_FOR_GRADIENT:
            tree_map_only(Pending, _refuse_taken, (args, kwargs))
        args, kwargs = tree_map_only(Pending, lambda p: deferred_of(p).value(), (args, kwargs))
        return func(*args, **kwargs)

    @classmethod
    def __torch_dispatch__(  # type: ignore[override]  # torch's stub forgets that it is of a class
        cls, func: Call, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        """Carry out the call with values, below autograd."""
        if any(map(_is_written, func._schema.arguments, args)):  # type: ignore[attr-defined]  # an operator's
            raise _overwritten()
        args, kwargs = tree_map_only(Pending, lambda p: p.deferred.data(), (args, kwargs or {}))
        return func(*args, **kwargs)


def waiting(deferred: Deferred) -> Tensor:
    """Return the tensor that stands for this value, with its place in the history."""
    with torch.set_grad_enabled(deferred.grads):
        found: Tensor = _Wait.apply(deferred, *deferred.sources)  # type: ignore[no-untyped-call]  # torch leaves it so
    return found


class _Wait(Function):
    """Makes the sources' stand-in of them; its gradient is that of the value, computed anew."""

    @staticmethod
    def forward(ctx: Any, deferred: Deferred, *sources: Tensor | None) -> Tensor:
        ctx.deferred = deferred
        return Pending(deferred)

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> tuple[Tensor | None, ...]:
        needed = ctx.needs_input_grad[1:]
        again = torch.is_grad_enabled()
        with torch.enable_grad():
            # A source may be made of another one: the gradient ends at the sources themselves.
            deferred = copy(ctx.deferred)
            deferred.sources = tuple(s if s is None else s.view_as(s) for s in deferred.sources)
            value = deferred.computed()
        wanted = [s for s, is_needed in zip(deferred.sources, needed, strict=True) if is_needed]
        found = iter(torch.autograd.grad(value, wanted, g, create_graph=again))
        return (None, *(next(found) if is_needed else None for is_needed in needed))


def deferred_of(pending: Pending) -> Deferred:
    """Return what it stands for; raise `StudyError` where a function wrote into it."""
    with torch._C.DisableTorchFunctionSubclass():
        node = pending.grad_fn
    if node is not None and not isinstance(node, _Wait._backward_cls):
        raise _overwritten()
    return pending.deferred


def _is_written(argument: Any, value: object) -> bool:
    """Return whether an operator writes into this, which is not there."""
    told = argument.alias_info
    return isinstance(value, Pending) and told is not None and bool(told.is_write)


def _overwritten() -> StudyError:
    return StudyError.of(
        message("model: a function of its own writes into what a convolution, ReLU or norm made"),
        why=message("the result was not computed yet, and nobody could see it coming"),
        mend=message(
            "let such a function make a new tensor: no ctx.mark_dirty, nothing in place in a script"
        ),
    )


def _refuse_taken(pending: Pending) -> None:
    """Raise `StudyError` where a gradient is asked for that does not pass by here."""
    if pending.deferred.was_taken_up:
        raise StudyError.of(
            message("model: a gradient is asked for after the next layer took the images up"),
            why=message(
                "a convolution and what follows it, ReLU, norm and pooling, are computed in one "
                "pass, and nothing stands between them"
            ),
            mend=message("ask for it (retain_grad, register_hook) before the next layer is called"),
        )


FOR_AUTOGRAD = {getattr(Tensor, name).__set__ for name in ("_backward_hooks",)}
"""What torch's autograd does with a tensor that a function has written into."""
ASKS_FOR_GRADIENT = {Tensor.register_hook, Tensor.retain_grad, torch.autograd.grad}
ASKS_FOR_SHAPE = {
    *(Tensor.size, Tensor.dim, Tensor.ndimension, Tensor.stride, Tensor.numel, Tensor.nelement),
    *(Tensor.is_floating_point, Tensor.is_complex, Tensor.is_contiguous, Tensor.__len__),
    *(
        getattr(Tensor, name).__get__
        for name in ("shape", "ndim", "dtype", "device", "layout", "requires_grad", "is_leaf")
    ),
}
