"""What a study's report shows beside figures: written as text and bytes, read as `Evidence`.

It is derived, so a row is replaced whenever what it was made of has changed, and goes with its
study. Whatever of it cannot be read, a flipped bit or another version's text, counts as missing:
the next run makes it again.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Row, delete, insert, select

from hikaku.evidence import Changed, DataCard, Evidence, Example, Part, Shape, Spread
from hikaku.store.arms import Asked, study_id
from hikaku.store.faults import NONSENSE
from hikaku.store.rows import to_json
from hikaku.store.schema import exhibit
from hikaku.words import as_plain, from_plain

DATA = "data"
NO_IMAGES: NDArray[np.uint8] = np.zeros(0, np.uint8)


def evidence(connection: Connection, asked: Asked) -> Evidence:
    """Return what was kept for the report of this study, by the arms as they are now."""
    rows = _rows(connection, asked)
    changed: dict[str, Changed] = {}
    for arm in asked.study.compared:
        with suppress(KeyError, *NONSENSE):
            changed[arm.name] = _changed(rows[_subject(asked, arm.against, arm.name)])
    data = None
    with suppress(KeyError, *NONSENSE):
        data = _card(rows[DATA])
    return Evidence(data, changed)


def made_of(connection: Connection, asked: Asked) -> dict[str, str]:
    """Return by variant what its kept examples were made of, where they can be read."""
    rows = _rows(connection, asked)
    places = {arm.name: _subject(asked, arm.against, arm.name) for arm in asked.study.compared}
    return {name: rows[place].made_of for name, place in places.items() if place in rows}


def keep(connection: Connection, asked: Asked, new: Evidence, made_of: Mapping[str, str]) -> None:
    """Keep this for the report of the study, in place of all that was kept for it before.

    `made_of` says by variant what its examples were made of.
    """
    owner = study_id(connection, asked.study.name, asked.folder)
    if owner is None:
        return
    rows = [
        _row(
            _subject(asked, arm.against, arm.name), made_of[arm.name], _text_of(found), found.images
        )
        for arm in asked.study.compared
        if (found := new.changed.get(arm.name)) is not None
    ]
    if new.data is not None:
        rows.append(_row(DATA, new.data.fingerprint, _text_of_card(new.data), NO_IMAGES))
    connection.execute(delete(exhibit).where(exhibit.c.study_id == owner))
    if rows:
        connection.execute(insert(exhibit), [{"study_id": owner, **row} for row in rows])


def _rows(connection: Connection, asked: Asked) -> dict[str, Row[Any]]:
    """Return the rows of the study that are what was written, by subject."""
    owner = study_id(connection, asked.study.name, asked.folder)
    found = connection.execute(select(exhibit).where(exhibit.c.study_id == owner)).all()
    return {row.subject: row for row in found if row.seal == _seal(tuple(row)[1:-1])}


def _subject(asked: Asked, against: str, variant: str) -> str:
    return f"{asked.fingerprints[against]} {asked.fingerprints[variant]}"


def _row(subject: str, made_of: str, text: str, images: NDArray[np.uint8]) -> dict[str, object]:
    row = (subject, made_of, text, to_json(images.shape), images.tobytes())
    names = ("subject", "made_of", "text", "shape", "bytes")
    return {**dict(zip(names, row, strict=True)), "seal": _seal(row)}


def _seal(parts: tuple[object, ...]) -> str:
    return blake2b(repr(parts).encode(), digest_size=8).hexdigest()


def _text_of(found: Changed) -> str:
    examples = [list(asdict(one).values()) for one in found.examples]
    return to_json(
        {"samples": found.samples, "gained": found.gained, "lost": found.lost, "examples": examples}
    )


def _changed(row: Row[Any]) -> Changed:
    said, shape = json.loads(row.text), tuple(json.loads(row.shape))
    if len(row.bytes) != math.prod(shape):
        raise ValueError(f"images of {shape} in {len(row.bytes)} bytes")
    return Changed(
        samples=said["samples"],
        gained=said["gained"],
        lost=said["lost"],
        examples=tuple(Example(*map(int, one)) for one in said["examples"]),
        images=np.ndarray(shape, np.uint8, row.bytes),
    )


def _text_of_card(card: DataCard) -> str:
    return to_json({**asdict(card), "notes": [as_plain(note) for note in card.notes]})


def _card(row: Row[Any]) -> DataCard:
    said = json.loads(row.text)
    parts = (
        Part(
            one["name"],
            one["samples"],
            tuple(one["counts"]),
            tuple(Spread(**spread) for spread in one["values"]),
        )
        for one in said["parts"]
    )
    shapes = (Shape(one["name"], tuple(one["sides"]), one["dtype"]) for one in said["shapes"])
    return DataCard(
        **{
            **said,
            "classes": tuple(said["classes"]),
            "parts": tuple(parts),
            "shapes": tuple(shapes),
            "notes": tuple(from_plain(note) for note in said["notes"]),
        }
    )
