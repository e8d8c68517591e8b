"""`[data]`: where the samples come from, and how each seed divides them.

Eats what was written; makes `Data`. A named set, a file or folder, a function of the user's, or
arrays that were handed over in Python: each becomes one `Use`, complete, with the kind of its
targets, which nobody has to write where metric or loss say it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le, Lt

from hikaku.study.catalogue import Catalogue, is_file_reference
from hikaku.study.entry import Setting
from hikaku.study.kinds import KINDS
from hikaku.study.metrics import kind_of_metric
from hikaku.study.nearest import suggest
from hikaku.study.node import Node
from hikaku.study.own_data import OPTIONS, REQUIRED, format_of
from hikaku.study.recipe import Use, Value
from hikaku.study.signature import read_own
from hikaku.study.study import Data, Resample, Size
from hikaku.study.uses import name_place, read_name
from hikaku.words import message

DATA_KEYS = ("use", "train", "validation", "test", "take")
OWN_KEYS = (*DATA_KEYS, "kind")
TOP = message("the top of the file, before the first [table]")
DATA_MOVED = {"resample": TOP}
"""Where a key belongs that was written into `[data]`."""

ARRAYS = "arrays:"
"""Begins the name of data that was handed over in Python; its fingerprint follows."""

COMMON = (Setting("standardize", "Flag", False, KINDS["Flag"]),)
"""What may be written of arrays, and of what a function of the user's returns."""

Kind = Literal["classification", "regression"]
REGRESSION_LOSSES = ("mse", "mae", "huber")

_Part = Annotated[float, Gt(0), Lt(1)]
_Train = Annotated[int, Ge(1)] | Annotated[float, Gt(0), Le(1)] | Literal["all"]
_Validation = Annotated[int, Ge(0)] | _Part | Literal["test"]
_OwnValidation = _Validation | Literal["official", "auto"]
_Test = Annotated[int, Ge(1)] | _Part | Literal["official", "rest"]
_OwnTest = _Test | Literal["auto"]
_Take = Literal["stratified", "first"]


@dataclass(frozen=True)
class Source:
    """Where data comes from; `official`: it has a test set of its own, or may have one (`own`)."""

    use: Use
    kind: Kind
    official: bool
    own: bool


def read_source(study: Node, catalogue: Catalogue, folder: str) -> Source | None:
    """Return where a study's data comes from; None, and the mistake noted, where that is wrong."""
    node = study["data"]
    if not node.required():
        return None
    name = read_name(node)
    if name is None:
        return None
    if name in catalogue.datasets:
        found = catalogue.datasets[name]
        if isinstance(node.value, dict):
            node.is_table(DATA_KEYS, message("[data] has no key"), DATA_MOVED)
        return Source(Use(name), found.kind, bool(found.official_test), own=False)
    kind = _kind(study)
    use = _own(node, name, folder, catalogue)
    if use is None:
        return None
    settings = tuple(pair for pair in use.settings if pair[0] != "kind")
    return Source(Use(use.name, (("kind", kind), *settings)), kind, official=True, own=True)


def _kind(study: Node) -> Kind:
    """Return the kind of own data: as written, else as the metric, else as the loss has it."""
    node = study["data"]["kind"]
    if node.written:
        written: Kind = node.read(Kind, "classification")
        return written
    return kind_of_metric(study["metric"]) or _kind_of_loss(study["recipe"]["loss"])


def _kind_of_loss(node: Node) -> Kind:
    name = node["use"].value if isinstance(node.value, dict) else node.value
    return "regression" if name in REGRESSION_LOSSES else "classification"


def _own(node: Node, name: str, folder: str, catalogue: Catalogue) -> Use | None:
    """Return the complete use of data that is no named set: a function, arrays, or files."""
    if is_file_reference(name):
        return read_own(node, name, folder, COMMON, OWN_KEYS)
    if name.startswith(ARRAYS):
        return Use(name, _written(node, COMMON))
    form = format_of(name, Path(folder))
    if form is None:
        _unknown(name_place(node), name, catalogue)
        return None
    if not (Path(folder) / Path(name).expanduser()).exists():
        name_place(node).fault(message("there is no data at '{name}'.", name=name[:60]), _FOUND)
        return None
    options = OPTIONS[form]
    for key in REQUIRED.get(form, ()):
        if not node[key].written:
            name_place(node).fault(
                message("data of this kind needs '{key}'.", key=key),
                message('{{ use = "{name}", {key} = "…" }}', name=name, key=key),
            )
    if isinstance(node.value, dict):
        known = (*OWN_KEYS, *(option.name for option in options))
        node.is_table(known, message("data of this kind has no key"), DATA_MOVED)
    return Use(name, _written(node, options))


_FOUND = message("a path begins at the study's folder, or with / or ~/")


def _written(node: Node, options: Iterable[Setting]) -> tuple[tuple[str, Value], ...]:
    """Return the options, each as written or at its default."""
    return tuple(
        (option.name, node[option.name].read(option.annotation, option.default))
        for option in options
        if option.name != "kind"
    )


def _unknown(place: Node, name: str, catalogue: Catalogue) -> None:
    if "/" in name or "." in name:
        place.fault(message("there is no data at '{name}'.", name=name[:60]), _FOUND)
        return
    what = message("there is no data set '{name}'.", name=name[:60])
    place.fault(
        suggest(what, name, catalogue.datasets),
        message(
            'one of: {names}; your own is "my_data.py:load", a folder of images, or a file',
            names=", ".join(catalogue.datasets),
        ),
    )


def read_data(study: Node, source: Source | None) -> Data:
    """Return a study's data and how each seed divides them, defaults worked out."""
    data = _read_sizes(study["data"], source)
    return replace(data, resample=_read_resample(study["resample"], data))


def _read_resample(node: Node, data: Data) -> Resample:
    """Return whether each seed draws a split: unless asked not to, where anything is drawn."""
    if data.take != "first":
        return node.read(Resample, data.resample)
    if node.read(Resample, "init") == "split":
        node.fault(
            message('with take = "first" no split is drawn: all seeds have the same one.'),
            message('take = "stratified", or leave resample out'),
        )
    return "init"


def _read_sizes(node: Node, source: Source | None) -> Data:
    default_sizes = Data(Use("?"))
    train = _read_train(node["train"], default_sizes)
    own = source is not None and source.own
    validation: Size = node["validation"].read(
        _OwnValidation if own else _Validation,
        "auto" if own else default_sizes.validation,
        message('a whole number >= 0, a fraction between 0 and 1, or "test"'),
    )
    take = node["take"].read(_Take, default_sizes.take)
    whole = isinstance(train, int) and (isinstance(validation, int) or validation == "test")
    default: Size = "rest" if whole else 0.2
    if source and source.official:
        default = "auto" if own else "official"
    test: Size = node["test"].read(
        _OwnTest if own else _Test,
        default,
        message('a whole number >= 1, a fraction between 0 and 1, "official" or "rest"'),
    )
    if test == "official" and source and not source.official:
        what = message("'{name}' has no official test set.", name=source.use.name)
        node["test"].fault(what, message("test = 0.2"))
    if test == "rest" and not whole:
        node["test"].fault(
            message('"rest" needs train and validation as whole numbers.'),
            message("write these two so, or test = 0.2"),
        )
    beside = _whole(train) + _whole(validation) if test == "rest" else 0
    return Data(source.use if source else Use("?"), train, validation, test, beside, take)


def _read_train(node: Node, data: Data) -> Size:
    """Return the size of the train set as written here, else as `data` has it."""
    train: Size = node.read(
        _Train, data.train, message('a whole number >= 1, a fraction up to 1, or "all"')
    )
    return "all" if isinstance(train, float) and train == 1 else train


def changed_data(node: Node, data: Data) -> Data:
    """Return the base's data with what a variant changes: how much it trains on."""
    if not node.written or not node.is_table(DATA_KEYS, message("data has no key"), DATA_MOVED):
        return data
    for key in DATA_KEYS:
        if key != "train" and node[key].written:
            node[key].fault(
                message("every arm of one seed is validated and tested on the same samples."),
                message("of the data, a variant changes data.train alone"),
            )
    return changed_train(node["train"], data)


def changed_train(node: Node, data: Data) -> Data:
    """Return the base's data with as many samples to train on as are written here."""
    train = _read_train(node, data)
    taken = _whole(train) + _whole(data.validation)
    if data.beside and taken > data.beside:
        node.fault(
            message(
                "train and validation take {count} samples; the base leaves {beside} beside test.",
                count=taken,
                beside=data.beside,
            ),
            message("train on fewer"),
        )
    return replace(data, train=train)


def _whole(size: Size) -> int:
    return size if isinstance(size, int) else 0
