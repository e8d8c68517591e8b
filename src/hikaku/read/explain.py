"""`explain`: everything that a technique, a model or a data set says of itself; nothing is run."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from hikaku.errors import StudyError
from hikaku.study.catalogue import (
    HOUSE,
    datasets,
    is_file_reference,
    models,
    technique_at,
    techniques,
)
from hikaku.study.entry import DataSet, Entry
from hikaku.study.nearest import nearest
from hikaku.study.recipe import shown
from hikaku.words import Message, message


def explain(name: str) -> Iterator[Message]:
    """Yield the lines that explain `name`; raise `StudyError` where nothing has this name."""
    if name in datasets():
        yield from _data_set(datasets()[name])
    elif name in models():
        yield from _entry(models()[name], message("model"))
    else:
        entry, _ = entry_of(name)
        yield from _entry(entry, message("technique, slot {slot}", slot=entry.slot))
        yield from _card(entry)


def entry_of(name: str) -> tuple[Entry, Path]:
    """Return a technique, read as text, and the folder in which its entry's name is looked up.

    `name` is a technique's, or leads to a file from here: `my_technique.py`,
    `../lib/my_technique.py:Name`. Raises `StudyError` where there is no such technique.
    """
    file, _, symbol = name.rpartition(":") if is_file_reference(name) else (name, "", "")
    if file.endswith(".py"):
        return technique_at(Path(file), symbol), Path(file).parent
    if name in techniques():
        return HOUSE.technique(name, "."), Path()
    known = list(chain(techniques(), models(), datasets()))
    close = nearest(name, known)
    raise StudyError.of(
        message("there is no technique, model or data set {name}", name=name),
        mend=message("did you mean {close}?", close=close)
        if close
        else message("`hikaku techniques` lists them"),
    )


def _entry(entry: Entry, kind: Message) -> Iterator[Message]:
    yield message("{name}: {kind}", name=entry.name, kind=kind)
    yield message("  {summary}", summary=entry.summary)
    if entry.settings:
        yield message("settings:")
    for setting in entry.settings:
        yield message(
            "  {name} = {default}  ({range})",
            name=setting.name,
            default=shown(setting.default),
            range=setting.range,
        )


def _card(entry: Entry) -> Iterator[Message]:
    card = entry.card
    assert card is not None
    parts = (
        (message("claim"), card.claim),
        (message("formula"), card.formula),
        (message("source"), card.paper),
        (message("helps"), card.helps),
        (message("hurts"), card.hurts),
        (message("cost"), card.cost),
        (message("pitfalls"), card.pitfalls),
    )
    for head, text in parts:
        if text:
            yield message("{head}: {text}", head=head, text=text)


def _data_set(found: DataSet) -> Iterator[Message]:
    yield message("{name}: {kind}", name=found.name, kind=message("data set"))
    yield message("  {summary}", summary=found.summary)
    yield message("source: {source}", source=found.source)
    yield message("licence: {licence}", licence=found.licence)
