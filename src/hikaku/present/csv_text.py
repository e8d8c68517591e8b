"""Rows as CSV that any program reads, and in which no spreadsheet finds a formula."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from io import StringIO

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a cell begins with that a spreadsheet computes, or cuts away to find one of these."""
NUMBER = re.compile(r"[+-]?\d+(\.\d+)?(e[+-]?\d+)?")


def csv_text(rows: Iterable[Sequence[str]]) -> str:
    """Return the rows as CSV (RFC 4180), each ended by CR and LF.

    A text that a spreadsheet would compute has a `'` in front, which such programs do not show.
    """
    out = StringIO(newline="")
    csv.writer(out).writerows([*map(as_text, row)] for row in rows)
    return out.getvalue()


def as_text(cell: str) -> str:
    """Return a cell of CSV that no spreadsheet takes for a formula; numbers stay numbers.

    >>> [as_text(cell) for cell in ("cat", "=1+1", "@cat", "-0.5")]
    ['cat', "'=1+1", "'@cat", '-0.5']
    """
    return f"'{cell}" if cell.startswith(FORMULA) and not NUMBER.fullmatch(cell) else cell
