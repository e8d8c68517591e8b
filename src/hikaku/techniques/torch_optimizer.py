"""Any optimizer of torch, or of a package made for it, by its import path.

`name = "torch.optim.Adagrad"`, `settings = { lr_decay = 0.1 }`: the class is built anew for every
update, on copies, with lr · rate and its state of before, and so becomes a function like every
other optimizer here. What it kept is saved and restored bit for bit: tensors, numbers, and lists of
them. It is trained alone, never in a stack. An optimizer that must look at the loss again (LBFGS)
or be switched for evaluation (schedule-free ones) does not fit.
"""

from __future__ import annotations

import importlib
import site
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from hikaku.errors import StudyError
from hikaku.study.card import Card, Positive, Table, Word
from hikaku.techniques.slots import Facts, Tensors, Tree
from hikaku.words import message

CARD = Card(
    slot="optimizer",
    family="adapter",
    claim="Whatever optimizer there is for torch can be compared.",
    formula="that of the class; lr·rate is its learning rate",
    paper="none: each class has its own; Paszke et al. 2019, PyTorch, NeurIPS, arXiv:1912.01703",
    year=2019,
    helps="Optimizers that are not in the catalogue.",
    hurts="Speed: nothing is shared between trials.",
    cost="A copy of all weights and of the optimizer's state for every update.",
    pitfalls="Its weight decay spares nothing, biases and norms included. The version of its "
    "package is no part of a trial: after an upgrade train again with a new seed or setting.",
)


@dataclass(frozen=True)
class TorchOptimizer:
    """Let the class `name`, with these `settings`, make the updates at lr · rate."""

    name: Word = "torch.optim.SGD"
    lr: Positive = 0.01
    settings: Table = ()

    trains_alone = True

    def init(self, params: Tensors) -> Tree:
        """Return the state before the first update: classes of torch make theirs at the first."""
        return {}

    def update(
        self, grads: Tensors, state: Tree, params: Tensors, rate: float | Tensor, facts: Facts
    ) -> tuple[Tensors, Tree]:
        """Return the parameters and the state after one step of the class.

        Raises `StudyError` where there is no such class.
        """
        leaves = {name: value.detach().clone().requires_grad_() for name, value in params.items()}
        for name, leaf in leaves.items():
            leaf.grad = grads[name].clone()
        made = found(self.name)
        optimizer = made(list(leaves.values()), lr=float(self.lr * rate), **dict(self.settings))
        (group,) = optimizer.param_groups
        before = restored(state)
        for name, held in before.get("state", {}).items():
            optimizer.state[leaves[name]] = held
        group.update(before.get("group", {}))
        optimizer.step()
        held = {name: optimizer.state.get(leaf, {}) for name, leaf in leaves.items()}
        own = {key: value for key, value in group.items() if key not in ("params", "lr")}
        moved = {name: leaf.detach() for name, leaf in leaves.items()}
        return moved, kept({"state": held, "group": own})


def found(name: str) -> Any:
    """Return the class of an installed package by its import path.

    Raises `StudyError` where there is none, and for code that is not installed.
    """
    module_name, _, own = name.rpartition(".")
    try:
        module = importlib.import_module(module_name)
        made = getattr(module, own)
    except (ImportError, AttributeError, ValueError) as error:
        raise StudyError.of(
            message("torch-optimizer: there is no {name}", name=name),
            why=message("{error}", error=str(error)),
            mend=message("write the import path of a class, as torch.optim.Adagrad"),
        ) from error
    homes = [*site.getsitepackages(), site.getusersitepackages()]
    if not any(Path(module.__file__ or "").is_relative_to(home) for home in homes):
        raise StudyError.of(
            message("torch-optimizer: {name} is not installed", name=name),
            why=message("a trial would not notice when its code changes"),
            mend=message("write it as a technique of your own, file.py:Name"),
        )
    return made


KINDS = {"bool": bool, "int": int, "float": float}
"""Numbers are kept as 0-d tensors under a name that says what they were."""


def kept(value: dict[str, Any]) -> Tree:
    """Return what an optimizer keeps as nested dicts of tensors.

    What is no number, nor None, is left out, and with it the list that it stands in: with a gap
    the others would come back in other places.
    """
    tree: Tree = {}
    for name, one in value.items():
        kind = type(one).__name__
        if isinstance(one, Tensor):
            tree[f"tensor {name}"] = one
        elif kind in KINDS:
            dtype = {"bool": torch.bool, "int": torch.int64}.get(kind, torch.float64)
            tree[f"{kind} {name}"] = torch.tensor(one, dtype=dtype)
        elif one is None:
            tree[f"None {name}"] = torch.zeros(())
        elif isinstance(one, (list, tuple)):
            inside = kept({str(place): item for place, item in enumerate(one)})
            if len(inside) == len(one):
                tree[f"{kind} {name}"] = inside
        elif isinstance(one, dict):
            tree[f"dict {name}"] = kept(one)
    return tree


def restored(tree: Tree) -> dict[str, Any]:
    """Return what `kept` took apart; tensors are copies, which may be written into."""
    value: dict[str, Any] = {}
    for name, one in tree.items():
        kind, _, own = name.partition(" ")
        if kind == "None":
            value[own] = None
        elif isinstance(one, Tensor):
            value[own] = KINDS[kind](one.item()) if kind in KINDS else one.clone()
        else:
            inside = restored(one)
            makes = {"list": list, "tuple": tuple}
            value[own] = makes[kind](inside.values()) if kind in makes else inside
    return value
