"""`Entry`, `Setting`, `DataSet`: what the catalogue says of a technique, a model, a data set."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

from hikaku.study.card import Card, NamesFile, Slot
from hikaku.study.kinds import allowed
from hikaku.study.recipe import Use, Value
from hikaku.words import Message


@dataclass(frozen=True)
class Setting:
    """One setting: its name, its kind as the source writes it, and its default.

    `annotation` is what the kind stands for in `card`.
    """

    name: str
    kind: str
    default: Value
    annotation: Any = field(repr=False, compare=False)

    @property
    def names_file(self) -> bool:
        """Whether its value is the name of a file, which is part of a trial's identity."""
        return NamesFile in get_args(self.annotation)

    @property
    def range(self) -> Message:
        """The allowed values in words, to be said in any language."""
        return allowed(self.annotation)

    @property
    def allowed(self) -> str:
        """The allowed values in English words: "> 0", "0 to 1", "one of: a, b"."""
        return str(self.range)


@dataclass(frozen=True)
class Entry:
    """A technique or a model, read from its source and never run.

    `slot` is "model" for a model, which has no card. `symbol` is the class or function in `path`.
    """

    name: str
    slot: Slot | Literal["model"]
    card: Card | None
    summary: str
    settings: tuple[Setting, ...]
    path: Path
    symbol: str

    @property
    def version(self) -> int:
        """The version of the technique's results; 1 for a model, which `SEMANTICS` covers."""
        return self.card.version if self.card else 1

    def use(self, written: dict[str, Value] | None = None) -> Use:
        """Return the complete use: what is written, every other setting at its default."""
        values = written or {}
        return Use(self.name, tuple((s.name, values.get(s.name, s.default)) for s in self.settings))

    def files(self, use: Use) -> tuple[str, ...]:
        """Return the files that the settings of a use of this name, from the study's folder."""
        values = dict(use.settings)
        return tuple(str(values[s.name]) for s in self.settings if s.names_file)


@dataclass(frozen=True)
class DataSet:
    """A named data set, read from its source: nothing is loaded or fetched.

    `classes` is 0 where the source does not say, and for regression; so is `official_test`, the
    number of samples of the official test set, where there is none.
    """

    name: str
    kind: Literal["classification", "regression"]
    official_test: int | bool = 0
    summary: str = ""
    licence: str = ""
    source: str = ""
    classes: int = 0
