"""`TrainState`: everything that changes while one trial trains, as nested dicts of tensors."""

from __future__ import annotations

from dataclasses import dataclass, field

from torch import Tensor

from hikaku.techniques.slots import Tensors, Tree


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
