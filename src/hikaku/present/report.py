"""`Report`: headings, texts, tables and charts as plain frozen blocks, in no language yet.

Eats nothing: these are the words that `build` writes with and that `terminal` and `html` read.
Texts are messages or data (names, numbers, paths); the renderer chooses the language and calls
`spoken`, so nothing of a study can act on a terminal or a page.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from hikaku.words import Message, catalogued, inert, say

if TYPE_CHECKING:  # a terminal shows no picture, and need not load how they are made
    from hikaku.present.pictures import Picture

Words = Message | str
Tone = Literal[
    "plain",
    "answer",
    "helps",
    "hurts",
    "no-practical-difference",
    "undecided",
    "unstable",
    "caution",
]
"""What a text means, for renderers that have colours; the words say it too."""

LONGEST_NAME = 40
"""Names of more characters are cut in tables and charts; sentences keep them whole."""


@dataclass(frozen=True)
class Heading:
    """The title of the report (level 1) or of a section (level 2).

    `id` is the name by which links find it; a page makes one of the text where it is empty.
    """

    text: Words
    level: Literal[1, 2] = 2
    id: str = ""


@dataclass(frozen=True)
class Text:
    """One paragraph."""

    text: Words
    tone: Tone = "plain"


@dataclass(frozen=True)
class Point:
    """One sentence of a list, what goes with it, and what to know before it is believed."""

    text: Words
    tone: Tone = "plain"
    cautions: tuple[Words, ...] = ()
    notes: tuple[Words, ...] = ()


@dataclass(frozen=True)
class Points:
    """A list of sentences."""

    points: tuple[Point, ...]


@dataclass(frozen=True)
class Column:
    """A column of a table: "name" heads its row, "number" is never wrapped, "words" may be.

    One that is `roomy` is left out where a line holds 80 letters.
    """

    title: Words
    kind: Literal["name", "number", "words"] = "words"
    roomy: bool = False


@dataclass(frozen=True)
class Bar:
    """An interval to be drawn beside 0 and ± `margin`, where a cell can hold a drawing.

    All numbers are of one unit; `view` is what the bars of a column show alike. `outer` and the
    narrower `inner` interval may be NaN, and so may `middle`. `alt` says in words how it lies.
    """

    view: tuple[float, float]
    outer: tuple[float, float]
    inner: tuple[float, float]
    middle: float
    margin: float
    tone: Tone
    alt: Words


@dataclass(frozen=True)
class Cell:
    """One cell of a table; its text says the same as its `bar`, which a page draws above it."""

    text: Words
    tone: Tone = "plain"
    bar: Bar | None = None


@dataclass(frozen=True)
class Table:
    """Rows of cells under columns, with a caption above and notes below."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    caption: Words = ""
    notes: tuple[Words, ...] = ()


@dataclass(frozen=True)
class Chart:
    """A picture, what it shows for those who cannot see it, and how to read it."""

    picture: Picture
    title: Words
    alt: Words
    note: Words = ""


@dataclass(frozen=True)
class Place:
    """A path, address or command on a line of its own, never wrapped, so that it can be copied."""

    label: Words
    text: str


@dataclass(frozen=True)
class Lines:
    """Lines in letters of one width under a label, never wrapped: a matrix, say."""

    label: Words
    lines: tuple[Words, ...]


@dataclass(frozen=True, eq=False)
class Tile:
    """One small image, (height, width) or (height, width, 3) uint8, and the lines below it.

    `alt` says what it is to those who cannot see it.
    """

    image: NDArray[np.uint8]
    below: tuple[Words, ...]
    alt: Words


@dataclass(frozen=True)
class Tiles:
    """Small images side by side under a title."""

    title: Words
    tiles: tuple[Tile, ...]


Block = Heading | Text | Points | Table | Chart | Place | Lines | Tiles


@dataclass(frozen=True)
class Report:
    """What is said, from top to bottom."""

    blocks: tuple[Block, ...]


def cells(*texts: Words) -> tuple[Cell, ...]:
    """Return a row without tones."""
    return tuple(Cell(text) for text in texts)


def spoken(what: Words, language: str) -> str:
    """Return the text in this language, as one line without characters that act (`inert`)."""
    return inert(say(what, language))


def short(name: str, longest: int = LONGEST_NAME) -> str:
    """Return a name of at most `longest` characters, cut with an ellipsis."""
    return name if len(name) <= longest else name[: longest - 1] + "…"


def title(question: str, name: str) -> Words:
    """Return what heads what is said of a study: its question, or its name where it asks none."""
    return catalogued(question.strip()) if question.strip() else name
