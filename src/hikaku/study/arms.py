"""The base and the variants: data, model and recipe of each arm, and the names of the variants.

A variant is the base with something changed. All arms of one seed are validated and tested on the
same samples, so a variant may change how many it is trained on and nothing else about the data.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from hikaku.study.catalogue import Catalogue, is_file_reference
from hikaku.study.data import TOP, changed_data, read_data, read_source
from hikaku.study.fill import RECIPE_KEYS, Draft, check_clashes, finished, read_draft
from hikaku.study.monitor import check_monitors
from hikaku.study.nearest import suggest
from hikaku.study.node import Node
from hikaku.study.own_model import read_own_model, weights_of
from hikaku.study.recipe import Use
from hikaku.study.study import BASE, Arm, Metric, Training, Work
from hikaku.study.uses import name_place, read_name, read_use
from hikaku.words import Message, message

K = TypeVar("K")

LONGEST_NAME = 80
VARIANT_KEYS = ("name", "against", "model", "data", "remove", *RECIPE_KEYS)


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
    source = read_source(study, catalogue, folder)
    model = read_model(study["model"], catalogue, folder) or Use("?")
    draft = Draft()
    recipe = study["recipe"]
    if recipe.required() and recipe.is_table(RECIPE_KEYS, message("[recipe] has no key"), MOVED):
        draft = read_draft(recipe, catalogue, folder)
        recipe["optimizer"].required()
        if not (recipe["epochs"].written or recipe["steps"].written):
            recipe["epochs"].fault(
                message("must be written, or 'steps' instead."), message("write epochs = 10")
            )
    check_clashes(draft, draft)
    kind = source.kind if source else ""
    data = read_data(study, source)
    check_start(study["recipe"]["init"], model, draft)
    work = Training(data, model, finished(draft, kind, catalogue))
    return Base(work, draft, kind, len(study.mistakes) == before, catalogue, folder)


NO_VARIANTS = (
    message("variants are written as [[variant]], each with its name."),
    message('write [[variant]] on a line, and name = "…" below it'),
)
"""What is said of a `variant` that is no list of tables, and how to mend it."""


def read_variants(
    node: Node, base: Base, metric: Metric, made: Iterable[Arm] = ()
) -> tuple[Arm, ...]:
    """Return the variants in their order, behind those `made` by a design.

    Equal names, or arms that are equal, are noted. `metric` is the one that the study judges.
    """
    if node.written and not isinstance(node.value, list):
        node.fault(*NO_VARIANTS)
    arms = {folded(arm.name): arm for arm in made}
    equals: dict[Work, str] = {base.work: BASE}
    equals |= {arm.work: arm.name for arm in arms.values()}
    for item in node.items():
        before = len(node.mistakes)
        name = read_variant_name(item, arms)
        work, comparable = _read_variant(item, base, metric)
        if comparable and len(node.mistakes) == before:
            check_equal(item, name, work, equals)
        arms[folded(name)] = Arm(name, work, item["against"].read(str, BASE))
    check_against(node, arms.values())
    return tuple(arms.values())


def check_against(node: Node, arms: Iterable[Arm]) -> None:
    """Note each variant that is written to be compared with itself, or with no arm of the study."""
    names = [BASE, *(arm.name for arm in arms)]
    for item in node.items():
        place = item["against"]
        name = place.read(str, BASE)
        if name not in names:
            what = message("there is no arm '{name}' to compare with.", name=name[:60])
            place.fault(suggest(what, name, names), message("write another variant's name"))
        elif place.written and name == item["name"].value:
            place.fault(
                message("a variant cannot be compared with itself."),
                message("name another variant, or leave 'against' out: that is base"),
            )


MOVED: Mapping[str, Message | str] = {
    **dict.fromkeys(("train", "validation", "test", "take"), "[data]"),
    **dict.fromkeys(
        ("format", "question", "metric", "worth", "seeds", "model", "data", "resample"),
        TOP,
    ),
}
"""Where a key belongs that was written into `[recipe]`."""


def read_model(node: Node, catalogue: Catalogue, folder: str) -> Use | None:
    """Return the model that is written here, complete; None, and the mistake noted, if none is."""
    if not node.required():
        return None
    name = read_name(node)
    if name is None:
        return None
    if name in catalogue.models:
        return read_use(node, catalogue.models[name])
    if is_file_reference(name) or name.endswith(".py"):
        return read_own_model(node, name, folder)
    what = message("there is no model '{name}'.", name=name[:60])
    name_place(node).fault(
        suggest(what, name, catalogue.models),
        message(
            'one of: {names}; your own is "my_model.py:Net"', names=", ".join(catalogue.models)
        ),
    )
    return None


def _read_variant(node: Node, base: Base, metric: Metric) -> tuple[Training, bool]:
    """Return what the variant trains, and whether that can be compared with base.

    It cannot where the variant writes what went wrong in base: a stand-in is equal to nothing.
    """
    if not node.is_table(VARIANT_KEYS, message("a variant has no key"), VARIANT_MOVED):
        return base.work, False
    own = read_draft(node, base.catalogue, base.folder)
    draft = own.over(base.draft, _read_removed(node["remove"], base))
    if "optimizer" in base.draft.slots and "optimizer" not in draft.slots:
        node["remove"].fault(
            message("there must be an optimizer: write the one that replaces it."),
            message('optimizer = "sgd"'),
        )
    check_clashes(draft, own)
    check_precision(node["precision"], base)
    data = changed_data(node["data"], base.work.data)
    check_monitors(own, data, base.kind, metric)
    written = node["model"].written
    model = read_model(node["model"], base.catalogue, base.folder) if written else None
    model = model or base.work.model
    check_start(node["init"] if node["init"].written else node["model"], model, draft)
    work = Training(data, model, finished(draft, base.kind, base.catalogue))
    elsewhere = any(node[key].written for key in ("model", "data", "remove"))
    return work, base.sound or (own.within(base.draft) and not elsewhere)


VARIANT_MOVED: Mapping[str, Message | str] = {
    **MOVED,
    "train": message("{table}, as in {example}", table="[variant.data]", example="data.train = …"),
}
"""Where a key belongs that was written into a variant."""


def check_precision(place: Node, base: Base) -> None:
    """Note a precision that might be base's own after all, for the machine would say which."""
    pair = (place.value, base.draft.sizes.get("precision", "fp32"))
    if place.written and "auto" in pair and pair[0] != pair[1]:
        place.fault(
            message('"auto" leaves the treatment to the machine that trains it.'),
            message('write "fp32", "bf16" or "fp64", in base too'),
        )


def check_start(place: Node, model: Use, draft: Draft) -> None:
    """Note an init technique on weights that are loaded: it would throw them away."""
    if weights_of(model) and "init" in draft.slots:
        place.fault(
            message("an init technique would overwrite the weights that the model starts from."),
            message("leave out the one or the other"),
        )


def _read_removed(node: Node, base: Base) -> frozenset[str]:
    """Return the names of the base's techniques that a variant takes out."""
    there = {filled.use.name for filled in base.draft.filled()}
    if node.written and not isinstance(node.value, list):
        node.misfit(message("a list of techniques' names"))
    names = [(item, item.read(str, "")) for item in node.items()]
    for item, name in names:
        if name and name not in there and base.sound:  # else it may be what went wrong there
            what = message("base has no technique '{name}' to take out.", name=name[:60])
            there_are = message("base has: {names}", names=", ".join(sorted(there)) or "-")
            item.fault(suggest(what, name, there), there_are)
    return frozenset(name for _, name in names)


def read_variant_name(node: Node, taken: Mapping[str, Arm]) -> str:
    """Return a variant's name, composed (NFC); what makes it no good name is noted."""
    place = node["name"]
    if not isinstance(node.value, dict) or not place.required():
        return f"?{node.path}"
    name = unicodedata.normalize("NFC", place.read(str, f"?{node.path}"))
    if not name.strip():
        place.fault(message("a variant's name must not be empty."), message('name = "…"'))
    elif len(name) > LONGEST_NAME:
        what = message("a variant's name has at most {most} letters.", most=LONGEST_NAME)
        place.fault(what, message("shorten it"))
    elif any(unicodedata.category(letter) in _UNSEEN for letter in name):
        what = message("a variant's name holds no control characters.")
        place.fault(what, message("write it with letters that can be seen"))
    elif folded(name) == BASE:
        place.fault(message("'base' is the name of the base."), message("name it otherwise"))
    elif folded(name) in taken:
        what = message("there is another variant '{name}'.", name=taken[folded(name)].name)
        place.fault(what, message("name it otherwise"))
    return name


_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode's categories of what cannot be seen, and so would make two names look like one."""


def folded(name: str) -> str:
    """Return what must differ between two variants' names."""
    return unicodedata.normalize("NFC", name.strip().casefold())


def check_equal(node: Node, name: str, work: K, equals: dict[K, str]) -> None:
    """Note a variant that is equal to base or to another; `equals` holds them, and gets this.

    `work` is what the variant does, or what stands for that.
    """
    other = equals.setdefault(work, name)
    if other == BASE:
        what = message("'{name}' is equal to base: it changes nothing.", name=name)
        node.fault(what, message("change something in it, or take it out"))
    elif other != name:
        what = message("'{name}' is equal to '{other}'.", name=name, other=other)
        node.fault(what, message("take one of the two out"))
