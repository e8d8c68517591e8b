"""What a study's report shows beside figures: written as text and bytes, read as `Exhibits`.

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
from hashlib import blake2b, sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Row, delete, insert, select

from hikaku.exhibits import Changed, DataCard, Example, Exhibits, Part, Shape, Spread
from hikaku.record import Results
from hikaku.store.arms import Asked, arms_of, study_id
from hikaku.store.faults import NONSENSE
from hikaku.store.rows import to_json
from hikaku.store.schema import exhibit
from hikaku.study.study import BASE, Study, Training
from hikaku.words import as_plain, from_plain

DATA = "data"
NO_IMAGES: NDArray[np.uint8] = np.zeros(0, np.uint8)


def read(connection: Connection, asked: Asked, results: Results) -> Exhibits:
    """Return what was kept for the report of this study, where it was made of what is shown.

    Examples of other trials than those of `results`, and a card of other data than the study was
    last planned with, are left out.
    """
    rows, sources = _rows(connection, asked), made_of(asked.study, results)
    changed: dict[str, Changed] = {}
    for arm in asked.study.compared:
        row = rows.get(_subject(asked, arm.against, arm.name))
        if row is not None and row.made_of == sources.get(arm.name):
            with suppress(*NONSENSE):
                changed[arm.name] = _changed(row)
    data = None
    if DATA in rows and rows[DATA].made_of == _data(connection, asked):
        with suppress(*NONSENSE):
            data = _card(rows[DATA])
    return Exhibits(data, changed)


def made_of(study: Study, results: Results) -> dict[str, str]:
    """Return by variant a digest of the trials that its examples come from.

    Only classes are right or wrong: of regression there are none.
    """
    found: dict[str, str] = {}
    for arm in study.compared:
        pair = (arm.name, results.base_of(arm.name))
        trials = [
            results.trials[name, seed].outcome.key
            for seed in results.seeds
            for name in pair
            if all(results.sheet(one, seed, "correct") is not None for one in pair)
        ]
        if trials:
            found[arm.name] = sha256(" ".join(trials).encode()).hexdigest()
    return found


def keep(connection: Connection, asked: Asked, new: Exhibits, sources: Mapping[str, str]) -> None:
    """Keep this for the report of the study, in place of all that was kept for it before.

    `sources` says by variant what its examples were made of, as `made_of` does.
    """
    owner = study_id(connection, asked.study.name, asked.folder)
    if owner is None:
        return
    rows = [
        _row(
            _subject(asked, arm.against, arm.name), sources[arm.name], _text_of(found), found.images
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


def _data(connection: Connection, asked: Asked) -> str | None:
    """Return the digest of the data that base was last planned with; None where it has none."""
    owner, base = study_id(connection, asked.study.name, asked.folder), asked.study.base
    if owner is None or not isinstance(base, Training):
        return None
    mark = asked.fingerprints[BASE]
    latest = (arm for arm in arms_of(connection, owner).values() if arm.fingerprint == mark)
    return next((arm.sources.get(base.data.use.name) for arm in latest), None)


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
