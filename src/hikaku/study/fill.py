"""The slots of a recipe, filled from what was written.

Eats a table such as `[recipe]` or a `[[variant]]`; makes a `Draft`, what this one place writes.
A variant's draft laid over the base's gives the variant's recipe; `finished` fills the defaults in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, Literal

from annotated_types import Ge, Le

from hikaku.errors import StudyError
from hikaku.study.catalogue import Catalogue
from hikaku.study.entry import Entry
from hikaku.study.locate import Path
from hikaku.study.node import Node, shown
from hikaku.study.own_model import check_file
from hikaku.study.recipe import LIST_SLOTS, ONE_SLOTS, Evaluation, Precision, Recipe, Use, Value
from hikaku.study.uses import name_place, read_name, read_use
from hikaku.words import Message, message

Size = Annotated[int, Ge(1), Le(1_000_000_000)]
SIZES: Mapping[str, Any] = {
    "epochs": Size,
    "steps": Size,
    "batch_size": Size,
    "order": Literal["shuffle", "with-replacement"],
    "precision": Precision,
}
RECIPE_KEYS = (*SIZES, "evaluate_every", *ONE_SLOTS, *LIST_SLOTS)
DEFAULT_LOSS = {"classification": "cross-entropy", "regression": "mse"}
DEFAULT_SCHEDULE = "constant"
SWAPS = "activation"
"""The family of the layer edits of which each site takes one: the swapped-in activations."""

_EVERY = re.compile(r"(?:([0-9]{1,9}) )?(epoch|step)s?(?: from ([0-9]{1,9}))?")


@dataclass(frozen=True)
class Filled:
    """A technique in its slot: the complete use, its entry, and where it was written."""

    use: Use
    entry: Entry
    node: Node


@dataclass(frozen=True)
class Draft:
    """What one place writes: sizes of the work, and per filled slot its techniques.

    A one-value slot has one of them; a slot that nothing fills has no key.
    """

    sizes: Mapping[str, Any] = field(default_factory=dict)
    slots: Mapping[str, tuple[Filled, ...]] = field(default_factory=dict)

    def over(self, base: Draft, removed: frozenset[str] = frozenset()) -> Draft:
        """Return this draft laid over `base`, without the base's techniques named in `removed`.

        Sizes and one-value slots replace, lists are added; epochs replace steps, and the reverse.
        """
        sizes = dict(base.sizes)
        if "epochs" in self.sizes or "steps" in self.sizes:
            sizes = {key: sizes[key] for key in sizes if key not in ("epochs", "steps")}
        slots = {}
        for slot in (*ONE_SLOTS, *LIST_SLOTS):
            own = self.slots.get(slot, ())
            kept = tuple(
                filled for filled in base.slots.get(slot, ()) if filled.use.name not in removed
            )
            slots[slot] = kept + own if slot in LIST_SLOTS else own or kept
        filled_slots = {slot: filled for slot, filled in slots.items() if filled}
        return Draft({**sizes, **self.sizes}, filled_slots)

    def within(self, base: Draft) -> bool:
        """Return whether this draft writes only what `base` writes too, with whatever values."""
        return self.sizes.keys() <= base.sizes.keys() and self.slots.keys() <= base.slots.keys()

    def filled(self) -> Iterator[Filled]:
        """Yield every technique of every slot."""
        for slot in (*ONE_SLOTS, *LIST_SLOTS):
            yield from self.slots.get(slot, ())


def read_draft(node: Node, catalogue: Catalogue, folder: str) -> Draft:
    """Return what this table writes into a recipe; keys that are no recipe's are left alone."""
    if node["epochs"].written and node["steps"].written:
        node["steps"].fault(
            message("the work is counted in epochs or in steps, not in both."),
            message("take one of the two out"),
        )
    draft = Draft()
    for key in RECIPE_KEYS:
        own = read_key(node[key], key, catalogue, folder)
        draft = Draft({**draft.sizes, **own.sizes}, {**draft.slots, **own.slots})
    return draft


def read_key(node: Node, key: str, catalogue: Catalogue, folder: str) -> Draft:
    """Return what is written here as this key of a recipe."""
    if key in SIZES or key == "evaluate_every":
        size = node.read(SIZES[key], None) if key in SIZES else _evaluation(node)
        return Draft({} if size is None else {key: size})
    filled = _slot(node, key, catalogue, folder)
    return Draft(slots={key: filled} if filled else {})


def filled_by_default(
    draft: Draft, kind: str, catalogue: Catalogue, node: Node
) -> dict[str, tuple[Filled, ...]]:
    """Return the draft's slots, loss and schedule at their defaults where nothing fills them.

    `node` is said to be where a default is written.
    """
    entries = {slot: catalogue.techniques[name] for slot, name in _defaults(kind).items()}
    default = {slot: (Filled(entry.use(), entry, node),) for slot, entry in entries.items()}
    return {**default, **draft.slots}


def finished(draft: Draft, kind: str, catalogue: Catalogue) -> Recipe:
    """Return the complete recipe: loss and schedule at their defaults where nothing fills them."""
    one = {slot: draft.slots[slot][0].use for slot in ONE_SLOTS if slot in draft.slots}
    one.setdefault("optimizer", Use("?"))  # missing, which was noted: nothing of this is used
    for slot, name in _defaults(kind).items():
        if slot not in one:
            one[slot] = catalogue.techniques[name].use()
    many = {slot: tuple(item.use for item in draft.slots.get(slot, ())) for slot in LIST_SLOTS}
    recipe = Recipe(one.pop("optimizer"), one.pop("loss"), one.pop("schedule"))
    parts: dict[str, Any] = {**draft.sizes, **one, **many}
    return replace(recipe, **parts)


def _defaults(kind: str) -> dict[str, str]:
    loss = DEFAULT_LOSS.get(kind, DEFAULT_LOSS["classification"])
    return {"loss": loss, "schedule": DEFAULT_SCHEDULE}


def check_clashes(draft: Draft, own: Draft) -> None:
    """Note techniques that must not stand together; only where `own` wrote one of them.

    So what is wrong with the base is said once, and not again for each variant.
    """
    paths = {filled.node.path for filled in own.filled()}
    seen: dict[str, Filled] = {}
    for filled in draft.filled():
        for other in seen.values():
            if _conflict(filled, other):
                what = message(
                    "'{one}' and '{other}' must not stand together.",
                    one=other.use.name,
                    other=filled.use.name,
                )
                _note(what, other, filled, paths)
        seen.setdefault(filled.use.name, filled)
    _check_swaps(draft, paths)


def _check_swaps(draft: Draft, paths: set[Path]) -> None:
    """Note two activations for one site: both at the same place, or one of them everywhere."""
    seen: dict[Value, Filled] = {}
    for filled in draft.slots.get("layers", ()):
        if filled.entry.card and filled.entry.card.family == SWAPS:
            place = dict(filled.use.settings).get("at", ())
            first = next(iter(seen.values()), None)
            other = seen.get(place) or seen.get(()) or (None if place else first)
            if other:
                what = message(
                    "'{one}' and '{other}' both write the activation of the same sites.",
                    one=other.use.name,
                    other=filled.use.name,
                )
                _note(what, other, filled, paths)
            seen.setdefault(place, filled)


def _conflict(one: Filled, other: Filled) -> bool:
    return any(
        there.use.name in here.entry.card.conflicts
        for here, there in ((one, other), (other, one))
        if here.entry.card
    )


def _note(what: Message, one: Filled, other: Filled, paths: set[Path]) -> None:
    """Note the mistake at whichever of the two was written in `paths`, the later one if both."""
    mend = message(
        'keep one of them; a variant takes the base\'s out by remove = ["{name}"]',
        name=one.use.name,
    )
    for filled in (other, one):
        if filled.node.path in paths:
            filled.node.fault(what, mend)
            return


def _slot(node: Node, slot: str, catalogue: Catalogue, folder: str) -> tuple[Filled, ...]:
    """Return the techniques written for this slot, those of them that are right."""
    if not node.written:
        return ()
    items = tuple(node.items()) if isinstance(node.value, list) else (node,)
    filled = tuple(found for item in items for found in _filled(item, slot, catalogue, folder))
    if slot in LIST_SLOTS and not isinstance(node.value, list):
        node.fault(
            message("'{slot}' is a list of techniques.", slot=slot), message("write it in [ ]")
        )
    if slot in ONE_SLOTS and isinstance(node.value, list):
        _two_writers(node, slot)
        return ()
    return filled


def _two_writers(node: Node, slot: str) -> None:
    names = [
        item["use"].value if isinstance(item.value, dict) else item.value for item in node.items()
    ]
    if len(names) > 1:
        node.fault(
            message(
                "'{slot}' holds one technique, and {one} and {other} both write it.",
                slot=slot,
                one=shown(names[0]),
                other=shown(names[1]),
            ),
            message("keep one of them"),
        )
    else:
        node.fault(
            message("'{slot}' holds one technique, not a list.", slot=slot),
            message("write it without [ ]"),
        )


def _filled(node: Node, slot: str, catalogue: Catalogue, folder: str) -> Iterator[Filled]:
    name = read_name(node)
    if name is None:
        return
    try:
        entry = catalogue.technique(name, folder)
    except StudyError as error:
        node.mistakes.add_all(name_place(node).path, error)
        return
    use = read_use(node, entry)
    _check_files(node, entry, folder)
    if entry.slot == slot:
        yield Filled(use, entry, node)
    else:
        name_place(node).fault(
            message(
                "'{name}' fills the slot '{right}', not '{slot}'.",
                name=entry.name,
                right=entry.slot,
                slot=slot,
            ),
            message("write it under '{right}'", right=entry.slot),
        )


def _check_files(node: Node, entry: Entry, folder: str) -> None:
    """Note each file that a setting must name and does not, or that is not there."""
    for place in (node[setting.name] for setting in entry.settings if setting.names_file):
        if place.required() and isinstance(place.value, str):
            check_file(place, place.value, folder)


def _evaluation(node: Node) -> Evaluation | None:
    """Return when to evaluate: "epoch", "2 epochs", "10 steps", "10 steps from 1"."""
    written = node.read(str, None)
    if written is None:
        return None
    found = _EVERY.fullmatch(written.strip())
    every = int(found[1] or 1) if found else 0
    start = int(found[3] or every) if found else 0
    if not found or every < 1 or start < 1 or (found[2] == "epoch" and found[3]):
        node.misfit(message('"epoch", "10 steps" or "10 steps from 1"'))
        return None
    return Evaluation(every, "epoch" if found[2] == "epoch" else "step", start)
