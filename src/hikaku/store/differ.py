"""`difference`: whether a trial that was trained twice gave the same numbers."""

from __future__ import annotations

import math
from itertools import zip_longest

import numpy as np
from numpy.typing import NDArray

from hikaku.record import Measured
from hikaku.records import Record

END = Record("last", -1, "", "", math.nan)


def difference(old: Measured, new: Measured) -> str:
    """Return the first place where two results of one trial differ, "" where there is none.

    Clocks, memory meters, the machine, and words are no results.
    """
    ends = [(o.status, o.step, o.epoch, o.parameters) for o in (old.outcome, new.outcome)]
    if ends[0] != ends[1]:
        return _sides(*(f"{status}, step {step}" for status, step, *_ in ends))
    for one, other in zip_longest(old.records, new.records, fillvalue=END):
        if _place(one) != _place(other) or not _same(one.value, other.value):
            return _sides(_said(one), _said(other))
    sheets = [{s.name: s.array for s in m.sheets if s.array.dtype.kind != "U"} for m in (old, new)]
    for name in sorted(sheets[0].keys() | sheets[1].keys()):
        one_sheet, other_sheet = (own.get(name, np.empty(0, "S1")) for own in sheets)
        if _bits(one_sheet) != _bits(other_sheet):
            return f"sheet {name}"
    return ""


def _place(record: Record) -> tuple[str, int, str, str]:
    return record.reading, record.step, record.split, record.metric


def _same(one: float, other: float) -> bool:
    return one == other or (math.isnan(one) and math.isnan(other))


def _bits(array: NDArray[np.generic]) -> tuple[str, tuple[int, ...], bytes]:
    return array.dtype.str, array.shape, array.tobytes()


def _said(record: Record) -> str:
    if record is END:
        return "nothing"
    return f"{record.reading} {record.split} {record.metric} {record.step}: {record.value!r}"


def _sides(one: str, other: str) -> str:
    return f"{one} ≠ {other}"
