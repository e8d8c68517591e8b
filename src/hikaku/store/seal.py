"""Seals: by what a trial holds, a digest of it, so that a flipped bit is never read as a number.

SQLite does not check what stands in its pages. Each reading has a seal of its own, for not all are
read every time. What is sealed is what the tables give back: NaN is None, and −0.0 is 0.0.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import Any

from hikaku.record import Outcome, Record, Sheet
from hikaku.store.faults import Damaged
from hikaku.store.rows import to_json

TRIAL, SHEETS = "trial", "sheets"
Seals = Mapping[str, str]


def seals(outcome: Outcome, records: Iterable[Record], sheets: Iterable[Sheet]) -> dict[str, str]:
    """Return the seals of everything that a trial holds, by reading, and of the rest."""
    rows: dict[str, list[object]] = defaultdict(list)
    for one in records:
        # −0.0 + 0.0 is 0.0; any NaN is written as one.
        rows[one.reading].append((int(one.step), one.split, one.metric, float(one.value) + 0.0))
    arrays = sorted((s.name, s.array.dtype.str, s.array.shape, _digest(s.array.tobytes()))
                    for s in sheets)  # fmt: skip
    numbers = (outcome.step, outcome.epoch, outcome.steps_per_epoch, outcome.parameters)
    texts = (outcome.key, outcome.status, outcome.arithmetic, outcome.environment, outcome.error)
    rest = [to_json(value) for value in (outcome.samples, outcome.cost)]
    whole = {reading: _digest(repr(found).encode()) for reading, found in rows.items()}
    return whole | {
        TRIAL: _digest(repr((*map(int, numbers), *texts, *rest)).encode()),
        SHEETS: _digest(repr(arrays).encode()),
    }


def check(written: str | None, found: Seals, left_out: Iterable[str], key: str) -> None:
    """Raise Damaged where what was read of a trial is not what was written.

    `left_out` are readings that were not read. Of trials older than seals (None) nobody can tell.
    """
    if written is None:
        return
    try:
        known: dict[str, Any] = json.loads(written)
        same = {name: seal for name, seal in known.items() if name not in left_out} == found
    except (ValueError, AttributeError):
        same = False
    if not same:
        raise Damaged(f"trial {key} is not what was written")


def seal_of_plan(mark: str, seed: int, key: str) -> str:
    """Return the seal of the row that says which trial an arm and a seed stand for."""
    return _digest(repr((mark, int(seed), key)).encode())


def check_plan(written: str | None, mark: str, seed: int, key: str) -> None:
    """Raise Damaged where that row is not what was written; an older one (None) is believed."""
    if written not in (None, seal_of_plan(mark, seed, key)):
        raise Damaged(f"the plan of trial {key} is not what was written")


def _digest(content: bytes) -> str:
    return blake2b(content, digest_size=8).hexdigest()
