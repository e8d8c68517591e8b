"""`[design]`: arms made by giving places of a study each of several values.

    [design]
    kind    = "grid"
    compare = "layers"
    vary    = { "init.std" = [1.0, 0.1, 0.01], layers = [[], ["batch-norm"]] }

Eats what was written and what can be varied; makes the arms, and the `Design` that tells which
values each of them has. What a value means is left to whoever knows the place (`varied`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import permutations, product
from typing import Generic, Protocol, TypeVar

from hikaku.study.budget import MOST_TRIALS
from hikaku.study.design import Axis, Cell, Design, Kind
from hikaku.study.level_texts import cell_name, texts, use_texts
from hikaku.study.nearest import suggest
from hikaku.study.node import Node
from hikaku.study.recipe import LIST_SLOTS
from hikaku.study.study import BASE, Arm, Work
from hikaku.words import message

P = TypeVar("P")
"""What an arm is made from, on the way from base to what it trains."""

KEYS = ("kind", "vary", "compare")
OWN = -1
"""The level of an axis at which base's own value stays."""


@dataclass(frozen=True)
class Place(Generic[P]):
    """A place that can be varied: what turns a value that is written for it into a change.

    `holds_uses`: the values are techniques or models, or lists of them.
    """

    read: Callable[[Node], Callable[[P], P]]
    holds_uses: bool = False


class Ground(Protocol[P]):
    """A base whose parts can be varied."""

    @property
    def base(self) -> Work:
        """What base itself trains."""
        ...

    @property
    def start(self) -> P:
        """The parts of base itself."""
        ...

    @property
    def sound(self) -> bool:
        """Whether base is what was written, and no stand-in."""
        ...

    @property
    def places(self) -> Mapping[str, Place[P]]:
        """Each place that can be varied, by its path."""
        ...

    def work(self, parts: P) -> Work:
        """Return what an arm of these parts trains; what is wrong with it is noted."""
        ...


@dataclass(frozen=True)
class Levels(Generic[P]):
    """One axis as it was written: its path, its values, and the change that each of them means."""

    path: str
    node: Node
    values: tuple[Node, ...]
    changes: tuple[Callable[[P], P], ...]
    holds_uses: bool

    def texts(self, paths: Sequence[str]) -> tuple[str, ...]:
        """Return how each value is called, where all these paths are varied."""
        values = [node.value for node in self.values]
        return use_texts(self.path, values) if self.holds_uses else texts(self.path, values, paths)

    def own(self, ground: Ground[P]) -> int:
        """Return which of the values is base's own; `OWN` where none is."""
        works = [ground.work(change(ground.start)) for change in self.changes]
        return next((n for n, work in enumerate(works) if work == ground.base), OWN)


Picks = tuple[int, ...]
"""Per axis which value an arm has; `OWN`: base's own."""


def read_design(node: Node, ground: Ground[P]) -> tuple[tuple[Arm, ...], Design | None]:
    """Return the arms of a study's design in its order, and the design; nothing without one."""
    if not node.written or not node.is_table(KEYS, message("[design] has no key"), {}):
        return (), None
    before = len(node.mistakes)
    axes = _read_axes(node["vary"], ground)
    compare = _read_compare(node["compare"], axes)
    kind = _read_kind(node["kind"], axes, compare)
    if len(node.mistakes) > before or not ground.sound:
        return (), None
    works = _works(node, axes, kind, ground)
    names = _names(axes, works, ground.base)
    against = dict.fromkeys(works, BASE)
    if compare:
        against = _against(node["compare"], axes, compare, names, ground)
    if len(node.mistakes) > before:
        return (), None
    arms = tuple(
        Arm(names[picks], work, against[picks])
        for picks, work in works.items()
        if work != ground.base
    )
    cells = tuple(Cell(name, picks) for picks, name in names.items())
    return arms, Design(kind, tuple(map(_axis, axes)), cells, compare)


def _read_axes(node: Node, ground: Ground[P]) -> tuple[Levels[P], ...]:
    """Return what is varied, in the order in which it was written; each mistake is noted."""
    if not node.required():
        return ()
    if not node.names():
        node.misfit(message('places with lists of values, { "optimizer.lr" = [0.1, 0.01] }'))
    places = ground.places
    found: list[Levels[P]] = []
    for path, place in _flat(node, ""):
        if path not in places:
            _no_place(place, path, places, ground)
        elif not isinstance(place.value, list) or not place.value:
            place.misfit(message("a list of values"))
        else:
            values = tuple(place.items())
            changes = tuple(map(places[path].read, values))
            found.append(Levels(path, place, values, changes, places[path].holds_uses))
    return tuple(found)


def _flat(node: Node, head: str) -> Iterator[tuple[str, Node]]:
    """Yield every path with its node: `init.std = …` and `"init.std" = …` are the same."""
    for name in node.names():
        if isinstance(node[name].value, dict):
            yield from _flat(node[name], f"{head}{name}.")
        else:
            yield f"{head}{name}", node[name]


def _no_place(node: Node, path: str, places: Iterable[str], ground: Ground[P]) -> None:
    # A technique that went wrong in base has no settings that could be told.
    if ground.sound:
        known = tuple(places)
        what = message("base has no '{path}' to vary.", path=path[:60])
        own = path.partition(".")[0]
        near = [place for place in known if place.partition(".")[0] == own]
        node.fault(
            suggest(what, path.removeprefix("recipe."), known),
            message("what can be varied: {places}", places=", ".join(near or known)),
        )


def _read_compare(node: Node, axes: Sequence[Levels[P]]) -> str:
    path: str = node.read(str, "")
    paths = [axis.path for axis in axes]
    if path and paths and path not in paths:
        what = message("'{path}' is not varied.", path=path[:60])
        node.fault(suggest(what, path, paths), message("one of: {names}", names=", ".join(paths)))
    return path


def _read_kind(node: Node, axes: Sequence[Levels[P]], compare: str) -> Kind:
    kind: Kind = node.read(Kind, "grid" if compare else "one-at-a-time")
    if compare and kind != "grid":
        node.fault(
            message("'compare' compares inside the cells of a grid."), message('kind = "grid"')
        )
    if kind == "grid":
        _check_apart(axes)
    if kind == "sweep" and len(axes) > 1:
        node.fault(
            message("a sweep varies one place, and here are {n}.", n=len(axes)),
            message('kind = "grid" or "one-at-a-time"'),
        )
    return kind


def _check_apart(axes: Sequence[Levels[P]]) -> None:
    """Note a place inside another: in one arm they cannot both have their value."""
    for one, other in permutations(axes, 2):
        # What is written for a whole list is added to it, and so can stand beside a part of it.
        if other.path.startswith(f"{one.path}.") and one.path not in LIST_SLOTS:
            other.node.fault(
                message("'{whole}', which is varied too, holds this.", whole=one.path),
                message("vary one of the two"),
            )


def _works(
    node: Node, axes: Sequence[Levels[P]], kind: Kind, ground: Ground[P]
) -> dict[Picks, Work]:
    """Return what each cell trains, by its picks; two that are equal are noted."""
    if math.prod(len(axis.values) for axis in axes) > MOST_TRIALS:
        node["vary"].fault(
            message("these values make more than {most:,} arms.", most=MOST_TRIALS),
            message("take some out"),
        )
        return {}
    works: dict[Picks, Work] = {}
    seen: dict[Work, Picks] = {}
    for picks in _picks(axes, kind):
        changes = [axis.changes[n] for axis, n in zip(axes, picks, strict=True) if n != OWN]
        work = ground.work(reduce(lambda parts, change: change(parts), changes, ground.start))
        other = seen.setdefault(work, picks)
        if other == picks:
            works[picks] = work
        elif work != ground.base or kind == "grid":
            _equal(axes, picks, other)
    return works


def _picks(axes: Sequence[Levels[P]], kind: Kind) -> Iterator[Picks]:
    if kind == "grid":
        yield from product(*(range(len(axis.values)) for axis in axes))
        return
    for place, axis in enumerate(axes):
        for n in range(len(axis.values)):
            yield tuple(n if other == place else OWN for other in range(len(axes)))


def _equal(axes: Sequence[Levels[P]], picks: Picks, other: Picks) -> None:
    """Note at the value in which two cells differ that they do not."""
    axis, n = next(
        (axis, n) for axis, n, m in zip(axes, picks, other, strict=True) if n != m and n != OWN
    )
    axis.values[n].fault(
        message("this makes an arm that is there already."), message("take one of the two out")
    )


def _names(axes: Sequence[Levels[P]], works: Mapping[Picks, Work], base: Work) -> dict[Picks, str]:
    """Return the name of each cell; one that is equal to base is base."""
    paths = [axis.path for axis in axes]
    said = [axis.texts(paths) for axis in axes]
    found: dict[Picks, str] = {}
    for number, (picks, work) in enumerate(works.items(), start=1):
        parts = [words[n] for words, n in zip(said, picks, strict=True) if n != OWN]
        found[picks] = BASE if work == base else cell_name(parts, number)
    return found


def _against(
    node: Node,
    axes: Sequence[Levels[P]],
    compare: str,
    names: Mapping[Picks, str],
    ground: Ground[P],
) -> dict[Picks, str]:
    """Return by cell the arm that it is compared with: the one with base's own value in its place.

    That cell itself is compared with none.
    """
    place = [axis.path for axis in axes].index(compare)
    own = axes[place].own(ground)
    if own == OWN or BASE not in names.values():
        node.fault(
            message("no cell of this grid is base, so that base would be compared with nothing."),
            message("let base have one of the values of each place that is varied"),
        )
        return {}
    controls = {picks: (*picks[:place], own, *picks[place + 1 :]) for picks in names}
    return {
        picks: "" if picks == control else names[control] for picks, control in controls.items()
    }


def _axis(axis: Levels[P]) -> Axis:
    values = [one.value for one in axis.values]
    numbers = tuple(float(one) for one in values if isinstance(one, (int, float)))
    whole = len(numbers) == len(values) and not any(isinstance(one, bool) for one in values)
    return Axis(axis.path, axis.texts((axis.path,)), numbers if whole else ())
