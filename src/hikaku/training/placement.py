"""Everything of a trial on the device, and in the numbers, that it is computed in.

A trial is built on the processor in float32, so that its first weights are the same whatever it
is trained on, and moved as a whole; for float32 on the processor nothing moves and no bit changes.
"""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any, TypeVar

import torch
from torch import Tensor, nn
from torch.utils._pytree import tree_map

from hikaku.study.recipe import Dtype
from hikaku.training.evaluate import Part
from hikaku.training.memory_format import Bytes, Samples
from hikaku.training.precision import kept_in
from hikaku.training.program import Program
from hikaku.training.snapshot import Snapshot
from hikaku.training.stack import Material
from hikaku.training.state import TrainState
from hikaku.training.teacher import modules

T = TypeVar("T")


def placed(value: T, device: torch.device, precision: Dtype = "fp32") -> T:
    """Return a tensor, or a tree of them, on the device; MPS has no float64 and gets float32.

    With "fp64" all real numbers are float64; else each keeps its type.
    """

    def one(leaf: object) -> object:
        if not isinstance(leaf, Tensor):
            return leaf
        raised = precision == "fp64" and leaf.is_floating_point()
        dtype = torch.float64 if raised else leaf.dtype
        short = device.type == "mps" and dtype == torch.float64
        return leaf.to(device, torch.float32 if short else dtype)

    found: T = tree_map(one, value)
    return found


def placed_trial(
    program: Program,
    state: TrainState,
    material: Material,
    device: torch.device,
    precision: Dtype = "fp32",
) -> tuple[Program, TrainState, Material]:
    """Return the trial on the device, to be computed in this precision.

    The modules of `program` themselves are moved.
    """
    for model in (program.train_model, program.eval_model, *modules(program.facts)):
        _move(model, device, precision)
    constants = placed(program.constants, device, precision)
    there = replace(program, constants=constants, device=device, precision=precision)
    trees: dict[str, Any] = dict(placed(state.tree(), device, precision))
    parts: dict[str, Any] = {
        item.name: Part(_samples(part.x, device, precision), placed(part.y, device, precision))
        for item in fields(material)
        if isinstance(part := getattr(material, item.name), Part)
    }
    reader = replace(material.reader, soft_in=kept_in(precision))
    return there, TrainState(**trees), replace(material, reader=reader, **parts)


def placed_snapshot(snapshot: Snapshot, program: Program) -> Snapshot:
    """Return a snapshot on the device of this program."""

    def there(value: T) -> T:
        return placed(value, program.device)

    trees: dict[str, Any] = dict(there(snapshot.state.tree()))
    kept = snapshot.kept and replace(snapshot.kept, weights=there(snapshot.kept.weights))
    best, running = there(snapshot.best), there(snapshot.running)
    # The states of generators are numbers of the processor's, whichever device they are of.
    return replace(snapshot, state=TrainState(**trees), best=best, running=running, kept=kept)


def _samples(x: Samples, device: torch.device, precision: Dtype) -> Samples:
    if not isinstance(x, Bytes):
        return placed(x, device, precision)
    if device.type == "cpu":
        return replace(x, like=placed(x.like, device, precision))
    # An accelerator has memory of its own, and waits for nobody who gathers rows.
    return placed(x.taken(slice(None)), device, precision)


def _move(model: nn.Module, device: torch.device, precision: Dtype) -> None:
    if precision == "fp64":
        model.double()
    if device.type == "mps":
        for module in model.modules():
            for name, value in module.named_buffers(recurse=False):
                setattr(module, name, placed(value, device))
    model.to(device)
