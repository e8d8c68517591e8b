"""A report in a terminal: tables and colours where there is one, plain lines where there is none.

Eats a `Report`. Makes lines of at most 80 columns (fewer in a narrow terminal, where a table that
does not fit becomes a list per row). Charts are left to the page. Nothing in a name is read as
markup, and nothing in it can act: see `spoken`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from io import StringIO
from itertools import zip_longest
from typing import IO

from rich import box
from rich.cells import cell_len, chop_cells, set_cell_size
from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text as Line

from hikaku.present.report import (
    Block,
    Chart,
    Heading,
    Lines,
    Place,
    Points,
    Report,
    Table,
    Text,
    Tiles,
    Tone,
    Words,
    spoken,
)
from hikaku.words import columns, message, preferred_language, wrapped

WIDTH = 80

GAP = 2
NAME = 24
"""So wide a name may be before it takes room that words and numbers need."""

SHORTEST_NAME, LONGEST_WORD = 8, 16

GLUE = "\ue000"
"""Stands for a space at which no line is broken: rich breaks at no-break spaces too."""

STYLES: dict[Tone, str] = {
    "plain": "",
    "answer": "bold",
    "helps": "bold green",
    "hurts": "bold red",
    "no-practical-difference": "cyan",
    "undecided": "yellow",
    "unstable": "bold magenta",
    "caution": "yellow",
}


def console(file: IO[str] | None = None) -> Console:
    """Return a console on `file` (standard output), at most 80 columns wide.

    Not a terminal: no escape codes at all. `NO_COLOR` is honoured by rich.
    """
    found = Console(file=file, markup=False, emoji=False, highlight=False)
    found.width = min(found.width, WIDTH) if found.is_terminal else WIDTH
    return found


def show(report: Report, language: str | None = None) -> None:
    """Write the report to standard output, in the language of the environment unless given."""
    render(report, console(), language or preferred_language())


def text(report: Report, language: str | None = None) -> str:
    """Return the report as plain text, 80 columns wide, without colours or escape codes."""
    written = StringIO()
    plain = Console(
        file=written,
        width=WIDTH,
        force_terminal=False,
        color_system=None,
        markup=False,
        emoji=False,
        highlight=False,
    )
    render(report, plain, language or preferred_language())
    return written.getvalue()


def render(report: Report, target: Console, language: str = "en") -> None:
    """Write the blocks from top to bottom, an empty line between them; no charts and images."""
    with target.capture() as written:
        for number, block in enumerate(
            b for b in report.blocks if not isinstance(b, Chart | Tiles)
        ):
            if number:
                target.print()
            _write(block, target, language)
    lines = written.get().replace(GLUE, " ").splitlines()
    # Rich fills each line of a table with spaces up to its end.
    target.file.write("".join(f"{line.rstrip()}\n" for line in lines))
    target.file.flush()


def _write(block: Block, target: Console, language: str) -> None:
    match block:
        case Heading(text):
            target.print(_line(text, language, "bold"))
        case Text(text, tone):
            target.print(_folded(_line(text, language, STYLES[tone]), target.width))
        case Place(label, text):
            target.print(_line(message("{label}:", label=label), language))
            # On a line of its own and never broken, so that it can be copied whole.
            target.print(_line(text, language), soft_wrap=True)
        case Lines(label, lines):
            target.print(_line(label, language, "bold"))
            for line in lines:
                target.print(_line(line, language), soft_wrap=True)
        case Points():
            target.print(_points(block, target, language))
        case Table():
            if block.caption:
                target.print(_line(block.caption, language, "bold"))
            _write_rows(_narrow(block), target, language)
            for note in block.notes:
                target.print(_folded(_line(note, language, "dim"), target.width))


def _line(text: Words, language: str, style: str = "") -> Line:
    return Line(re.sub(r"(?<=\d) (?=%)", GLUE, spoken(text, language)), style)


def _folded(line: Line, width: int) -> Line:
    """Return the line broken where Japanese is broken, which rich does not know."""
    text = line.plain
    return Line("\n".join(wrapped(text, width)), line.style) if columns(text) > len(text) else line


def _narrow(table: Table) -> Table:
    """Return the table without the columns that only a page has room for."""
    shown = [at for at, column in enumerate(table.columns) if not column.roomy]
    rows = tuple(tuple(row[at] for at in shown) for row in table.rows)
    return replace(table, columns=tuple(table.columns[at] for at in shown), rows=rows)


@dataclass(frozen=True)
class _Lettered:
    """A table's titles and rows as they are spoken, and how wide each column would be.

    `natural` are the widths without any break, `least` those where names and words are broken.
    """

    heads: list[Line]
    rows: list[list[Line]]
    natural: list[int]
    least: list[int]


def _lettered(table: Table, language: str) -> _Lettered:
    heads = [_line(column.title, language) for column in table.columns]
    rows = [[_line(cell.text, language, STYLES[cell.tone]) for cell in row] for row in table.rows]
    natural, least = [0] * len(heads), [0] * len(heads)
    for row in (heads, *rows):
        for place, cell in enumerate(row):
            natural[place] = max(natural[place], cell.cell_len)
            kind = table.columns[place].kind
            is_broken = kind == "words" or (kind == "name" and row is not heads)
            least[place] = max(least[place], _least(cell, kind) if is_broken else cell.cell_len)
    return _Lettered(heads, rows, natural, least)


def _least(cell: Line, kind: str) -> int:
    longest = max(map(cell_len, cell.plain.split()), default=0)
    return min(longest, SHORTEST_NAME if kind == "name" else LONGEST_WORD)


def _write_rows(table: Table, target: Console, language: str) -> None:
    """Write a line per row; where not even short ones fit, a list per row that lacks nothing."""
    found = _lettered(table, language)
    if sum(found.least) + GAP * (len(found.least) - 1) <= target.width:
        target.print(_grid(table, found, target))
        return
    named = table.columns[0].kind == "name"
    for row in found.rows:
        head = row[0].plain if named else f"{found.heads[0].plain} {row[0].plain}"
        target.print(Line("\n".join(wrapped(head, target.width)), "bold"))
        for line in _list(found.heads[1:], row[1:], target.width):
            target.print(line)


def _list(heads: Sequence[Line], cells: Sequence[Line], width: int) -> Iterator[Line]:
    """Yield the cells below one another, each behind the title of its column."""
    label = min(max((head.cell_len for head in heads), default=0), (width - 2 * GAP) // 2)
    for head, cell in zip(heads, cells, strict=True):
        titles = wrapped(head.plain, label)
        texts = wrapped(cell.plain, width - label - 2 * GAP)
        for title, text in zip_longest(titles, texts, fillvalue=""):
            before = f"{' ' * GAP}{set_cell_size(title, label)}{' ' * GAP}"
            yield Line.assemble(before, (text, cell.style))


def _grid(table: Table, found: _Lettered, target: Console) -> Grid:
    # Two spaces between columns either way: the ruled box brings one of them.
    ruled = box.SIMPLE_HEAD if target.is_terminal else None
    gap = (0, 1 if ruled else 2, 0, 0)
    grid = Grid(box=ruled, show_edge=False, pad_edge=False, padding=gap)
    for column, head in zip(table.columns, found.heads, strict=True):
        is_number = column.kind == "number"
        grid.add_column(
            head,
            justify="right" if is_number else "left",
            no_wrap=column.kind != "words",
            overflow="ellipsis" if is_number else "fold",
        )
    wide = _name_width(table, found, target.width)
    for row in found.rows:
        grid.add_row(*(_named(cell, wide) if at == 0 else cell for at, cell in enumerate(row)))
    return grid


def _name_width(table: Table, found: _Lettered, width: int) -> int:
    """Return how wide names may be: as they are where all fits, else what others leave them."""
    if table.columns[0].kind != "name":
        return width
    gaps = GAP * (len(found.natural) - 1)
    free, at_most = (width - gaps - sum(one[1:]) for one in (found.natural, found.least))
    return max(SHORTEST_NAME, free, min(NAME, at_most))


def _named(name: Line, width: int) -> Line:
    """Return a name in lines of at most this width, broken after a sign or space where it can."""
    lines = [""]
    for part in re.split(r"(?<=[-_/.,:= ])", name.plain):
        if lines[-1] and cell_len(lines[-1]) + cell_len(part.rstrip()) > width:
            lines.append("")
        *whole, last = chop_cells(lines.pop() + part, width) or [""]
        lines += [*whole, last]
    return Line("\n".join(line.rstrip() for line in lines), name.style)


def _points(points: Points, target: Console, language: str) -> Grid:
    grid = Grid.grid(padding=(0, 1, 0, 0))
    grid.add_column()
    # Any other overflow puts "…" on a line of wide characters that ends at the very edge.
    grid.add_column(overflow="fold")
    bullet = "•" if target.is_terminal else "-"
    for point in points.points:
        said = [_line(point.text, language, _tone(point.tone))]
        said += [_line(note, language, "dim") for note in point.notes]
        warned = [message("caution: {caution}", caution=caution) for caution in point.cautions]
        said += [_line(caution, language, STYLES["caution"]) for caution in warned]
        for number, line in enumerate(said):
            grid.add_row("" if number else bullet, _folded(line, target.width - 2))
    return grid


def _tone(tone: Tone) -> str:
    # A coloured sentence is hard to read; the verdict's colour stands in the table.
    return STYLES[tone] if tone == "caution" else ""
