"""Rows of a table to predict on: the columns that a model was trained with, found by their names.

The column that is predicted may be there or not; a category that training never met is a gap.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hikaku.data.readers.contents import gather, listed
from hikaku.data.readers.csv_table import COMMA_NUMBER, MISSING, NUMBER, Cells, cells_of
from hikaku.data.readers.table import MOST_FLOAT32
from hikaku.data.task import Column
from hikaku.errors import DataError, Fault
from hikaku.study.nearest import suggest
from hikaku.words import Message, message

GAPS = frozenset(MISSING.to_pylist())
TRUTHS = {"true": 1.0, "false": 0.0}


@dataclass(frozen=True, eq=False)
class Rows:
    """The rows of a file, (n, columns) float32 with NaN in the gaps, and the line of each."""

    values: NDArray[np.float32]
    lines: Sequence[int]
    notes: tuple[Message, ...]


def rows_of(path: Path, columns: Sequence[Column]) -> Rows:
    """Return these columns of a table; others in it are left alone.

    Raises DataError with every column that is missing and every cell that is no number.
    """
    cells = cells_of(path)
    names = list(cells.columns)
    faults = [
        Fault(
            suggest(message("there is no column '{name}'.", name=column.name), column.name, names),
            cells.where,
            message("the columns are: {n}", n=listed(names)),
            message("add it, empty where it is not known"),
        )
        for column in columns
        if column.name not in names
    ]
    DataError.gather(faults)
    if not cells.lines:
        mend = message("write a row for each sample")
        raise DataError.of(message("there is a header and no row"), where=cells.where, mend=mend)
    notes: list[Message] = []
    values = [_values(column, cells, faults, notes) for column in columns]
    gather(faults)
    return Rows(np.stack(values, axis=1), cells.lines, tuple(notes))


def _values(
    column: Column, cells: Cells, faults: list[Fault], notes: list[Message]
) -> NDArray[np.float32]:
    texts = [text.strip() for text in cells.columns[column.name].to_pylist()]
    if column.categories:
        places = {name: float(place) for place, name in enumerate(column.categories)}
        found = [places.get(text) for text in texts]
    else:
        found = [_number(text, decimal_commas=cells.delimiter == ";") for text in texts]
    strange = [
        row
        for row, (text, value) in enumerate(zip(texts, found, strict=True))
        if value is None and text not in GAPS
    ]
    if strange:
        seen = listed(sorted({repr(texts[row]) for row in strange}), 3)
        where, place = f"{cells.where} {column.name}:", cells.at(strange)
        if column.categories:
            notes.append(
                message(
                    "{where} {values} did not occur in training and count as missing ({place})",
                    where=where,
                    values=seen,
                    place=place,
                )
            )
        else:
            why = message("{values} on {place}", values=seen, place=place)
            what, mend = (
                message("these cells hold no number of 32 bits"),
                message("correct these cells, or empty them"),
            )
            faults.append(Fault(what, where, why, mend))
    return np.array([np.nan if value is None else value for value in found], np.float32)


def _number(text: str, *, decimal_commas: bool) -> float | None:
    if decimal_commas and re.match(COMMA_NUMBER, text):
        text = text.replace(",", ".")
    if not re.match(NUMBER, text):
        return TRUTHS.get(text.lower())
    return float(text) if abs(float(text)) <= MOST_FLOAT32 else None
