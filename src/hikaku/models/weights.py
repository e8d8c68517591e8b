"""Weights to start from: a file of tensors by name, laid into a model; every misfit at once."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from hikaku.errors import Fault, StudyError
from hikaku.models.sites import fits
from hikaku.study.own_model import CONVERT, WEIGHTS
from hikaku.user_code import said
from hikaku.words import Message, message

LARGEST_HEAD = 8 * 2**20
"""Bytes. Of each tensor the head holds about a hundred."""
MOST_TENSORS = 50_000
LISTED = 200
"""So many names are said of each kind of misfit; the rest is counted."""


def start_from(model: nn.Module, file: str, fresh: tuple[str, ...], folder: str) -> None:
    """Lay the tensors of `file`, found from `folder`, into the model, its buffers included.

    Names that fit a pattern of `fresh` keep what the model made of them itself. Of names tied
    together one is enough. Raises `StudyError` with every name that is missing, unexpected, of
    another shape, or of another kind of number.
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
    """Return the tensors of a `.safetensors` file by name, its head held against its size first.

    Nothing is unpickled. Raises `StudyError` where it is no such file, or where its head is larger
    than `LARGEST_HEAD` bytes, names more than `MOST_TENSORS`, or names one of them twice.
    """
    try:
        if path.suffix != WEIGHTS:
            raise ValueError(f"not a {WEIGHTS} file")
        check_head(path)
        return load_file(path)
    except Exception as error:  # a file that is cut, or is none, fails in many ways
        pickled = path.suffix != WEIGHTS or _begins_like_torch(path)
        raise StudyError.of(
            message("weights: this file cannot be read: {error}", error=said(error)),
            where=f"{path}:",
            why=message("torch's own format can run code when it is read") if pickled else None,
            mend=CONVERT
            if pickled
            else message("save them by safetensors.torch.save_file(model.state_dict(), path)"),
        ) from error


def check_head(path: Path) -> None:
    """Raise ValueError where the head is none, before anything that it announces is made."""
    if not path.is_file():
        raise ValueError("no such file" if not path.exists() else "not a regular file")
    with path.open("rb") as file:
        announced = int.from_bytes(file.read(8), "little")
        if announced > min(LARGEST_HEAD, path.stat().st_size - 8):
            raise ValueError(
                f"its head would take {announced:,} bytes, of {path.stat().st_size:,} in all; "
                f"{LARGEST_HEAD:,} are allowed"
            )
        named = json.loads(file.read(announced), object_pairs_hook=_once_each)
    if len(named) > MOST_TENSORS:
        raise ValueError(f"it names {len(named):,} tensors; {MOST_TENSORS:,} are allowed")


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    # Two readers of a file that names one tensor twice would take two different ones.
    twice = [name for name, count in Counter(name for name, _ in pairs).items() if count > 1]
    if twice:
        raise ValueError(f"it names '{twice[0][:60]}' twice")
    return dict(pairs)


def _begins_like_torch(path: Path) -> bool:
    """Return whether a file is a zip archive or a pickle, whatever its name."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(4).startswith((b"PK", b"\x80"))


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
    kinds = [
        f"{name} {value.dtype} → {own[name].dtype}"
        for name, value in given.items()
        if name in own and _kind(value) != _kind(own[name])
    ]
    idle = [pattern for pattern in fresh if not any(fits(name, (pattern,)) for name in own)]
    leave = message("name them in `fresh` to leave them as the model makes them")
    found = [
        (message("missing: {names}", names=_listed(missing)), leave, missing),
        (message("not in the model: {names}", names=_listed(unexpected)), leave, unexpected),
        (message("of another shape: {names}", names=_listed(shapes)), leave, shapes),
        (message("of another kind of number: {names}", names=_listed(kinds)), leave, kinds),
        (
            message("`fresh` fits nothing: {names}", names=_listed(idle)),
            message("the model's names are: {names}", names=_listed([*own])),
            idle,
        ),
    ]
    return [(what, mend) for what, mend, names in found if names]


def _kind(value: Tensor) -> tuple[bool, bool]:
    """Return what must be alike: half, single and double precision are, 1.5 and 1 are not."""
    return value.is_floating_point(), value.is_complex()


def _listed(names: list[str]) -> str:
    more = f" … and {len(names) - LISTED:,} more" if len(names) > LISTED else ""
    return ", ".join(name[:200] for name in names[:LISTED]) + more
