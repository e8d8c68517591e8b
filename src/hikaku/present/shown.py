"""What `show samples` says: a page of pictures and rows, as a `Report`."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from hikaku.data.task import Task
from hikaku.present.report import Block, Chart, Column, Heading, Report, Table, Text, cells, short
from hikaku.present.samples import COUNT, Shown, chosen, is_sorted, labels, shown, titles
from hikaku.present.samples import cells as sample_cells
from hikaku.words import Message, message

ROOM = 76
"""Letters that a table's line has room for."""

GAP = 2
LONGEST_CELL = 18
LONGEST_LABEL = 12
ACROSS = 5


def samples_report(task: Task, seed: int | None = None) -> Report:
    """Return what is shown of some samples: pictures where there are any, labels, rows."""
    rows = chosen(task, seed)
    blocks: list[Block] = [
        Heading(message("Samples of {name}", name=task.name), level=1),
        Text(_what(task)),
    ]
    pictures = list(shown(task, rows))
    which = _which(task, seed)
    charts = [_chart(task, found, which) for found in pictures]
    table = _labels_table(task, rows, which) if pictures else _rows_table(task, rows, which)
    return Report((*blocks, *charts, *table))


def _what(task: Task) -> Message:
    shape = (
        message("{n} columns", n=len(task.columns)) if task.columns else "; ".join(_shapes(task))
    )
    if task.classes:
        return message("each of {shape}; {n} classes", shape=shape, n=len(task.classes))
    return message("each of {shape}; values to predict", shape=shape)


def _which(task: Task, seed: int | None) -> Message:
    count = min(COUNT, task.pool)
    if seed is None and is_sorted(task):
        return message(
            "{n} of {all:,} samples to train on, spread evenly: the first are of too few classes",
            n=count,
            all=task.pool,
        )
    if seed is None:
        return message("the first {n} of {all:,} samples to train on", n=count, all=task.pool)
    return message(
        "{n} of {all:,} samples to train on, drawn with seed {seed}",
        n=count,
        all=task.pool,
        seed=seed,
    )


def _shapes(task: Task) -> Iterator[str]:
    named = task.shape if isinstance(task.shape, dict) else {"": task.shape}
    for name, array in task.arrays:
        size = f"{' × '.join(map(str, named[name]))} {array.dtype}"
        yield f"{name}: {size}" if name else size


def _chart(task: Task, found: Shown, which: Message) -> Chart:
    name = f"{task.name} {found.name}".strip()
    return Chart(
        found.picture,
        title=message("{name}: {which}", name=name, which=which),
        alt=message("samples of {name}, each with its label", name=name),
        note=found.note or "",
    )


def _labels_table(task: Task, rows: NDArray[np.int64], which: Message) -> Iterator[Block]:
    names = labels(task, rows)
    lines = [names[start : start + ACROSS] for start in range(0, len(names), ACROSS)]
    head = Column(message("row"), "name")
    yield Table(
        columns=(head, *(Column(str(number + 1)) for number in range(min(ACROSS, len(names))))),
        rows=tuple(
            cells(str(number + 1), *(short(name, LONGEST_LABEL) for name in line), *_filled(line))
            for number, line in enumerate(lines)
        ),
        caption=message("Labels, as in the picture: {which}", which=which),
    )


def _filled(line: tuple[str, ...]) -> tuple[str, ...]:
    return ("",) * (ACROSS - len(line))


def _rows_table(task: Task, rows: NDArray[np.int64], which: Message) -> Iterator[Block]:
    heads = titles(task)
    longest = LONGEST_CELL if len(heads) > 2 else ROOM - LONGEST_CELL
    texts = [[short(text, longest) for text in row] for row in sample_cells(task, rows)]
    widths = [max(map(len, column)) + GAP for column in zip(heads, *texts, strict=True)]
    seen = max(1, sum(int(total) <= ROOM for total in np.cumsum(widths)))
    left_out = heads[seen:]
    note = message("and {n} columns more: {names}", n=len(left_out), names=_listed(left_out))
    yield Table(
        columns=(Column(message("target"), "name"), *(Column(head) for head in heads[1:seen])),
        rows=tuple(cells(*row[:seen]) for row in texts),
        caption=which,
        notes=(note,) if left_out else (),
    )


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names[:COUNT]) + (" …" if len(names) > COUNT else "")
