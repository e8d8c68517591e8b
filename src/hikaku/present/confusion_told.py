"""The section about which classes variants confuse more or less: matrices, and what is no chance.

Eats a `Study` and its `Results`. Makes blocks; none where there is nothing to compare.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hikaku.analysis.confused import Cell, Confused
from hikaku.analysis.numbers import seeds_text
from hikaku.present.confusion_changes import ConfusionChanges, confusion_changes
from hikaku.present.report import Block, Chart, Column, Point, Points, Table, Words, short
from hikaku.present.report import Cell as Cells
from hikaku.record import Results
from hikaku.study.study import FEWEST, Study
from hikaku.words import Message, message

MOST_TOLD = 6
"""So many cells of a variant are told in words."""


def confused_otherwise(study: Study, results: Results) -> Iterator[Block]:
    """Yield the matrices of the differences, and in words the cells that differ beyond noise."""
    picture = confusion_changes(study, results)
    if picture is None:
        return
    yield Chart(
        picture,
        message("Confusion: variant less base"),
        message(
            "How many more times each variant answers each class for each true class than what it "
            "is compared with; the table below says what differs beyond noise."
        ),
        message(
            "Differences of counts summed over the same seeds. Down the diagonal right answers, "
            "where more is better; beside it mistakes, where fewer is. Each matrix is shaded up to "
            "its own largest difference."
        ),
    )
    notes = tuple(_notes(picture))
    rows = tuple(
        _row(change, cell, picture.classes)
        for change in picture.changes
        for cell in (change.cells or ())[:MOST_TOLD]
    )
    if not rows:
        yield Points(tuple(map(Point, notes)))
        return
    yield Table(
        columns=(
            Column(message("variant"), "name"),
            Column(message("answers")),
            Column(message("difference")),
            Column(message("interval"), "number"),
            Column(message("seeds"), "number"),
        ),
        rows=rows,
        caption=message("What differs beyond noise"),
        notes=notes,
    )


def _row(change: Confused, cell: Cell, classes: tuple[str, ...]) -> tuple[Cells, ...]:
    """Return a cell in words: 4 taken for 9, 12 fewer, [8, 16]."""
    low, high = sorted((abs(cell.low), abs(cell.high)))
    n = f"{abs(cell.more):,}"
    said = message("{n} more", n=n) if cell.more > 0 else message("{n} fewer", n=n)
    return (
        Cells(short(change.variant)),
        Cells(_place(cell, classes)),
        Cells(said, "helps" if cell.is_better else "hurts"),
        # Nothing that is told reaches down to 0, whatever it is rounded to.
        Cells(f"[{low:,.0f}, {high:,.0f}]" if low >= 0.5 else f"[{low:.2g}, {high:,.0f}]"),
        Cells(str(change.seeds)),
    )


def _notes(picture: ConfusionChanges) -> Iterator[Message]:
    told = [change for change in picture.changes if change.cells]
    few = [short(change.variant) for change in picture.changes if change.cells is None]
    if told:
        yield message(
            "summed over the seeds, and paired by them: of all that is told of a variant, 5 % is "
            "false on the mean, and the intervals hold with that"
        )
    for change in told:
        if (more := len(change.cells or ()) - MOST_TOLD) > 0:
            yield message("{variant}: and {n} more", variant=short(change.variant), n=more)
    yield from _alike([change for change in picture.changes if change.cells == ()])
    if few:
        yield message(
            "fewer than {n} seeds, too few to tell a change from noise: {arms}",
            n=FEWEST,
            arms=", ".join(few),
        )
    if picture.left_out:
        yield message("Left out, to keep the page small: {arms}", arms=", ".join(picture.left_out))


def _alike(changes: Sequence[Confused]) -> Iterator[Message]:
    """Yield that no cell is told, which many cells and few seeds make likely, sums aside."""
    counts = sorted({(change.seeds, change.counts.size) for change in changes})
    for seeds, cells in counts:
        yield message(
            "over {seeds}, none of {cells} cells by itself can be told from noise, though the "
            "mistakes of all together may differ: {arms}",
            seeds=seeds_text(seeds),
            cells=cells,
            arms=", ".join(
                short(one.variant)
                for one in changes
                if (one.seeds, one.counts.size) == (seeds, cells)
            ),
        )


def _place(cell: Cell, classes: tuple[str, ...]) -> Words:
    names = [short(classes[n]) if classes else str(n) for n in (cell.true, cell.answer)]
    if cell.true == cell.answer:
        return message("{true} right", true=names[0])
    return message("{true} taken for {answer}", true=names[0], answer=names[1])
