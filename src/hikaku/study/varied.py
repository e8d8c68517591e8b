"""What a design can vary of a study that hikaku trains itself, and what an arm is made from.

Eats the base as it was read and the place of a value, as in "init.std"; makes the change that the
value means. A value is what a variant would write at that place. Two more places are a setting of
a technique of base's, "penalty.l2.amount", and such a technique itself, "layers.sigmoid", which
the value takes the place of.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial

from hikaku.study.arms import Base, check_precision, check_start, read_model
from hikaku.study.data import changed_train
from hikaku.study.fill import (
    RECIPE_KEYS,
    Draft,
    Filled,
    check_clashes,
    filled_by_default,
    finished,
    read_key,
)
from hikaku.study.monitor import check_monitors
from hikaku.study.node import Node
from hikaku.study.recipe import LIST_SLOTS, ONE_SLOTS, Use
from hikaku.study.study import Data, Metric, Training
from hikaku.study.vary import Place


@dataclass(frozen=True)
class Parts:
    """An arm while it is made: base's draft as it is changed, what is laid over it, and the rest.

    `places` are where the values stand that were put in.
    """

    base: Draft
    model: Use
    data: Data
    own: Draft = field(default_factory=Draft)
    places: tuple[Node, ...] = ()


Change = Callable[[Parts], Parts]


@dataclass(frozen=True)
class Varied:
    """A base whose parts can be varied; `model` is where the study writes its model."""

    read: Base
    model: Node
    metric: Metric

    @property
    def base(self) -> Training:
        """What base itself trains."""
        return self.read.work

    @property
    def start(self) -> Parts:
        """The parts of base itself."""
        return Parts(self.read.draft, self.base.model, self.base.data)

    @property
    def sound(self) -> bool:
        """Whether base is what was written, and no stand-in."""
        return self.read.sound

    @property
    def places(self) -> dict[str, Place[Parts]]:
        """Each place that can be varied, by its path."""
        slots = (*ONE_SLOTS, *LIST_SLOTS)
        found = {key: Place(partial(self._own, key), key in slots) for key in RECIPE_KEYS}
        for slot, filled in self._filled():
            head = f"{slot}.{filled.use.name}" if slot in LIST_SLOTS else slot
            if slot in LIST_SLOTS:
                found[head] = Place(partial(self._exchanged, slot, filled), holds_uses=True)
            for setting in filled.entry.settings:
                change = partial(self._setting, slot, filled, setting.name)
                found[f"{head}.{setting.name}"] = Place(change)
        found["model"] = Place(self._model, holds_uses=True)
        for name, _ in self.base.model.settings:
            found[f"model.{name}"] = Place(partial(self._model_setting, name))
        found["data.train"] = Place(self._train)
        return found

    def work(self, parts: Parts) -> Training:
        """Return what the arm trains; what must not stand together is noted."""
        draft = parts.own.over(parts.base)
        mine = {node.path for node in parts.places}
        own = Draft(
            parts.own.sizes,
            {
                slot: tuple(one for one in filled if _stands_in(one.node, mine))
                for slot, filled in draft.slots.items()
            },
        )
        check_clashes(draft, own)
        check_monitors(own, parts.data, self.read.kind, self.metric)
        for node in parts.places[:1]:
            check_start(node, parts.model, draft)
        return Training(
            parts.data, parts.model, finished(draft, self.read.kind, self.read.catalogue)
        )

    def _filled(self) -> Iterator[tuple[str, Filled]]:
        slots = filled_by_default(self.read.draft, self.read.kind, self.read.catalogue, self.model)
        for slot, found in slots.items():
            yield from ((slot, one) for one in found)

    def _own(self, key: str, node: Node) -> Change:
        own = read_key(node, key, self.read.catalogue, self.read.folder)
        if key == "precision":
            check_precision(node, self.read)
        return lambda parts: replace(parts, own=own.over(parts.own), places=(*parts.places, node))

    def _exchanged(self, slot: str, filled: Filled, node: Node) -> Change:
        """Return the change that puts a technique into the place of one of base's."""
        many = Node([node.value], node.path, node.mistakes)
        own = read_key(many, slot, self.read.catalogue, self.read.folder)
        return partial(_with, slot, filled, own.slots.get(slot, ()), node)

    def _setting(self, slot: str, filled: Filled, name: str, node: Node) -> Change:
        kinds = {setting.name: setting for setting in filled.entry.settings}
        value = node.read(kinds[name].annotation, kinds[name].default)
        use = filled.entry.use({**dict(filled.use.settings), name: value})
        return partial(_with, slot, filled, (replace(filled, use=use),), node)

    def _model(self, node: Node) -> Change:
        model = read_model(node, self.read.catalogue, self.read.folder) or self.base.model
        return lambda parts: replace(parts, model=model, places=(*parts.places, node))

    def _model_setting(self, name: str, node: Node) -> Change:
        written = (
            self.model.value if isinstance(self.model.value, dict) else {"use": self.model.value}
        )
        return self._model(Node({**written, name: node.value}, node.path, node.mistakes))

    def _train(self, node: Node) -> Change:
        data = changed_train(node, self.base.data)
        return lambda parts: replace(parts, data=data, places=(*parts.places, node))


def _with(slot: str, old: Filled, new: tuple[Filled, ...], node: Node, parts: Parts) -> Parts:
    """Return the parts with techniques in the place of one of base's."""
    there = parts.base.slots.get(slot, (old,))
    changed = tuple(
        each for one in there for each in (new if one.use.name == old.use.name else (one,))
    )
    base = replace(parts.base, slots={**parts.base.slots, slot: changed})
    return replace(parts, base=base, places=(*parts.places, node))


def _stands_in(node: Node, places: set[tuple[str | int, ...]]) -> bool:
    return any(node.path[: len(place)] == place for place in places)
