"""`TrainState`: everything that changes while one trial trains, as nested dicts of tensors."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from safetensors.torch import load_file, save_file
from torch import Tensor

from hikaku.techniques.slots import Tensors, Tree
from hikaku.training.memory_format import kernel


@dataclass(frozen=True)
class TrainState:
    """The weights and what the techniques carry from step to step.

    `params` train; `buffers` are running statistics; `optimizer`, `average` and `stopper` are the
    states of the techniques in these slots (empty where the slot is).
    """

    params: Tensors
    buffers: Tensors
    optimizer: Tree = field(default_factory=dict)
    average: Tree = field(default_factory=dict)
    stopper: Tree = field(default_factory=dict)

    @property
    def weights(self) -> Tensors:
        """Return parameters and buffers together: what a model computes with."""
        return {**self.params, **self.buffers}

    def tree(self) -> Tree:
        """Return the state as one nested dict."""
        return {
            "params": dict(self.params),
            "buffers": dict(self.buffers),
            "optimizer": self.optimizer,
            "average": self.average,
            "stopper": self.stopper,
        }


def save(state: TrainState, path: Path) -> None:
    """Write the state to a safetensors file, bit for bit."""
    save_file({name: value.contiguous() for name, value in flat(state.tree()).items()}, path)


def load(path: Path) -> TrainState:
    """Return the state that `save` wrote."""
    # A file keeps neither strides nor alignment, and products of matrices give other bits without.
    found = {name: kernel(value.clone()) for name, value in load_file(path).items()}
    tree: dict[str, Any] = dict(nested(found))
    return TrainState(**{item.name: tree.get(item.name, {}) for item in fields(TrainState)})


SEPARATOR = "|"


def flat(tree: Tree, prefix: str = "") -> Tensors:
    """Return the tensors of a nested dict under names such as `optimizer|first|fc1.weight`."""
    found: Tensors = {}
    for name, value in tree.items():
        path = f"{prefix}{SEPARATOR}{name}" if prefix else name
        if isinstance(value, Tensor):
            found[path] = value
        else:
            found.update(flat(value, path))
    return found


def nested(tensors: Tensors) -> Tree:
    """Return the nested dict that `flat` took apart."""
    tree: Tree = {}
    for path, value in tensors.items():
        *folders, name = path.split(SEPARATOR)
        here = tree
        for folder in folders:
            here = here.setdefault(folder, {})  # type: ignore[assignment]  # folders hold no tensors
        here[name] = value
    return tree
