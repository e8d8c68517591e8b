"""The section of samples that a variant newly gets right or wrong, as images where they are any.

Eats a `Study` and its `Results`. Makes blocks; none where a run has kept no examples.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hikaku.exhibits import Changed, DataCard, Example
from hikaku.present.report import (
    Block,
    Cell,
    Column,
    Heading,
    Table,
    Text,
    Tile,
    Tiles,
    Words,
    cells,
    short,
)
from hikaku.record import Results
from hikaku.study.study import Study
from hikaku.words import Message, message

FEW_ROWS = 5
"""Of samples that are no images, so many are told of each kind."""


@dataclass(frozen=True)
class Pair:
    """A variant, the arm that it is compared with, and the data set that both learnt from."""

    variant: str
    against: str
    data: DataCard

    def class_of(self, example: Example) -> str:
        """Return what the example's class is called."""
        return short(self.data.classes[example.true])


def examples(study: Study, results: Results) -> Iterator[Block]:
    """Yield of each variant how many samples it newly gets right or wrong, and some of them."""
    data = results.exhibits.data
    found = [
        (Pair(arm.name, arm.against, data), changed)
        for arm in study.compared
        if data and (changed := results.exhibits.changed.get(arm.name)) and changed.samples
    ]
    if not found:
        return
    yield Heading(message("What variants newly get right or wrong"))
    yield Text(
        message(
            "Newly right: wrong in most seeds with the arm that a variant is compared with, and "
            "right in most seeds with the variant. Shown are those that changed at most seeds. "
            "Some change by chance alone: they are examples, and no proof."
        )
    )
    yield _counts(found)
    if any(len(changed.images) for _, changed in found):
        yield Text(
            message(
                "Below each image: its class, and at how many of the seeds that tested it it is "
                "right, without the variant → with it."
            )
        )
    for pair, changed in found:
        yield from _shown(pair, changed)


def _counts(found: Sequence[tuple[Pair, Changed]]) -> Table:
    return Table(
        columns=(
            Column(message("variant"), "name"),
            Column(message("newly right"), "number"),
            Column(message("newly wrong"), "number"),
            Column(message("of samples"), "number"),
        ),
        rows=tuple(
            cells(short(pair.variant), *(f"{n:,}" for n in (one.gained, one.lost, one.samples)))
            for pair, one in found
        ),
        caption=message("How many samples change with each variant"),
        notes=(message("samples: those that two seeds or more tested"),),
    )


def _shown(pair: Pair, changed: Changed) -> Iterator[Block]:
    """Yield the examples of one variant: what it gained, then what it lost."""
    gained = [one for one in changed.examples if one.after > one.before]
    lost = [one for one in changed.examples if one.after < one.before]
    titles = (
        message("{variant}: newly right", variant=short(pair.variant)),
        message("{variant}: newly wrong", variant=short(pair.variant)),
    )
    if not len(changed.images):
        yield from _listed(pair, (*gained[:FEW_ROWS], *lost[:FEW_ROWS]))
        return
    images = dict(zip((one.row for one in changed.examples), changed.images, strict=True))
    for title, some in zip(titles, (gained, lost), strict=True):
        if some:
            tiles = tuple(_tile(pair, one, images[one.row]) for one in some)
            yield Tiles(title, tiles)


def _tile(pair: Pair, example: Example, image: NDArray[np.uint8]) -> Tile:
    counts = f"{example.before}/{example.seeds} → {example.after}/{example.seeds}"
    return Tile(image, (pair.class_of(example), counts), _sentence(pair, example))


def _sentence(pair: Pair, example: Example) -> Message:
    return message(
        "{true}, sample {row}: right in {before} of {seeds} seeds with {against}, {after} of "
        "{seeds} with {variant}",
        true=pair.class_of(example),
        row=example.row,
        before=example.before,
        after=example.after,
        seeds=example.seeds,
        against=short(pair.against),
        variant=short(pair.variant),
    )


def _listed(pair: Pair, some: Sequence[Example]) -> Iterator[Table]:
    if not some:
        return
    heads: tuple[Words, ...] = (short(pair.against), short(pair.variant))
    yield Table(
        columns=(
            Column(message("sample"), "name"),
            Column(message("class")),
            *(Column(message("right with {arm}", arm=head), "number") for head in heads),
        ),
        rows=tuple(
            (
                Cell(f"{one.row:,}"),
                Cell(pair.class_of(one)),
                Cell(f"{one.before}/{one.seeds}"),
                Cell(f"{one.after}/{one.seeds}"),
            )
            for one in some
        ),
        caption=message("{variant}: samples that changed most", variant=short(pair.variant)),
        notes=(message("sample: its place in the data set, counted from 0; in so many seeds"),),
    )
