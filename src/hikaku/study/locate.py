"""Where each key of a TOML text stands: line and column of every dotted path.

Eats the text of a valid TOML document; makes {path: spot}. `tomllib` says what was written but
not where, and an error without a line sends people searching. A path is a tuple of keys and, in
arrays, indexes: ("variant", 0, "layers", 1, "p").
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

Path = tuple[str | int, ...]

_TOKEN = re.compile(
    r"""(?P<space>[ \t\r]+|\#[^\n]*)
      | (?P<end>\n)
      | (?P<text>\"{3}(?:\\.|[^\\])*?\"{3,5}|'{3}.*?'{3,5}|"(?:\\.|[^"\\\n])*"|'[^'\n]*')
      | (?P<mark>[\[\]{}=.,])
      | (?P<bare>[^\s\[\]{}=.,\#"']+)""",
    re.VERBOSE | re.DOTALL,
)
_BARE = re.compile(r"[A-Za-z0-9_-]+")


class Spot(NamedTuple):
    """A place in a text; both count from 1, columns in characters."""

    line: int = 1
    column: int = 1


def locate(text: str) -> dict[Path, Spot]:
    """Return where every key, table and array item of a valid TOML text stands."""
    scanner = _Scanner(_tokens(text))
    scanner.document()
    return scanner.spots


@dataclass(frozen=True)
class Places:
    """How a path is named to the reader: file, line, column and key, or the option that set it."""

    file: str = ""
    spots: Mapping[Path, Spot] = field(default_factory=dict)
    options: Mapping[Path, str] = field(default_factory=dict)

    def where(self, path: Path) -> str:
        """Return `study.toml:14:9 variant[0].loss.amount:`; a parent's spot if need be."""
        option = next((self.options[head] for head in _heads(path) if head in self.options), "")
        if option:
            return f"{option} {dotted(path)}:" if option == "--set" else f"{option}:"
        line, column = self.spot(path)
        place = f"{self.file}:{line}:{column}" if self.file else ""
        key = f"{dotted(path)}:" if path else ""
        return f"{place} {key}".strip()

    def spot(self, path: Path) -> Spot:
        """Return where a path stands, or the nearest parent that stands anywhere."""
        return next((self.spots[head] for head in _heads(path) if head in self.spots), Spot())


def dotted(path: Path) -> str:
    """Return a path as people write it: `variant[0].loss.amount`."""
    words = ""
    for step in path:
        if isinstance(step, int):
            words += f"[{step}]"
        else:
            words += ("." if words else "") + (step if _BARE.fullmatch(step) else repr(step)[:60])
    return words


def _heads(path: Path) -> list[Path]:
    return [path[:length] for length in range(len(path), 0, -1)]


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    spot: Spot


def _tokens(text: str) -> list[_Token]:
    found, line, start = [], 1, 0
    for match in _TOKEN.finditer(text):
        kind, piece = match.lastgroup or "", match.group()
        if kind != "space":
            found.append(_Token(kind, piece, Spot(line, match.start() - start + 1)))
        if "\n" in piece:
            line += piece.count("\n")
            start = match.start() + piece.rfind("\n") + 1
    return [*found, _Token("end", "\n", Spot(line))]


class _Scanner:
    """Walks the tokens once; `table` is the path of the table that the last header opened."""

    def __init__(self, tokens: list[_Token]) -> None:
        self.tokens = tokens
        self.at = 0
        self.table: Path = ()
        self.spots: dict[Path, Spot] = {}
        self.lengths: dict[Path, int] = {}

    def document(self) -> None:
        while self.at < len(self.tokens):
            if self.peek("end"):
                self.at += 1
            elif self.peek("mark", "["):
                self.header()
            else:
                self.pair(self.table)

    def peek(self, kind: str, text: str = "") -> bool:
        if self.at >= len(self.tokens):
            return False
        token = self.tokens[self.at]
        return token.kind == kind and (not text or token.text == text)

    def skip(self, text: str) -> bool:
        found = self.peek("mark", text)
        self.at += found
        return found

    def header(self) -> None:
        opening = self.tokens[self.at].spot
        self.skip("[")
        many = self.skip("[")
        path: Path = ()
        for key, spot in self.keys():
            path = (*path, *self.last(path), key)
            self.spots.setdefault(path, spot)
        if many:
            self.lengths[path] = self.lengths.get(path, 0) + 1
        self.table = (*path, *self.last(path))
        self.spots.setdefault(self.table, opening)
        self.skip("]")
        self.skip("]")

    def last(self, path: Path) -> Path:
        """Return the index of the newest table, where `path` is an array of tables."""
        return (self.lengths[path] - 1,) if path in self.lengths else ()

    def keys(self) -> list[tuple[str, Spot]]:
        found = []
        while self.peek("bare") or self.peek("text"):
            token = self.tokens[self.at]
            found.append((_key(token.text), token.spot))
            self.at += 1
            self.skip(".")
        return found

    def pair(self, table: Path) -> None:
        path = table
        for key, spot in self.keys():
            path = (*path, key)
            self.spots.setdefault(path, spot)
        if not self.skip("="):
            self.at += 1  # never twice at one token, whatever the text
            return
        self.value(path)

    def value(self, path: Path) -> None:
        if self.skip("["):
            self.items(path)
        elif self.skip("{"):
            self.inline(path)
        else:
            while self.at < len(self.tokens) and not (self.peek("end") or self._closes()):
                self.at += 1

    def items(self, path: Path) -> None:
        index = 0
        while self.at < len(self.tokens) and not self.skip("]"):
            if self.peek("end") or self.peek("mark", ","):
                self.at += 1
                continue
            self.spots[(*path, index)] = self.tokens[self.at].spot
            before = self.at
            self.value((*path, index))
            self.at += self.at == before
            index += 1

    def inline(self, path: Path) -> None:
        while self.at < len(self.tokens) and not self.skip("}"):
            if self.peek("end") or self.peek("mark", ","):
                self.at += 1
            else:
                self.pair(path)

    def _closes(self) -> bool:
        return self.tokens[self.at].kind == "mark" and self.tokens[self.at].text in ",]}"


def _key(text: str) -> str:
    """Return a key without its quotes; TOML's escapes are undone by TOML itself."""
    return str(tomllib.loads(f"k = {text}")["k"]) if text[0] in "\"'" else text
