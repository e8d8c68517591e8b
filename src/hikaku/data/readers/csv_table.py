"""Reads tables of text: `,`, `;`, tab or `|` between the cells, a header on top, UTF-8.

Python's own parser reads it, strictly, because it knows the line on which each row begins. A cell
that is empty, NA, N/A, NaN, nan, null or NULL is missing.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hikaku.data.readers.contents import content, gather, listed, shown
from hikaku.data.readers.table import RENAME, Columns, as_task, check_names
from hikaku.data.task import Kind, Task
from hikaku.errors import DataError, Fault
from hikaku.study.own_data import Table
from hikaku.words import Message, message

MOST_BYTES = 2**31
DELIMITERS = {",": ",", ";": ";", "\t": "TAB", "|": "|"}
MISSING = pa.array(["", "NA", "N/A", "NaN", "nan", "null", "NULL"])
BOOLEANS = pa.array(["true", "false"])
NUMBER = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$"
COMMA_NUMBER = r"^[+-]?[0-9]+(,[0-9]+)?([eE][+-]?[0-9]+)?$"
GROUPED_NUMBER = r"^[+-]?[0-9.]*[0-9],[0-9][0-9.,]*$"
MOST_COLUMNS = 20_000
BLOCK = 10_000
"""Rows at a time: so many exist as Python's own texts, which take ten times the room."""


@dataclass(frozen=True, eq=False)
class Cells:
    """The columns of a file as text, the line on which each row begins, what separates cells."""

    where: str
    columns: Columns
    lines: Sequence[int]
    delimiter: str

    def at(self, rows: Sequence[int]) -> Message:
        """Return where these rows stand."""
        return message(
            "line {lines}, {count:,} in all",
            lines=listed([self.lines[row] for row in rows]),
            count=len(rows),
        )


def read(path: Path, kind: Kind, asked: Table) -> Task:
    """Return the table as a task; the target is the column `asked.target`.

    Columns of numbers stay numbers, true and false are 1 and 0, other text is categories. Where
    `;` separates the cells, 3,14 is a number. Raises DataError with the line of every row that
    does not fit the header, and of what stands among numbers and is none.
    """
    cells = cells_of(path)
    check_names(list(cells.columns), asked, cells.where)
    reading = _Reading(asked, kind, cells, cells.delimiter == ";")
    columns = {
        name: reading.column(name, texts)
        for name, texts in cells.columns.items()
        if name not in asked.drop
    }
    gather(reading.faults)
    task = as_task(path.stem, columns, kind, asked, cells)
    notes = (*_delimiter_note(path, cells.delimiter, len(columns)), *_comma_note(reading.commas))
    return replace(task, notes=(*notes, *task.notes))


def cells_of(path: Path) -> Cells:
    """Return the columns of a file as the text that stands in it.

    Raises DataError where it is no table of text, with the line of every row that does not fit.
    """
    text = _text(path)
    delimiter = _delimiter(text)
    return _cells(text, delimiter, f"{shown(path)}:")


class _Reading:
    """What the texts of each column mean; collects what is wrong with them."""

    def __init__(self, asked: Table, kind: Kind, cells: Cells, decimal_commas: bool) -> None:
        self.asked, self.kind, self.cells = asked, kind, cells
        self.decimal_commas = decimal_commas
        self.commas: list[str] = []
        self.faults: list[Fault] = []

    def column(self, name: str, texts: Any) -> Any:
        """Return a column as float64 where all of it are numbers, else as text; gaps are null."""
        texts = pc.utf8_trim_whitespace(texts)
        texts = pc.if_else(pc.is_in(texts, value_set=MISSING), pa.scalar(None, pa.string()), texts)
        if name in (self.asked.groups, *self.asked.categorical):
            return texts
        filled = texts.drop_null()
        plain = pc.match_substring_regex(filled, NUMBER)
        if _all(plain):
            return texts.cast(pa.float64())
        if self.decimal_commas and _all(pc.match_substring_regex(filled, COMMA_NUMBER)):
            self.commas.append(name)
            return pc.replace_substring(texts, ",", ".").cast(pa.float64())
        if name != self.asked.target or self.kind == "regression":
            low = pc.utf8_lower(texts)
            if _all(pc.is_in(low.drop_null(), value_set=BOOLEANS)):
                return pc.equal(low, "true").cast(pa.float64())
        grouped = pc.or_(plain, pc.match_substring_regex(filled, GROUPED_NUMBER))
        if _all(grouped) or 2 * pc.sum(plain).as_py() >= len(filled):
            self.faults.append(self._mixed(name, texts))
        return texts

    def _mixed(self, name: str, texts: Any) -> Fault:
        number = pc.fill_null(pc.match_substring_regex(texts, NUMBER), True)
        rows = np.flatnonzero(~np.asarray(number))
        return Fault(
            message("text stands among numbers"),
            f"{self.cells.where} {name}:",
            message(
                "{values} on {place}",
                values=listed([repr(texts[int(row)].as_py()) for row in rows[:3]]),
                place=self.cells.at([int(row) for row in rows]),
            ),
            message(
                "correct these cells (decimals as 3.14) or empty them; where they are names of "
                'categories, write categorical = ["{name}"]',
                name=name,
            ),
        )


def _all(mask: Any) -> bool:
    return bool(pc.all(mask, min_count=0).as_py())


def _text(path: Path) -> str:
    raw = content(path, MOST_BYTES)
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise _no_text(path, message("it is UTF-16"))
    if b"\0" in raw:
        line = raw.count(b"\n", 0, raw.index(b"\0")) + 1
        raise _no_text(path, message("line {line:,} holds a zero byte", line=line))
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        byte = raw[error.start]
        raise _no_text(
            path, message("line {line:,} holds the byte {byte:#04x}", line=line, byte=byte)
        ) from error


def _no_text(path: Path, why: Message) -> DataError:
    return DataError.of(
        message("not a text in UTF-8"),
        where=f"{shown(path)}:",
        why=why,
        mend=message("save it as CSV in UTF-8"),
    )


def _delimiter(text: str) -> str:
    """Return what separates the cells of the first line: the sign that stands there most often."""
    head = re.sub(r'"[^"]*"', "", text.lstrip("\r\n").partition("\n")[0])
    return max(DELIMITERS, key=head.count)


def _delimiter_note(path: Path, delimiter: str, columns: int) -> Iterator[Message]:
    if columns > 1 and delimiter != ("\t" if ".tsv" in path.name.lower() else ","):
        yield message("the cells are separated by '{sign}'", sign=DELIMITERS[delimiter])


def _comma_note(names: Sequence[str]) -> Iterator[Message]:
    if names:
        yield message("commas were read as decimal points in: {names}", names=listed(names))


def _cells(text: str, delimiter: str, where: str) -> Cells:
    records = _records(text, delimiter, where)
    first, header = next(records, (1, []))
    names = _header([name.strip() for name in header], f"{where}{first}:")
    blocks: list[list[Any]] = [[] for _ in names]
    lines: list[int] = []
    faults: list[Fault] = []
    waiting: list[list[str]] = []

    def pack() -> None:
        for column, texts in zip(blocks, zip(*waiting, strict=True), strict=True):
            column.append(pa.array(texts, pa.string()))
        waiting.clear()

    for line, row in records:
        if len(row) == len(names):
            waiting.append(row)
            lines.append(line)
        else:
            faults.append(_ragged(len(row), len(names), f"{where}{line}:"))
        if len(waiting) == BLOCK:
            pack()
    gather(faults)
    if waiting:
        pack()
    chunked = (pa.chunked_array(column, pa.string()) for column in blocks)
    return Cells(where, dict(zip(names, chunked, strict=True)), lines, delimiter)


def _records(text: str, delimiter: str, where: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each row that is not blank, with the line on which it begins."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    before = 0
    try:
        for row in reader:
            start, before = before + 1, reader.line_num
            if len(row) > 1 or (row and row[0].strip()):
                yield start, row
    except csv.Error as error:
        raise DataError.of(
            message("this row cannot be read"),
            where=f"{where}{before + 1}:",
            why=message("{reason}", reason=error),
            mend=message("look for a quotation mark that is not closed"),
        ) from error


def _header(names: list[str], where: str) -> list[str]:
    if not names:
        mend = message("write a row of names, and a row for each sample below it")
        raise DataError.of(message("there is nothing in this file"), where=where, mend=mend)
    faults = [
        Fault(
            message("column {number} of the header has no name", number=number),
            where,
            mend=message("write its name"),
        )
        for number, name in enumerate(names, 1)
        if not name
    ]
    twice = [name for name, count in Counter(names).items() if name and count > 1]
    faults += [
        Fault(message("two columns are called '{n}'", n=name), where, mend=RENAME) for name in twice
    ]
    if len(names) > MOST_COLUMNS:
        what = message("{n:,} columns; {most:,} are read", n=len(names), most=MOST_COLUMNS)
        faults = [Fault(what, where, mend=message("keep wide data as an array, in an npz file"))]
    elif all(re.fullmatch(NUMBER, name) for name in names):
        what = message("the first row holds numbers and no names of columns")
        faults = [Fault(what, where, mend=message("write a row with their names above it"))]
    gather(faults)
    return names


def _ragged(found: int, wanted: int, where: str) -> Fault:
    return Fault(
        message("{found} cells, and the header names {wanted}", found=found, wanted=wanted),
        where,
        mend=message("put cells that hold the separating sign into quotation marks"),
    )
