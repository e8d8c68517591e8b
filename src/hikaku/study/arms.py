"""The base and the variants: data, model and recipe of each arm, and the names of the variants.

A variant is the base with something changed. All arms of one seed are validated and tested on the
same samples, so a variant may change how many it is trained on and nothing else about the data.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le, Lt

from hikaku.study.catalogue import Catalogue, is_file_reference
from hikaku.study.entry import DataSet
from hikaku.study.fill import RECIPE_KEYS, Draft, check_clashes, finished, read_draft
from hikaku.study.monitor import check_monitors
from hikaku.study.nearest import suggest
from hikaku.study.node import Node
from hikaku.study.recipe import Use
from hikaku.study.study import BASE, Arm, Data, Metric, Size, Training
from hikaku.study.uses import name_place, read_name, read_use
from hikaku.words import message

LONGEST_NAME = 80
DATA_KEYS = ("use", "train", "validation", "test", "take")
VARIANT_KEYS = ("name", "model", "data", "remove", *RECIPE_KEYS)

_Part = Annotated[float, Gt(0), Lt(1)]
_Train = Annotated[int, Ge(1)] | Annotated[float, Gt(0), Le(1)] | Literal["all"]
_Validation = Annotated[int, Ge(0)] | _Part
_Test = Annotated[int, Ge(1)] | _Part | Literal["official", "rest"]
_Take = Literal["stratified", "first"]


@dataclass(frozen=True)
class Base:
    """The base as it was read: what a variant is laid over.

    `kind` is the data set's, "" for an unknown one. Where not `sound`, `work` holds stand-ins for
    what was wrong, and `draft` only what was right.
    """

    work: Training
    draft: Draft
    kind: str
    sound: bool
    catalogue: Catalogue
    folder: str


def read_base(study: Node, catalogue: Catalogue, folder: str) -> Base:
    """Return the base; where something is wrong, it is noted and a stand-in takes its place."""
    before = len(study.mistakes)
    found = _read_dataset(study["data"], catalogue)
    model = _read_model(study["model"], catalogue) or Use("?")
    draft = Draft()
    recipe = study["recipe"]
    if recipe.required() and recipe.is_table(RECIPE_KEYS, message("[recipe] has no key"), MOVED):
        draft = read_draft(recipe, catalogue, folder)
        recipe["optimizer"].required()
        if not (recipe["epochs"].written or recipe["steps"].written):
            recipe["epochs"].fault(message("must be written, or 'steps' instead."))
    check_clashes(draft, draft)
    kind = found.kind if found else ""
    data = _read_data(study["data"], found)
    work = Training(data, model, finished(draft, kind, catalogue))
    return Base(work, draft, kind, len(study.mistakes) == before, catalogue, folder)


def read_variants(node: Node, base: Base, metric: Metric) -> tuple[Arm, ...]:
    """Return the variants in their order. Equal names, or arms that are equal, are noted.

    `metric` is the one that the study judges.
    """
    if node.written and not isinstance(node.value, list):
        node.fault(message("variants are written as [[variant]], each with its name."))
    arms: dict[str, Arm] = {}
    equals: dict[Training, str] = {base.work: BASE}
    for item in node.items():
        before = len(node.mistakes)
        name = _read_name(item, arms)
        work, comparable = _read_variant(item, base, metric)
        if comparable and len(node.mistakes) == before:
            _check_equal(item, name, work, equals)
        arms[_folded(name)] = Arm(name, work)
    return tuple(arms.values())


MOVED: Mapping[str, str] = {
    **dict.fromkeys(("train", "validation", "test", "take"), "[data]"),
    **dict.fromkeys(
        ("format", "question", "metric", "worth", "seeds", "model", "data"),
        "the top of the file, before the first [table]",
    ),
}
"""Where a key belongs that was written into `[recipe]`."""


def _read_dataset(node: Node, catalogue: Catalogue) -> DataSet | None:
    if not node.required():
        return None
    name = read_name(node)
    if name is None or name in catalogue.datasets:
        return catalogue.datasets.get(name or "")
    if is_file_reference(name):
        name_place(node).fault(message("not yet: data from a file of your own."))
    else:
        what = message("there is no data set '{name}'.", name=name[:60])
        name_place(node).fault(
            suggest(what, name, catalogue.datasets),
            message("one of: {names}", names=", ".join(catalogue.datasets)),
        )
    return None


def _read_model(node: Node, catalogue: Catalogue) -> Use | None:
    if not node.required():
        return None
    name = read_name(node)
    if name is None:
        return None
    if name in catalogue.models:
        return read_use(node, catalogue.models[name])
    if is_file_reference(name):
        name_place(node).fault(message("not yet: a model from a file of your own."))
    else:
        what = message("there is no model '{name}'.", name=name[:60])
        name_place(node).fault(
            suggest(what, name, catalogue.models),
            message("one of: {names}", names=", ".join(catalogue.models)),
        )
    return None


def _read_data(node: Node, found: DataSet | None) -> Data:
    """Return the data and how they are divided, the test set's default worked out."""
    if isinstance(node.value, dict):
        node.is_table(DATA_KEYS, message("[data] has no key"), {})
    default_sizes = Data(Use("?"))
    train = _read_train(node["train"], default_sizes)
    validation: Size = node["validation"].read(
        _Validation,
        default_sizes.validation,
        message("a whole number >= 0, or a fraction between 0 and 1"),
    )
    take = node["take"].read(_Take, default_sizes.take)
    whole = isinstance(train, int) and isinstance(validation, int)
    if found and found.official_test:
        default: Size = "official"
    else:
        default = "rest" if whole else 0.2
    test: Size = node["test"].read(
        _Test,
        default,
        message('a whole number >= 1, a fraction between 0 and 1, "official" or "rest"'),
    )
    if test == "official" and found and not found.official_test:
        node["test"].fault(message("'{name}' has no official test set.", name=found.name))
    if test == "rest" and not whole:
        node["test"].fault(message('"rest" needs train and validation as whole numbers.'))
    beside = _whole(train) + _whole(validation) if test == "rest" else 0
    return Data(Use(found.name if found else "?"), train, validation, test, beside, take)


def _read_train(node: Node, data: Data) -> Size:
    """Return the size of the train set as written here, else as `data` has it."""
    train: Size = node.read(
        _Train, data.train, message('a whole number >= 1, a fraction up to 1, or "all"')
    )
    return "all" if isinstance(train, float) and train == 1 else train


def _read_variant(node: Node, base: Base, metric: Metric) -> tuple[Training, bool]:
    """Return what the variant trains, and whether that can be compared with base.

    It cannot where the variant writes what went wrong in base: a stand-in is equal to nothing.
    """
    if not node.is_table(VARIANT_KEYS, message("a variant has no key"), VARIANT_MOVED):
        return base.work, False
    own = read_draft(node, base.catalogue, base.folder)
    draft = own.over(base.draft, _read_removed(node["remove"], base))
    if "optimizer" in base.draft.slots and "optimizer" not in draft.slots:
        node["remove"].fault(message("there must be an optimizer: write the one that replaces it."))
    check_clashes(draft, own)
    data = _changed_data(node["data"], base.work.data)
    check_monitors(own, data, base.kind, metric)
    model = _read_model(node["model"], base.catalogue) if node["model"].written else None
    work = Training(data, model or base.work.model, finished(draft, base.kind, base.catalogue))
    elsewhere = any(node[key].written for key in ("model", "data", "remove"))
    return work, base.sound or (own.within(base.draft) and not elsewhere)


VARIANT_MOVED: Mapping[str, str] = {
    **MOVED,
    "train": "[variant.data], as in data.train = …",
}
"""Where a key belongs that was written into a variant."""


def _changed_data(node: Node, data: Data) -> Data:
    """Return the base's data with what a variant changes: how much it trains on."""
    if not node.written or not node.is_table(DATA_KEYS, message("data has no key"), {}):
        return data
    for key in DATA_KEYS:
        if key != "train" and node[key].written:
            node[key].fault(
                message("every arm of one seed is validated and tested on the same samples."),
                message("of the data, a variant changes data.train alone"),
            )
    train = _read_train(node["train"], data)
    taken = _whole(train) + _whole(data.validation)
    if data.beside and taken > data.beside:
        node.fault(
            message(
                "train and validation take {count} samples; the base leaves {beside} beside test.",
                count=taken,
                beside=data.beside,
            )
        )
    return replace(data, train=train)


def _read_removed(node: Node, base: Base) -> frozenset[str]:
    """Return the names of the base's techniques that a variant takes out."""
    there = {filled.use.name for filled in base.draft.filled()}
    if node.written and not isinstance(node.value, list):
        node.misfit(message("a list of techniques' names"))
    names = [(item, item.read(str, "")) for item in node.items()]
    for item, name in names:
        if name and name not in there and base.sound:  # else it may be what went wrong there
            what = message("base has no technique '{name}' to take out.", name=name[:60])
            item.fault(suggest(what, name, there))
    return frozenset(name for _, name in names)


def _read_name(node: Node, taken: Mapping[str, Arm]) -> str:
    """Return a variant's name, composed (NFC); what makes it no good name is noted."""
    place = node["name"]
    if not isinstance(node.value, dict) or not place.required():
        return f"?{node.path}"
    name = unicodedata.normalize("NFC", place.read(str, f"?{node.path}"))
    if not name.strip():
        place.fault(message("a variant's name must not be empty."))
    elif len(name) > LONGEST_NAME:
        place.fault(message("a variant's name has at most {most} letters.", most=LONGEST_NAME))
    elif any(unicodedata.category(letter) in _UNSEEN for letter in name):
        place.fault(message("a variant's name holds no control characters."))
    elif _folded(name) == BASE:
        place.fault(message("'base' is the name of the base."))
    elif _folded(name) in taken:
        place.fault(message("there is another variant '{name}'.", name=taken[_folded(name)].name))
    return name


_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode's categories of what cannot be seen, and so would make two names look like one."""


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name.strip().casefold())


def _check_equal(node: Node, name: str, work: Training, equals: dict[Training, str]) -> None:
    other = equals.setdefault(work, name)
    if other == BASE:
        node.fault(message("'{name}' is equal to base: it changes nothing.", name=name))
    elif other != name:
        node.fault(message("'{name}' is equal to '{other}'.", name=name, other=other))


def _whole(size: Size) -> int:
    return size if isinstance(size, int) else 0
