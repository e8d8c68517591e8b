"""The section about the data: what there is, how it is divided, where it comes from.

Eats a `Study` and its `Results`. Makes blocks; what no run has kept of the data set is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from hikaku.analysis.scope import Scope, scope
from hikaku.exhibits import DataCard, Shape
from hikaku.present.report import (
    Block,
    Column,
    Heading,
    Point,
    Points,
    Table,
    Words,
    cells,
    short,
)
from hikaku.present.shown_data import KINDS, targets
from hikaku.present.tables import samples
from hikaku.record import Results
from hikaku.study.metric_words import SPLIT_WORDS
from hikaku.study.recipe import shown
from hikaku.study.study import SPLITS, Study, Training, trained
from hikaku.words import Message, catalogued, message

Row = tuple[Words, Words]
SPLITS_OF_SEEDS: dict[Scope, Message] = {
    "splits": message("each seed draws its own train, validation and test samples"),
    "test-set": message("each seed draws its own train and validation samples; test is given"),
    "split": message("the same for every seed"),
}


def data_page(study: Study, results: Results) -> Iterator[Block]:
    """Yield the data set as a table of facts, what is odd in it, and its classes or values."""
    if not isinstance(study.base, Training):
        return
    card = results.exhibits.data
    rows: list[Row] = [(message("data set"), str(study.base.data.use))]
    rows += _contents(card) if card else ()
    rows += _division(study, study.base, results)
    rows += _origin(card) if card else ()
    yield Heading(message("The data"))
    yield Table(
        columns=(Column(message("what"), "name"), Column(message("value"))),
        rows=tuple(cells(*row) for row in rows),
        caption=message("What was learnt from"),
    )
    if card and card.notes:
        yield Points(tuple(Point(note, "caution") for note in card.notes))
    if card:
        for table in targets(card.classes, card.parts):
            yield _without_bars(table) if card.classes else table


def _without_bars(table: Table) -> Table:
    """Return the table without its last column: on a narrow page the bars would break."""
    rows = tuple(row[:-1] for row in table.rows)
    return replace(table, columns=table.columns[:-1], rows=rows)


def _contents(card: DataCard) -> Iterator[Row]:
    if card.summary:
        yield message("what it is"), catalogued(card.summary)
    kind = KINDS.get(card.kind, card.kind)
    if card.classes:
        kind = message("{kind}, {n} classes", kind=kind, n=f"{len(card.classes):,}")
    yield message("task"), kind
    yield message("samples"), f"{sum(part.samples for part in card.parts):,}"
    for shape in card.shapes:
        title = message("input {name}", name=short(shape.name)) if shape.name else message("input")
        yield title, _input(card, shape)
    if card.groups:
        yield message("groups"), f"{card.groups:,}"


def _input(card: DataCard, shape: Shape) -> Words:
    sides = " × ".join(map(str, shape.sides))
    told = message("{shape}, {dtype}", shape=sides, dtype=shape.dtype)
    if card.columns:
        told = message(
            "{columns} columns, {features} features as the model sees them",
            columns=card.columns,
            features=sides,
        )
    if card.standardize and shape.dtype != "int64":
        return message("{input}, standardized by the training samples", input=told)
    if shape.dtype == "uint8" and card.scale != 1:
        return message("{input}, divided by {scale}", input=told, scale=f"{card.scale:g}")
    return told


def _division(study: Study, base: Training, results: Results) -> Iterator[Row]:
    """Yield how many samples each part of the split has; of arms that have fewer, too."""
    data = base.data
    met = samples(results, study.arms[0].name)
    for number, split in enumerate(SPLITS):
        size = f"{met[number]:,}" if met else shown(getattr(data, split))
        yield SPLIT_WORDS[split], size
    for arm in study.variants:
        if (fewer := trained(arm.work).data.train) != data.train:
            own = samples(results, arm.name)
            yield (
                message("train, {arm}", arm=short(arm.name)),
                f"{own[0]:,}" if own else shown(fewer),
            )
    yield message("taken"), data.take
    if found := scope(data, results):
        yield message("split"), SPLITS_OF_SEEDS[found]


def _origin(card: DataCard) -> Iterator[Row]:
    if card.source:
        yield message("source"), card.source
    if card.licence:
        yield message("licence"), catalogued(card.licence)
    yield message("fingerprint"), card.fingerprint
