"""Seals: by what a trial holds, a digest of it, so that a flipped bit is never read as a number.

SQLite does not check what stands in its pages. Each reading has a seal of its own, for not all are
read every time. What is sealed is what the tables give back: NaN is None, and −0.0 is 0.0.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from hashlib import blake2b
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from hikaku.record import Measured, Outcome, Sheet
from hikaku.records import Layout, Record, Records
from hikaku.store.faults import Damaged
from hikaku.store.rows import to_json

TRIAL, SHEETS = "trial", "sheets"
_Forms = Mapping[str, tuple[NDArray[np.intp], str]]
_known: WeakKeyDictionary[Layout, _Forms] = WeakKeyDictionary()


def seals(outcome: Outcome, records: Iterable[Record], sheets: Iterable[Sheet]) -> dict[str, str]:
    """Return the seals of everything that a trial holds, by reading, and of the rest."""
    figures = Records.of(records)
    arrays = sorted((s.name, s.array.dtype.str, s.array.shape, _digest(s.array.tobytes()))
                    for s in sheets)  # fmt: skip
    numbers = (outcome.step, outcome.epoch, outcome.steps_per_epoch, outcome.parameters)
    texts = (outcome.key, outcome.status, outcome.arithmetic, outcome.environment, outcome.error)
    rest = [to_json(value) for value in (outcome.samples, outcome.cost)]
    whole = {how: _digest(text.encode()) for how, text in _texts(figures)}
    return whole | {
        TRIAL: _digest(repr((*map(int, numbers), *texts, *rest)).encode()),
        SHEETS: _digest(repr(arrays).encode()),
    }


def _texts(figures: Records) -> Iterator[tuple[str, str]]:
    """Yield by reading the list of (step, split, metric, value) as Python writes it."""
    # −0.0 + 0.0 is 0.0; any NaN is written as one.
    values = figures.values + 0.0
    if (forms := _known.get(figures.layout)) is None:
        forms = _known[figures.layout] = _forms(figures.layout)
    for reading, (places, form) in forms.items():
        yield reading, form % tuple(values[places].tolist())


def _forms(layout: Layout) -> _Forms:
    """Return by reading where its values stand, and its text but for them.

    Most trials have the same layout, for which it is known: what is written for each is its
    numbers.
    """
    found: dict[str, tuple[list[int], list[str]]] = defaultdict(lambda: ([], []))
    for place, (reading, *row) in enumerate(layout.rows):
        places, texts = found[reading]
        places.append(place)
        texts.append(repr(tuple(row)).removesuffix(")").replace("%", "%%") + ", %r)")
    return {
        how: (np.array(places), f"[{', '.join(texts)}]") for how, (places, texts) in found.items()
    }


def check(written: str | None, found: Measured, left_out: Collection[str]) -> None:
    """Raise Damaged where what was read of a trial is not what was written.

    `left_out` are readings that were not read. Of trials older than seals (None) nobody can tell.
    """
    if written is not None and not is_sealed(written, found, left_out):
        raise Damaged(f"trial {found.outcome.key} is not what was written")


def is_sealed(written: str | None, found: Measured, left_out: Collection[str]) -> bool:
    """Return whether the seals that were written are those of this trial."""
    try:
        known: dict[str, Any] = json.loads(written or "{}")
        read = {name: seal for name, seal in known.items() if name not in left_out}
        return read == seals(found.outcome, found.figures, found.sheets)
    except (ValueError, AttributeError):
        return False


def seal_of_plan(mark: str, seed: int, key: str) -> str:
    """Return the seal of the row that says which trial an arm and a seed stand for."""
    return _digest(repr((mark, int(seed), key)).encode())


def check_plan(written: str | None, mark: str, seed: int, key: str) -> None:
    """Raise Damaged where that row is not what was written; an older one (None) is believed."""
    if written not in (None, seal_of_plan(mark, seed, key)):
        raise Damaged(f"the plan of trial {key} is not what was written")


def _digest(content: bytes) -> str:
    return blake2b(content, digest_size=8).hexdigest()
