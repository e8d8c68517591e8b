"""`Node`: one place of a study as it was written, with its path; `Mistakes` collects what is wrong.

Eats plain values (tables, lists, numbers, texts); makes values of a kind. A wrong value is noted
and a stand-in given back, so that one reading finds every mistake. Whoever reads asks
`Mistakes.stop` before using what was read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self, TypeVar, cast

from hikaku.errors import Fault, StudyError
from hikaku.study.kinds import Misfit, allowed, fit
from hikaku.study.locate import Path, Places
from hikaku.study.nearest import suggest
from hikaku.words import Message, message

T = TypeVar("T")

DEEPEST = 32
LARGEST_WHOLE = 2**63 - 1
"""TOML's own limit for whole numbers, and a database's."""


class _Missing:
    """The value of a key that was not written."""


MISSING = _Missing()


MOST = 200
"""Mistakes that are collected. With more this is no study, and reading on would only take time."""


class Mistakes:
    """Everything found wrong so far, in the order of the lines; `MOST` of them end the reading."""

    def __init__(self, places: Places, faults: Iterable[Fault] = ()) -> None:
        self._places = places
        self._found = [(0, fault) for fault in faults]

    def __len__(self) -> int:
        return len(self._found)

    def add(self, path: Path, what: Message, mend: Message | None = None) -> None:
        """Note one mistake at `path`."""
        self._note(path, Fault(what, self._places.where(path), mend=mend))

    def add_all(self, path: Path, error: StudyError) -> None:
        """Note the faults of an error; those without a place of their own stand at `path`."""
        for fault in error.faults:
            where = fault.where or self._places.where(path)
            self._note(path, Fault(fault.what, where, fault.why, fault.mend))

    def stop(self) -> None:
        """Raise `StudyError` with all mistakes, where there is at least one."""
        StudyError.gather(fault for _, fault in sorted(self._found, key=lambda pair: pair[0]))

    def _note(self, path: Path, fault: Fault) -> None:
        found = (self._places.spot(path).line, fault)
        # A value of a design may be wrong in many arms, in one way.
        if found in self._found:
            return
        self._found.append(found)
        if len(self._found) >= MOST:
            self.stop()


@dataclass(frozen=True)
class Node:
    """What was written at `path`; `MISSING` where nothing was."""

    value: object
    path: Path
    mistakes: Mistakes

    @property
    def written(self) -> bool:
        """Whether anything was written here."""
        return self.value is not MISSING

    def __getitem__(self, key: str | int) -> Self:
        """Return the node of a key, or of an item of a list; not written where there is none."""
        holder = self.value if isinstance(self.value, dict) else {}
        if isinstance(self.value, list):
            holder = dict(enumerate(self.value))
        return type(self)(holder.get(key, MISSING), (*self.path, key), self.mistakes)

    def items(self) -> Iterator[Self]:
        """Yield the nodes of a list's items; none where this is no list."""
        for index, value in enumerate(self.value if isinstance(self.value, list) else ()):
            yield type(self)(value, (*self.path, index), self.mistakes)

    def names(self) -> tuple[str, ...]:
        """Return the keys written in this table; none where it is no table."""
        return tuple(self.value) if isinstance(self.value, dict) else ()

    def fault(self, what: Message, mend: Message | None = None) -> None:
        """Note that something is wrong here."""
        self.mistakes.add(self.path, what, mend)

    def misfit(self, wanted: Message) -> None:
        """Note that the value is none of those that are wanted, unless it was refused before."""
        if self.written:
            self.fault(
                message("must be {allowed}, not {value}.", allowed=wanted, value=shown(self.value)),
                message("write {allowed}", allowed=wanted),
            )

    def required(self) -> bool:
        """Return whether something was written here, and note it where nothing was."""
        if not self.written:
            self.fault(message("must be written."), _example(self.path))
        return self.written

    def read(self, kind: Any, stand_in: T, wanted: Message | None = None) -> T:
        """Return the value as one of this kind; the stand-in where it is missing or wrong."""
        if not self.written:
            return stand_in
        try:
            return cast(T, fit(kind, self.value))
        except Misfit as misfit:
            self._at(misfit.place).misfit(wanted or allowed(kind))
            return stand_in

    def is_table(
        self, known: Iterable[str], unknown: Message, moved: Mapping[str, Message | str]
    ) -> bool:
        """Return whether this is a table; note if not, and each key that is not known here.

        `unknown` begins the sentence about such a key: "{owner} has no key". `moved` says where
        a key belongs that is known elsewhere.
        """
        if not isinstance(self.value, dict):
            self.misfit(message("a table"))
            return False
        known = tuple(known)
        for key in self.names():
            if key not in known:
                self[key].fault(
                    _unknown(key, known, unknown, moved),
                    message("move it there")
                    if key in moved
                    else message("allowed here: {keys}", keys=", ".join(known) or "-"),
                )
        return True

    def _at(self, place: tuple[int, ...]) -> Node:
        node: Node = self
        for index in place:
            node = next(item for item in node.items() if item.path[-1] == index)
        return node


def root(value: object, mistakes: Mistakes) -> Node:
    """Return the node of a whole study: tables as dicts, lists and tuples as lists.

    Scalars of numerical libraries become plain numbers. Raises nothing: what no study can hold
    (keys that are no text, numbers beyond 64 bits, endless nesting) is noted.
    """
    return Node(_plain(value, (), mistakes), (), mistakes)


def shown(value: object) -> str:
    """Return a value as a message quotes it, cut where it is long."""
    if isinstance(value, str):
        return f"'{value[:60]}{'…' if len(value) > 60 else ''}'"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (dict, list, tuple)):
        return "a table" if isinstance(value, dict) else "a list"
    return str(value)[:60]


def _example(path: Path) -> Message:
    """Return how a missing key is written."""
    written = _EXAMPLES.get(path)
    if written:
        return message("write {example}", example=written)
    return message("add a line {key} = …", key=path[-1] if path else "-")


_EXAMPLES: Mapping[Path, str] = {
    ("format",): "format = 1",
    ("metric",): 'metric = "accuracy"',
    ("worth",): "worth = 0.01",
    ("model",): 'model = "mlp"',
    ("data",): 'data = "digits"',
    ("recipe",): "[recipe]",
    ("recipe", "optimizer"): 'optimizer = "adam"',
}


def _unknown(
    key: str, known: tuple[str, ...], unknown: Message, moved: Mapping[str, Message | str]
) -> Message:
    if key in moved:
        return message("this belongs into {table}.", table=moved[key])
    sentence = message("{unknown} '{key}'.", unknown=unknown, key=key[:60])
    return suggest(sentence, key, known)


def _plain(value: object, path: Path, mistakes: Mistakes) -> object:
    if len(path) > DEEPEST:
        mend = message("a study needs four levels of tables and lists")
        mistakes.add(path[:4], message("this is nested too deeply."), mend)
        return MISSING
    if isinstance(value, Mapping):
        return _table(value, path, mistakes)
    if isinstance(value, (list, tuple)):
        return [_plain(item, (*path, index), mistakes) for index, item in enumerate(value)]
    value = _scalar(value)
    if isinstance(value, int) and abs(value) > LARGEST_WHOLE:
        mend = message("numbers reach from -2^63 to 2^63 - 1")
        mistakes.add(path, message("this number has too many digits."), mend)
        return MISSING
    return value


def _table(value: Mapping[Any, object], path: Path, mistakes: Mistakes) -> dict[str, object]:
    found = {}
    for key, item in value.items():
        if isinstance(key, str):
            found[key] = _plain(item, (*path, key), mistakes)
        else:
            what = message("the key {key} is no text.", key=shown(key))
            mistakes.add(path, what, message("keys are texts"))
    return found


def _scalar(value: object) -> object:
    """Return numpy's and torch's numbers, which know `item`, as Python's; others as they are."""
    if isinstance(value, float):
        return float(value)
    item = getattr(value, "item", None)
    return item() if callable(item) and getattr(value, "ndim", None) == 0 else value
