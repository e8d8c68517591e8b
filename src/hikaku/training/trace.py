"""What a forward pass does, call by call: the ops of a chain of dense layers, or a refusal.

Every torch function that the model calls is seen, whoever calls it. It must be in a list of ours
and act on the one tensor that the call before it gave, so what was seen is all that was done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode
from torch.utils.hooks import RemovableHandle

from hikaku.models.calling import chosen
from hikaku.models.noise import DropConnect, Dropout
from hikaku.models.sites import ACTIVATION_OPS, DROPOUT_OPS
from hikaku.models.surgery import noise_layers
from hikaku.techniques.slots import Tensors
from hikaku.training.chain import (
    FORMULAS,
    Activation,
    Convolution,
    Dense,
    Kinds,
    Masked,
    Noise,
    Norm,
    Op,
    Pool,
)
from hikaku.training.image_calls import CONVOLUTION, POOL, POOLS, convolution, pool, shape_of
from hikaku.training.program import Program
from hikaku.training.state import TrainState
from hikaku.words import Message, message

ASKED = {
    *(Tensor.size, Tensor.dim, Tensor.ndimension, Tensor.numel, Tensor.__len__),
    *(getattr(Tensor, name).__get__ for name in ("shape", "ndim", "dtype", "device", "is_cuda")),
}
"""What a forward pass may ask of a tensor: the answers hold none of its numbers."""

SAME = {
    *(Tensor.flatten, torch.flatten, Tensor.view, Tensor.reshape, torch.reshape),
    *(Tensor.squeeze, torch.squeeze, Tensor.contiguous, Tensor.clone),
}
"""These keep the numbers and their order; where the shape matters, it is looked at."""

SETTINGS: dict[str, tuple[str, object]] = {
    "leaky-relu": ("negative_slope", 0.01),
    "elu": ("alpha", 1.0),
    "gelu": ("approximate", "none"),
}
"""What an activation takes beside its input and `inplace`, with torch's default."""

NORM = ("running_mean", "running_var", "weight", "bias", "training", "momentum", "eps")
PARTS_OF_NORM = ("running_mean", "running_var", "weight", "bias")


class NotOne(Exception):  # it is no error, it is the answer
    """The model is no chain; `why` says it in words."""

    def __init__(self, why: Message) -> None:
        super().__init__(str(why))
        self.why = why


def name_of(func: Callable[..., Any]) -> str:
    """Return what people call a function: `relu`, or `requires_grad` where that was looked up."""
    name = getattr(func, "__name__", str(func))
    return name_of(getattr(func, "__self__", func)) if name == "__get__" else name


def is_one(rest: tuple[Any, ...]) -> bool:
    """Return whether a call has one argument behind its input, and that is the number 1."""
    return len(rest) == 1 and isinstance(rest[0], int) and rest[0] == 1


def traced(
    program: Program, state: TrainState, x: Tensor, training: bool, kinds: Kinds
) -> tuple[Op, ...]:
    """Return what one forward pass of x, (batch, …), does, in order. Raises `NotOne`.

    The program's model is run: let it be a copy. Calls of other `kinds` of layers are refused.
    """
    model = program.train_model if training else program.eval_model
    # Copies of our own: running statistics are written in place, and each has one name.
    weights = {name: value.clone() for name, value in state.weights.items()}
    noise = {
        f"{path}.noise": torch.zeros(wanted.shape(len(x))) for path, wanted in program.noise.items()
    }
    given = x.clone()
    trace = Trace(program, weights, given, training, kinds)
    handles = [
        handle for path, layer in noise_layers(model).items() for handle in trace.hold(path, layer)
    ]
    values = {**program.constants, **noise, **weights}
    try:
        with torch.enable_grad(), trace:
            result = functional_call(model, values, *program.calling.arguments(given))
    finally:
        for handle in handles:
            handle.remove()
    if trace.refusal is not None:  # a forward may have caught it
        raise trace.refusal
    answer = chosen(result, program.calling.output)
    if answer is not trace.current or trace.counter is not None or given._version:
        raise NotOne(message("its answer is not what its last call gave"))
    return tuple(trace.ops)


class Trace(TorchFunctionMode):
    """Notes every torch function that is called meanwhile, as an op on `current`.

    `counter` is a count of batches that was just raised by one: it belongs to the norm that must
    follow.
    """

    def __init__(
        self, program: Program, weights: Tensors, x: Tensor, training: bool, kinds: Kinds
    ) -> None:
        super().__init__()
        self._kinds = kinds
        self.ops: list[Op] = []
        self.current = x
        self.counter: str | None = None
        self.refusal: NotOne | None = None
        self._training = training
        self._names = {id(value): name for name, value in weights.items()}
        self._noise = program.noise
        self._samples = len(x)
        self._inside = False
        self._masked: dict[int, tuple[Tensor, str, str]] = {}

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        """Carry out one call, and note it where it is not our own dropout's."""
        named = dict(kwargs or {})
        output = func(*args, **named)
        if not self._inside and func not in ASKED:
            x, *rest = args or (named.pop("input", None),)
            self._note(func, x, tuple(rest), named, output)
        return output

    def hold(self, path: str, layer: nn.Module) -> Iterator[RemovableHandle]:
        """Yield the hooks by which dropout of ours is seen as one op; other noise is not."""
        if type(layer) is DropConnect and Masked in self._kinds:
            yield from self._hold_masked(path, layer)
        if type(layer) is not Dropout:
            return

        def enter(module: nn.Module, args: tuple[Any, ...]) -> None:
            self._expect(args[0], "dropout")
            self._inside = True

        def leave(module: nn.Module, args: Any, output: Any) -> None:
            self._inside = False
            if output is None:
                raise self._refused(message("a dropout of it fails"))
            if self._training:
                if self._noise[path].sizes != ((1, 0), (0, output.shape[-1])):
                    raise self._refused(message("a dropout drops more than single units"))
                self._append(Noise(path, f"{path}.p"), output)

        yield layer.register_forward_pre_hook(enter)
        yield layer.register_forward_hook(leave, always_call=True)

    def _hold_masked(self, path: str, layer: nn.Module) -> Iterator[RemovableHandle]:
        """Yield the hooks by which a weight that is masked is known again where it is used."""

        def enter(module: nn.Module, args: tuple[Any, ...]) -> None:
            self._inside = True

        def leave(module: nn.Module, args: tuple[Any, ...], output: Any) -> None:
            self._inside = False
            if output is not None and output is not args[0]:
                self._masked[id(output)] = output, self._name(args[0]), path

        yield layer.register_forward_pre_hook(enter)
        yield layer.register_forward_hook(leave, always_call=True)

    def _note(
        self, func: Callable[..., Any], x: Any, rest: tuple[Any, ...], named: Any, output: Any
    ) -> None:
        called = name_of(func)
        if func is Tensor.add_ and self.counter is None and is_one(rest) and not named:
            self.counter = self._name(x)
            return
        if func is Tensor.copy_ and len(rest) == 1 and not named and id(x) not in self._names:
            x = rest[0]  # An edit of an op in place copies its result back.
        self._expect(x, called)
        if func in SAME or func is Tensor.copy_ or self._is_idle(func, rest, named):
            self.current = output
        else:
            self._append(self._op(func, called, rest, named), output)

    def _is_idle(self, func: Callable[..., Any], rest: tuple[Any, ...], named: Any) -> bool:
        """Return whether this is a dropout that is switched off."""
        return (
            func in DROPOUT_OPS
            and self._bound(("p", "training", "inplace"), rest, named).get("training") is False
        )

    def _op(self, func: Callable[..., Any], called: str, rest: tuple[Any, ...], named: Any) -> Op:
        if func is F.linear:
            return self._dense(self._bound(("weight", "bias"), rest, named))
        if func is F.batch_norm:
            return self._norm(self._bound(NORM, rest, named))
        if Pool in self._kinds and (func is F.conv2d or func in POOLS):
            return self._on_image(func, rest, named)
        kind = ACTIVATION_OPS.get(func, "")
        if kind in FORMULAS:
            setting, default = SETTINGS.get(kind, ("", None))
            names = (setting, "inplace") if setting else ("inplace",)
            value = self._bound(names, rest, named).get(setting, default)
            if value in ("none", "tanh"):
                return Activation("gelu-tanh" if value == "tanh" else "gelu")
            return Activation(kind, None if value is None else self._number(value))
        raise self._refused(message("it calls {call}", call=called))

    def _dense(self, given: Mapping[str, Any]) -> Dense | Masked:
        outputs, inputs = given["weight"].shape
        bias = given.get("bias")
        bias = None if bias is None else self._name(bias)
        if masked := self._masked.get(id(given["weight"])):
            _, name, path = masked
            return Masked(Dense(name, bias, inputs, outputs), path, f"{path}.p")
        return Dense(self._name(given["weight"]), bias, inputs, outputs)

    def _on_image(self, func: Callable[..., Any], rest: tuple[Any, ...], named: Any) -> Op:
        if func in POOLS:
            found: Op | None = pool(self.current, self._bound(POOL, rest, named))
        else:
            found = convolution(self.current, self._bound(CONVOLUTION, rest, named), self._name)
        if found is None:
            raise self._refused(message("a layer for images of it is none of the simple kind"))
        return found

    def _norm(self, given: Mapping[str, Any]) -> Norm:
        parts = [given.get(part) for part in PARTS_OF_NORM]
        if parts[0] is None or parts[1] is None:
            raise self._refused(message("a batch norm keeps no running figures"))
        mean, variance, weight, bias = (None if t is None else self._name(t) for t in parts)
        assert mean is not None and variance is not None
        counter, self.counter = self.counter, None
        if given.get("training", False) is not self._training:
            raise self._refused(message("a batch norm is not in the mode that the model is in"))
        if counter is not None and counter.rpartition(".")[0] != mean.rpartition(".")[0]:
            raise self._refused(message("it writes into {name}", name=counter))
        eps, momentum = (
            self._number(given.get("eps", 1e-5)),
            self._number(given.get("momentum", 0.1)),
        )
        return Norm(
            mean, variance, weight, bias, eps, momentum, counter, len(given["running_mean"])
        )

    def _append(self, op: Op, output: Any) -> None:
        # Between two ops a shape may be anything, as the order of the numbers stays; in an op not.
        dims = {4, 2} if Pool in self._kinds and isinstance(op, Activation) else {2}
        if isinstance(op, Convolution | Pool):
            dims, op = {4}, replace(op, outputs=shape_of(output))
        is_batch = self.current.dim() in dims and len(self.current) == self._samples
        if not is_batch or output.dim() not in dims or output.dtype != self.current.dtype:
            raise self._refused(message("a layer of it does not take (batch, features)"))
        self.ops.append(op)
        self.current = output

    def _expect(self, x: Any, called: str) -> None:
        if x is not self.current:
            raise self._refused(
                message("{call} takes what the call before it did not give", call=called)
            )

    def _name(self, value: Any) -> str:
        name = self._names.get(id(value))
        if name is None:
            raise self._refused(message("a layer uses what is no trained weight of its own"))
        return name

    def _number(self, value: Any) -> float:
        if not isinstance(value, (int, float)):
            raise self._refused(message("a setting of a layer is no plain number"))
        return float(value)

    def _bound(self, names: tuple[str, ...], rest: tuple[Any, ...], named: Any) -> dict[str, Any]:
        """Return the arguments behind the input by name."""
        if len(rest) > len(names) or not set(named) <= set(names):
            raise self._refused(message("a call of it has arguments that are not known"))
        return {**dict(zip(names, rest, strict=False)), **named}

    def _refused(self, why: Message) -> NotOne:
        self.refusal = self.refusal or NotOne(why)
        return self.refusal
