"""How a model is called, and what of that which it returns is its answer.

A batch is one tensor or several by name. A `forward` whose parameters have the names of the
inputs gets them as keywords; inputs named "0", "1", … come in that order; any other `forward`
of one parameter gets the batch as it is, a dict of tensors where there are several.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Literal

from torch import Tensor, nn

from hikaku.errors import StudyError
from hikaku.words import Message, message

Input = Tensor | dict[str, Tensor]
ANSWERS = ("logits", "output", "out")
"""Where a model names its outputs, the answer is the first of these."""


@dataclass(frozen=True)
class Calling:
    """How one model is called: with the batch `whole`, or its inputs by "name" or by "place".

    `output` says which of several outputs is the answer, None that it is plain; `outputs` is the
    width of the answer. A model that `writes` into its input is given a copy.
    """

    outputs: int
    by: Literal["whole", "name", "place"] = "whole"
    output: str | int | None = None
    writes: bool = False

    def arguments(self, x: Input) -> tuple[tuple[Input, ...], dict[str, Tensor]]:
        """Return the positional and the keyword arguments of a call with this batch."""
        x = cloned(x) if self.writes else x
        if self.by == "whole" or isinstance(x, Tensor):
            return (x,), {}
        if self.by == "name":
            return (), x
        return tuple(x[str(place)] for place in range(len(x))), {}

    def answer(self, result: Any, x: Input) -> Tensor:
        """Return the answer in what the model returned for `x`: (batch, outputs), floating.

        One dimension is enough where the batch or the answer has only one number in the other.
        Raises `StudyError` where there is no such answer, or where it has another shape.
        """
        found = chosen(result, self.output)
        if not found.is_floating_point():
            raise _unclear(
                message("its output holds {dtype}", dtype=_dtype(found)),
                message("return real numbers, one for each class or value"),
            )
        samples = samples_in(x)
        if found.dim() < 2 and 1 in (samples, self.outputs):
            found = found.reshape(samples, -1) if found.numel() % samples == 0 else found
        if found.shape != (samples, self.outputs):
            raise _misshapen(found, samples, self.outputs)
        return found


def calling_of(model: nn.Module, x: Input, output: object, outputs: int) -> Calling:
    """Return how `model` is called with batches like `x`, judged by the signature of `forward`.

    `output` is the setting of that name, None where it is not written. Raises `StudyError` where
    `forward` cannot take such a batch.
    """
    chosen_output = output if isinstance(output, (str, int)) else None
    parameters = _parameters(model)
    if isinstance(x, Tensor):
        if len(_needed(parameters)) > 1:
            raise _cannot_take(model, x, parameters)
        return Calling(outputs, output=chosen_output)
    if set(x) == {str(place) for place in range(len(x))}:
        return Calling(outputs, "place", chosen_output)
    takes_any = any(item.kind is item.VAR_KEYWORD for item in parameters.values())
    if (takes_any or set(x) <= set(parameters)) and _needed(parameters) <= set(x):
        return Calling(outputs, "name", chosen_output)
    if len(_needed(parameters)) > 1:
        raise _cannot_take(model, x, parameters)
    return Calling(outputs, output=chosen_output)


def chosen(result: Any, output: str | int | None) -> Tensor:
    """Return the tensor that is the answer among what a model returned.

    A tensor is its own answer, a tuple's is its first element; of named outputs it is `logits`,
    `output`, `out` or the only tensor there is. The setting `output` overrides this.
    """
    named = _named(result)
    if output is not None:
        return _asked(result, named, output)
    if isinstance(result, Tensor):
        return result
    tensors = {name: value for name, value in named.items() if isinstance(value, Tensor)}
    first = next((name for name in ANSWERS if name in tensors), "")
    if first or len(tensors) == 1:
        return tensors[first or next(iter(tensors))]
    if not named and isinstance(result, (tuple, list)) and result and isinstance(result[0], Tensor):
        answer: Tensor = result[0]
        return answer
    raise _unclear(
        message("it returns {kind}, and which part is the answer is open", kind=_kind(result)),
        message(
            'write `output = "name"` beside the model, one of: {names}', names=", ".join(tensors)
        )
        if tensors
        else message("return a tensor of (batch, outputs)"),
    )


def call_and_leave(
    model: nn.Module, values: dict[str, Tensor], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    """Return what `functional_call` does, but leave the values in the model.

    Activation checkpointing runs the forward pass again while gradients are taken: by then
    `functional_call` has put the old tensors back, and the gradients would silently be wrong.
    """
    named: dict[str, Tensor] = dict(model.named_parameters(remove_duplicate=False))
    named |= model.named_buffers(remove_duplicate=False)
    new = {id(named[name]): value for name, value in values.items()}
    for name, old in named.items():
        owner, _, own = name.rpartition(".")
        module = model.get_submodule(owner)
        home: dict[str, Any] = module._parameters if own in module._parameters else module._buffers
        home[own] = new.get(id(old), old)
    return model(*args, **kwargs)


def cloned(x: Input) -> Input:
    """Return a copy of a batch."""
    return x.clone() if isinstance(x, Tensor) else {name: t.clone() for name, t in x.items()}


def samples_in(x: Input) -> int:
    """Return the number of samples of a batch."""
    return len(x if isinstance(x, Tensor) else next(iter(x.values())))


def versions(x: Input) -> tuple[int, ...]:
    """Return what changes whenever somebody writes into the batch."""
    return tuple(t._version for t in ((x,) if isinstance(x, Tensor) else x.values()))


def shapes(x: Input) -> str:
    """Return shape and kind of a batch in words: `(2, 1, 8, 8) float32`, by name where named."""
    if isinstance(x, Tensor):
        return f"{tuple(x.shape)} {_dtype(x)}"
    return ", ".join(f"{name}: {tuple(t.shape)} {_dtype(t)}" for name, t in x.items())


def _parameters(model: nn.Module) -> dict[str, inspect.Parameter]:
    return dict(inspect.signature(model.forward).parameters)


def _needed(parameters: Mapping[str, inspect.Parameter]) -> set[str]:
    return {
        name
        for name, item in parameters.items()
        if item.default is item.empty and item.kind not in (item.VAR_POSITIONAL, item.VAR_KEYWORD)
    }


def _named(result: Any) -> dict[str, Any]:
    """Return the outputs by name where they have names: a dict's, a dataclass's, a namedtuple's."""
    if isinstance(result, Mapping):
        return {str(name): value for name, value in result.items()}
    if is_dataclass(result) and not isinstance(result, type):
        return {item.name: getattr(result, item.name) for item in fields(result)}
    if isinstance(result, tuple) and hasattr(result, "_fields"):
        return dict(zip(result._fields, result, strict=True))
    if result is None or isinstance(result, (Tensor, tuple, list)):
        return {}
    return dict(getattr(result, "__dict__", {}))


def _asked(result: Any, named: dict[str, Any], output: str | int) -> Tensor:
    in_order = (
        list(named.values()) if named else result if isinstance(result, (tuple, list)) else ()
    )
    if isinstance(output, str):
        found = named.get(output)
    else:
        found = in_order[output] if -len(in_order) <= output < len(in_order) else None
    if isinstance(found, Tensor):
        return found
    names = ", ".join(named) or ", ".join(map(str, range(len(in_order)))) or "-"
    raise _unclear(
        message("it returns {kind}, without a tensor {output}", kind=_kind(result), output=output),
        message("set `output` to one of: {names}", names=names),
    )


def _kind(result: Any) -> str:
    return type(result).__name__


def _dtype(tensor: Tensor) -> str:
    return str(tensor.dtype).removeprefix("torch.")


def _unclear(what: Message, mend: Message) -> StudyError:
    return StudyError.of(message("model: {what}", what=what), mend=mend)


def _misshapen(found: Tensor, samples: int, outputs: int) -> StudyError:
    shape = tuple(found.shape)
    is_flat = found.numel() == samples * outputs and found.dim() > 1
    return StudyError.of(
        message("model: its output has the shape {found}", found=shape),
        why=message("this data needs (batch, {wanted})", wanted=outputs),
        mend=message("flatten it at the end of forward: x.flatten(1)")
        if is_flat
        else message("give the model's last layer {wanted} outputs", wanted=outputs),
    )


def _cannot_take(
    model: nn.Module, x: Input, parameters: Mapping[str, inspect.Parameter]
) -> StudyError:
    return StudyError.of(
        message(
            "model: forward of {model} takes {parameters}",
            model=type(model).__name__,
            parameters=", ".join(parameters),
        ),
        why=message("the data's inputs are named: {given}", given=", ".join(x))
        if isinstance(x, dict)
        else message("the data has one input"),
        mend=message("name the inputs like the parameters, or let forward take one dict"),
    )
