"""Everything of a trial on the device that it is computed on.

A trial is built on the processor, so that its first weights are the same whatever it is trained
on, and moved as a whole; on the processor nothing moves and no bit changes.
"""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any, TypeVar

import torch
from torch import Tensor, nn
from torch.utils._pytree import tree_map

from hikaku.training.evaluate import Part
from hikaku.training.loop import Material
from hikaku.training.program import Program
from hikaku.training.state import TrainState

T = TypeVar("T")


def placed(value: T, device: torch.device) -> T:
    """Return a tensor, or a tree of them, on the device; MPS has no float64 and gets float32."""

    def one(leaf: object) -> object:
        if not isinstance(leaf, Tensor):
            return leaf
        short = device.type == "mps" and leaf.dtype == torch.float64
        return leaf.to(device, torch.float32 if short else leaf.dtype)

    found: T = tree_map(one, value)
    return found


def placed_trial(
    program: Program, state: TrainState, material: Material, device: torch.device
) -> tuple[Program, TrainState, Material]:
    """Return the trial on the device; the modules of `program` themselves are moved."""
    for model in (program.train_model, program.eval_model):
        _move(model, device)
    there = replace(program, constants=placed(program.constants, device), device=device)
    trees: dict[str, Any] = dict(placed(state.tree(), device))
    parts: dict[str, Any] = {
        item.name: Part(placed(part.x, device), placed(part.y, device))
        for item in fields(material)
        if isinstance(part := getattr(material, item.name), Part)
    }
    return there, TrainState(**trees), replace(material, **parts)


def _move(model: nn.Module, device: torch.device) -> None:
    if device.type == "mps":
        for module in model.modules():
            for name, value in module.named_buffers(recurse=False):
                setattr(module, name, placed(value, device))
    model.to(device)
