"""Where a trial starts from: first weights by a technique, and the state before any update."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy

import torch
from torch import Tensor, nn
from torch.nn.utils.parametrize import is_parametrized

from hikaku.draws import Draws
from hikaku.techniques.slots import Init, Starting, Tensors
from hikaku.training.memory_format import kernel
from hikaku.training.state import TrainState
from hikaku.training.step import Slots
from hikaku.training.step_draws import StepDraws

NOT_FILLED = (nn.Embedding, nn.EmbeddingBag)
"""Their weight is a table that is looked up: no sum over inputs, so no fan to go by."""


def filled(model: nn.Module, init: Init, draws: Draws) -> None:
    """Give every dense and convolutional weight, and the bias beside it, its first values.

    What is frozen keeps its values, and what layers share is filled once. A weight under a
    parametrization (`weight_norm`) gets values whose parametrized form is the one drawn.
    """
    seen: set[int] = set()
    for path, module in _layers(model):
        for name in ("weight", "bias"):
            held = _held(module, name)
            if not held or not all(value.requires_grad and id(value) not in seen for value in held):
                continue
            seen |= {id(value) for value in held}
            shape = tuple(getattr(module, name).shape)
            values = init.fill(f"{path}.{name}", shape, StepDraws(draws, 0, f"{path}.{name} "))
            with torch.no_grad():
                if is_parametrized(module, name):
                    setattr(module, name, values)
                else:
                    held[0].copy_(values)


def started(model: nn.Module, init: Starting, run: Callable[[nn.Module], object]) -> None:
    """Let a technique change first weights by what the layers make of a batch.

    `run` runs a model, in evaluation mode, on that batch. Weights that are frozen or under a
    parametrization stay as they are.
    """
    names = {
        f"{path}.weight"
        for path, module in _layers(model)
        if not is_parametrized(module, "weight") and module.weight.requires_grad
    }
    weights = {name: value for name, value in model.named_parameters() if name in names}

    def outputs(weights: Tensors) -> Tensors:
        copy, found = deepcopy(model), Tensors()
        copy.load_state_dict(weights, strict=False)
        for name in weights:
            path = name.rpartition(".")[0]
            copy.get_submodule(path).register_forward_hook(
                lambda module, args, output, name=name: found.setdefault(name, output)
            )
        with torch.no_grad():
            run(copy)
        return found

    changed = init.start({name: value.detach().clone() for name, value in weights.items()}, outputs)
    with torch.no_grad():
        for name, value in weights.items():
            value.copy_(changed[name])


def _layers(model: nn.Module) -> Iterator[tuple[str, nn.Module]]:
    """Yield the dense and convolutional layers by their path."""
    for path, module in model.named_modules():
        if not isinstance(module, NOT_FILLED) and _rank(module) >= 2:
            yield path, module


def _held(module: nn.Module, name: str) -> list[nn.Parameter]:
    """Return the parameters that `module.name` is made of: itself, or what parametrizes it."""
    if is_parametrized(module, name):
        return list(module.get_submodule(f"parametrizations.{name}").parameters())
    value = getattr(module, name, None)
    return [value] if isinstance(value, nn.Parameter) else []


def _rank(module: nn.Module) -> int:
    weight = getattr(module, "weight", None) if _held(module, "weight") else None
    return weight.dim() if isinstance(weight, Tensor) else 0


def first_state(model: nn.Module, slots: Slots, noise: set[str]) -> tuple[TrainState, Tensors]:
    """Return the state before the first update, and the tensors that never change."""
    params = {
        name: kernel(value.detach().clone())
        for name, value in model.named_parameters()
        if value.requires_grad
    }
    constants = {
        name: value.detach() for name, value in model.named_parameters() if not value.requires_grad
    }
    buffers: Tensors = {}
    for name, value in model.named_buffers():
        owner, _, own_name = name.rpartition(".")
        if owner not in noise:
            buffers[name] = value.detach().clone()
        elif own_name != "noise":
            constants[name] = value.detach()
    weights = {**params, **buffers}
    return TrainState(
        params,
        buffers,
        slots.optimizer.init(params),
        slots.averaging.init(params) if slots.averaging else {},
        slots.stopping.init(weights) if slots.stopping else {},
    ), constants
