"""`Snapshot`: one trial between two updates, to and from a file: all that decides how it goes on.

The order of samples, noise and augmentation are functions of (seed, epoch, step), so nothing of
them stands here. A file is safetensors: numbers and text, nothing that could run.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load as load_tensors
from safetensors.torch import save as save_tensors
from torch import Tensor

from hikaku.records import Record
from hikaku.techniques.slots import Tensors, Tree
from hikaku.training.memory_format import kernel
from hikaku.training.state import SEPARATOR, TrainState, flat, nested

FORM = "hikaku-checkpoint-1"
"""The key under which a file's text stands; it changes when the form does."""
PARTS = ("state", "best", "kept", "running", "generators")


class Unusable(Exception):
    """A file is no checkpoint from which this trial could go on; the text says why."""


@dataclass(frozen=True)
class Held:
    """Weights of an evaluation that are to stay: after `update` of `updates`, with its scores."""

    update: int
    updates: int
    scores: dict[str, float]
    weights: Tensors


@dataclass(frozen=True)
class Snapshot:
    """A trial after `update` updates.

    `state` is its training state, stopper included; `records` are all until now, and do not stand
    in the file: the store holds them. `best` are the weights of the best validation loss, where
    there are any. `running` holds what was read of each batch since the last evaluation, (batches,)
    by name, their sizes under "size". `generators` are the states of the global generators where
    anybody has drawn from them. `seconds` were spent until now. `kept` and `written` are the
    weights and files that are to stay.
    """

    update: int
    state: TrainState
    records: tuple[Record, ...] = ()
    best: Tensors | None = None
    running: Tensors = field(default_factory=dict)
    generators: Tensors = field(default_factory=dict)
    seconds: float = 0.0
    kept: Held | None = None
    written: tuple[str, ...] = ()


def encode(snapshot: Snapshot, key: str, surroundings: str) -> bytes:
    """Return the content of the file of this trial's snapshot.

    `surroundings` says where it was computed: elsewhere other bits might follow.
    """
    kept = snapshot.kept
    tree: Tree = {
        "state": snapshot.state.tree(),
        "best": dict(snapshot.best or {}),
        "kept": dict(kept.weights if kept else {}),
        "running": dict(snapshot.running),
        "generators": dict(snapshot.generators),
    }
    tensors = {
        # A copy each: a file has no place for tensors that share their memory.
        name: value.detach().cpu().contiguous().clone()
        for name, value in flat(tree).items()
    }
    text = {
        "key": key,
        "surroundings": surroundings,
        "update": snapshot.update,
        "seconds": snapshot.seconds,
        "best": snapshot.best is not None,
        "kept": kept and {"update": kept.update, "updates": kept.updates, "scores": kept.scores},
        "written": snapshot.written,
        "empty": list(_empty(tree)),
        # Sums over all weights round by their order, and a file keeps none.
        "order": list(tensors),
    }
    return save_tensors(tensors, {FORM: json.dumps(text)})


def decode(
    content: bytes, key: str, surroundings: str, first: TrainState, records: tuple[Record, ...]
) -> Snapshot:
    """Return the snapshot of a file's content, on the processor, with these records.

    `first` is the state that the trial starts from. Raises `Unusable` where it is another trial's,
    from other surroundings, or no checkpoint at all.
    """
    try:
        return _decoded(content, key, surroundings, first, records)
    except (SafetensorError, RuntimeError, ValueError, LookupError, TypeError, AttributeError) as e:
        raise Unusable(f"no checkpoint: {e}") from e


def _decoded(
    content: bytes, key: str, surroundings: str, first: TrainState, records: tuple[Record, ...]
) -> Snapshot:
    """As `decode`; any error of what reads it may be raised."""
    text = _text(content)
    if text.get("key") != key:
        raise Unusable("it is another trial's")
    if text.get("surroundings") != surroundings:
        raise Unusable(f"it was made by {text.get('surroundings')}, and this is {surroundings}")
    tensors = load_tensors(content)
    # A file keeps neither strides nor alignment, and products of matrices give other bits without.
    tree = nested({name: kernel(tensors[name].clone()) for name in text["order"]})
    _fill(tree, text["empty"])
    parts: dict[str, Any] = {name: tree.get(name, {}) for name in PARTS}
    state = TrainState(**{item.name: parts["state"][item.name] for item in fields(TrainState)})
    _check(state, first)
    kept = text["kept"]
    return Snapshot(
        update=text["update"],
        state=state,
        records=records,
        best=parts["best"] if text["best"] else None,
        running=parts["running"],
        generators=parts["generators"],
        seconds=text["seconds"],
        kept=Held(**kept, weights=parts["kept"]) if kept else None,
        written=tuple(text["written"]),
    )


def _text(content: bytes) -> dict[str, Any]:
    """Return the text of a checkpoint's file, which stands in the head."""
    length = int.from_bytes(content[:8], "little")
    found: dict[str, Any] = json.loads(json.loads(content[8 : 8 + length])["__metadata__"][FORM])
    return found


def _empty(tree: Mapping[str, Any], prefix: tuple[str, ...] = ()) -> Any:
    """Yield the path of every dict in which nothing stands: a file holds tensors alone."""
    for name, value in tree.items():
        if not isinstance(value, Tensor):
            path = (*prefix, name)
            yield from _empty(value, path) if value else [SEPARATOR.join(path)]


def _fill(tree: Tree, empty: list[str]) -> None:
    """Put the empty dicts back."""
    for path in empty:
        here: Any = tree
        for name in path.split(SEPARATOR):
            here = here.setdefault(name, {})


def _check(state: TrainState, first: TrainState) -> None:
    """Raise `Unusable` where weights have not the names, shapes and types of the first ones."""
    for found, wanted in ((state.params, first.params), (state.buffers, first.buffers)):
        if found.keys() != wanted.keys():
            raise Unusable(f"other weights: {sorted(found.keys() ^ wanted.keys())[:3]}")
        for name, value in found.items():
            if (value.shape, value.dtype) != (wanted[name].shape, wanted[name].dtype):
                raise Unusable(f"{name} has another shape or type")


def surroundings_of(environment: str, arithmetic: str) -> str:
    """Return in a line where and how a trial is computed: what its bits may hang on."""
    capability = torch.backends.cpu.get_cpu_capability()
    return f"{environment}, {capability}, {arithmetic}"
