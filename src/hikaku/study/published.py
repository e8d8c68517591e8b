"""The published experiments that the gallery redoes: `gallery/published.toml`, read and checked.

Eats that file; makes one `Experiment` per row: where it stands, with which settings and figures,
what it claims, and where hikaku redoes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from hikaku.study.gallery import FOLDER
from hikaku.study.node import Mistakes, Node, root
from hikaku.study.toml import read_toml
from hikaku.words import message

FILE = FOLDER / "published.toml"
Mark = Literal["given", "inferred", "public copy"]
KEYS = (
    "id",
    "source",
    "text",
    "figures",
    "claims",
    "studies",
    "show",
    "answer",
    "later",
    *get_args(Mark),
)


@dataclass(frozen=True)
class Setting:
    """A setting of a published experiment, and whether the source gives it."""

    text: str
    mark: Mark


@dataclass(frozen=True)
class Experiment:
    """One published experiment and where it is redone: exactly as many places as there are.

    `studies` are names of the gallery, `shows` command lines of `hikaku show`, `answers` pages with
    a section's name behind `#`, where what is said is checked. `later` is why it is not redone yet;
    it is empty where anything else is there.
    """

    id: str
    source: str
    text: str
    settings: tuple[Setting, ...] = ()
    figures: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()
    studies: tuple[str, ...] = ()
    shows: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    later: str = ""


def published(path: Path = FILE) -> tuple[Experiment, ...]:
    """Return every published experiment, in the order of the file.

    Raises `StudyError` with all that is wrong in the file, each with its line.
    """
    mapping, places = read_toml(path)
    mistakes = Mistakes(places)
    node = root(mapping, mistakes)
    node.is_table(("experiment",), message("the list of published experiments has no key"), {})
    found = tuple(_experiment(item) for item in node["experiment"].items())
    seen: set[str] = set()
    for item, one in zip(node["experiment"].items(), found, strict=True):
        if one.id in seen:
            item["id"].fault(
                message("there is another '{name}'.", name=one.id), message("name it otherwise")
            )
        seen.add(one.id)
    mistakes.stop()
    return found


def _experiment(node: Node) -> Experiment:
    node.is_table(KEYS, message("a published experiment has no key"), {})
    for key in ("id", "source", "text"):
        node[key].required()
    settings = [Setting(text, mark) for mark in get_args(Mark) for text in _texts(node[mark])]
    found = Experiment(
        id=node["id"].read(str, ""),
        source=node["source"].read(str, ""),
        text=node["text"].read(str, ""),
        settings=tuple(settings),
        figures=_texts(node["figures"]),
        claims=_texts(node["claims"]),
        studies=_texts(node["studies"]),
        shows=_texts(node["show"]),
        answers=_texts(node["answer"]),
        later=node["later"].read(str, ""),
    )
    redone = bool(found.studies or found.shows or found.answers)
    if redone == bool(found.later):
        node["id"].fault(
            message("where it is redone must be written, or why later; not both."),
            message(
                'studies = ["…"], show = ["hikaku show …"], answer = ["docs/…"] or later = "…"'
            ),
        )
    return found


def _texts(node: Node) -> tuple[str, ...]:
    return node.read(tuple[str, ...], ())
