"""Weights to start from: a file of tensors by name, laid into a model; every misfit at once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from hikaku.errors import Fault, StudyError
from hikaku.models.sites import fits
from hikaku.user_code import said
from hikaku.words import Message, message

INSIDE = ("state_dict", "model_state_dict", "model")
"""Where a checkpoint of a whole training keeps the weights."""


def start_from(model: nn.Module, file: str, fresh: tuple[str, ...], folder: str) -> None:
    """Lay the tensors of `file`, found from `folder`, into the model, its buffers included.

    Names that fit a pattern of `fresh` keep what the model made of them itself. Of names tied
    together one is enough. Raises `StudyError` with every name that is missing, unexpected or of
    another shape.
    """
    path = Path(folder) / file
    given = {name: value for name, value in read(path).items() if not fits(name, fresh)}
    own = {
        name: value
        for name, value in model.state_dict(keep_vars=True).items()
        if isinstance(value, Tensor)
    }
    # A file of kept weights also holds trained buffers that a state_dict leaves out.
    left_out = {n: v for n, v in model.named_buffers() if n in given and n not in own}
    own |= left_out
    StudyError.gather(
        Fault(message("weights: {what}", what=what), f"{path}:", mend=mend)
        for what, mend in _misfits(own, given, fresh)
    )
    with torch.no_grad():
        for name, value in given.items():
            # A mask that was expanded cannot be written to; nor does it change.
            if name not in left_out or not torch.equal(own[name], value):
                own[name].copy_(value)


def read(path: Path) -> dict[str, Tensor]:
    """Return the tensors of a `.safetensors`, or a `.pt` or `.pth` file, by name.

    Nothing in the file is run. Raises `StudyError` where it cannot be read so.
    """
    try:
        found: Any = load_file(path) if path.suffix == ".safetensors" else _unpickled(path)
    except Exception as error:  # a file that is cut, or is none, fails in many ways
        raise StudyError.of(
            message("weights: this file cannot be read: {error}", error=said(error)),
            where=f"{path}:",
            mend=message("save them by safetensors.torch.save_file(model.state_dict(), path)"),
        ) from error
    inside = [found[key] for key in INSIDE if isinstance(found, Mapping) and key in found]
    found = inside[0] if inside and isinstance(inside[0], Mapping) else found
    if not isinstance(found, Mapping) or not all(isinstance(v, Tensor) for v in found.values()):
        raise StudyError.of(
            message("weights: this file holds more than tensors by name"),
            where=f"{path}:",
            mend=message("save model.state_dict()"),
        )
    return dict(found)


def _unpickled(path: Path) -> Any:
    return torch.load(path, map_location="cpu", weights_only=True)  # noqa: TID251 - weights_only runs nothing


def _misfits(
    own: Mapping[str, Tensor], given: Mapping[str, Tensor], fresh: tuple[str, ...]
) -> list[tuple[Message, Message]]:
    # Of one tensor under two names, a file may hold only one.
    there = {id(own[name]) for name in given if name in own}
    missing = [n for n, value in own.items() if id(value) not in there and not fits(n, fresh)]
    unexpected = [name for name in given if name not in own]
    shapes = [
        f"{name} {tuple(value.shape)} → {tuple(own[name].shape)}"
        for name, value in given.items()
        if name in own and value.shape != own[name].shape
    ]
    idle = [pattern for pattern in fresh if not any(fits(name, (pattern,)) for name in own)]
    leave = message("name them in `fresh` to leave them as the model makes them")
    found = [
        (message("missing: {names}", names=", ".join(missing)), leave, missing),
        (message("not in the model: {names}", names=", ".join(unexpected)), leave, unexpected),
        (message("of another shape: {names}", names=", ".join(shapes)), leave, shapes),
        (
            message("`fresh` fits nothing: {names}", names=", ".join(idle)),
            message("the model's names are: {names}", names=", ".join(own)),
            idle,
        ),
    ]
    return [(what, mend) for what, mend, names in found if names]
