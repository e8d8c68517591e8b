"""A model from a file of the user's, and what we add to its settings: weights to start from."""

from __future__ import annotations

from pathlib import Path

from hikaku.errors import StudyError
from hikaku.study.catalogue import is_file_reference, own_file
from hikaku.study.entry import Setting
from hikaku.study.kinds import KINDS
from hikaku.study.node import Node
from hikaku.study.recipe import Use, Value
from hikaku.study.signature import Free, defined, read_own
from hikaku.study.syntax import is_file
from hikaku.study.uses import name_place
from hikaku.words import message

RESERVED = (
    Setting("weights", "Word", None, KINDS["Word"]),
    Setting("fresh", "Patterns", None, KINDS["Patterns"]),
    Setting("output", "", None, Free),
)
"""`weights`: a file of weights to start from; `fresh`: patterns of names that are not taken from
it; `output`: which of several outputs is the answer, by name or number."""


def read_own_model(node: Node, name: str, folder: str) -> Use | None:
    """Return the complete use of a model `my_model.py:Net`; what is wrong is noted.

    So is a file without a name in it, `my_model.py`.
    """
    if not is_file_reference(name):
        _nameless(name_place(node), name, folder)
        return None
    filled = message("parameters named 'inputs' and 'classes' are filled in from the data")
    use = read_own(node, name, folder, RESERVED, (), filled)
    file = weights_of(use) if use else ""
    if use and setting(use, "fresh") and not file:
        what = message("'fresh' says what is not taken from 'weights'.")
        node["fresh"].fault(what, message('write weights = "…", or leave fresh out'))
    if file and check_file(node["weights"], file, folder) and Path(file).suffix != WEIGHTS:
        node["weights"].fault(message("weights come from a {kind} file.", kind=WEIGHTS), CONVERT)
    return use


def check_file(node: Node, file: str, folder: str) -> bool:
    """Return whether this file, named here, is in the study's folder; note it where it is not."""
    there = is_file(Path(folder) / file)
    if not there:
        node.fault(
            message("there is no file '{file}' beside the study.", file=file[:60]),
            message("put the file into the study's folder, and name it from there"),
        )
    return there


def _nameless(place: Node, file: str, folder: str) -> None:
    try:
        names = defined(own_file(f"{file}:", folder)[1])
    except StudyError as error:
        place.mistakes.add_all(place.path, error)
        return
    place.fault(
        message("'{name}' is a file, and no model in it.", name=file[:60]),
        message(
            'write "{file}:Name"; it holds: {names}', file=file[:60], names=", ".join(names) or "-"
        ),
    )


WEIGHTS = ".safetensors"
"""Ends the name of the one format that weights are read from: tensors by name, and nothing else.

A .pt or .pth file is a pickle, which can run what its author wrote when it is read.
"""

CONVERT = message(
    "where you trust the file, turn it into one that runs nothing: {command}",
    command=(
        'python -c "import torch, safetensors.torch as s; '
        "w = torch.load('w.pt', weights_only=True); "
        "s.save_file({name: t.clone() for name, t in w.items()}, 'w.safetensors')\""
    ),
)


def setting(use: Use, name: str) -> Value:
    """Return one setting of a use, None where it is not written."""
    return dict(use.settings).get(name)


def weights_of(model: Use) -> str:
    """Return the file of weights that a model starts from, "" where it makes its own."""
    file = setting(model, "weights") if is_file_reference(model.name) else None
    return file if isinstance(file, str) else ""
