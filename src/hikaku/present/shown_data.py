"""What `show data` says: a data set in numbers, as a `Report` and as plain JSON values."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from hikaku.data.profile import Feature, Input, Profile
from hikaku.data.split import Sizes
from hikaku.exhibits import Part
from hikaku.present.report import (
    Cell,
    Column,
    Heading,
    Point,
    Points,
    Report,
    Table,
    cells,
    short,
)
from hikaku.words import Message, message

BAR = 24
"""Letters of the longest bar, which is a line."""

MOST_CLASSES = 24
"""Of more classes, the commonest are shown, and the rarest."""

RAREST = 4
LONGEST_CLASS = 24
KIB = 1024
KINDS = {"classification": message("classification"), "regression": message("regression")}
PARTS = {
    "all": message("samples"),
    "train": message("train"),
    "validation": message("validation"),
    "test": message("test"),
}


@dataclass(frozen=True)
class Beside:
    """What is said beside the figures: how a study would divide the data, notes, cautions."""

    sizes: Sizes | None
    notes: tuple[Message, ...]
    cautions: tuple[Message, ...]


def data_report(found: Profile, beside: Beside) -> Report:
    """Return the whole description of a data set, its classes and columns as tables."""
    title = message("{name}: {kind}", name=found.name, kind=KINDS[found.kind])
    facts = Points(tuple(Point(fact) for fact in _facts(found, beside)))
    said = [Point(caution, "caution") for caution in beside.cautions]
    said += [Point(note) for note in beside.notes]
    return Report(
        (
            Heading(title, level=1),
            facts,
            *targets(found.classes, found.parts),
            *_features(found),
            *([Points(tuple(said))] if said else []),
        )
    )


def data_json(found: Profile, beside: Beside) -> dict[str, Any]:
    """Return the same as JSON writes it; a number that is not known is None."""
    return {
        "format": 1,
        "name": found.name,
        "kind": found.kind,
        "fingerprint": found.fingerprint,
        "classes": list(found.classes),
        "parts": [
            {
                "name": part.name,
                "samples": part.samples,
                "counts": list(part.counts),
                "targets": [asdict(spread) for spread in part.values],
            }
            for part in found.parts
        ],
        "inputs": [_ranged(item) for item in found.inputs],
        "columns": [_ranged(item) for item in found.features],
        "groups": asdict(found.groups) if found.groups else None,
        "imbalance": found.imbalance,
        "majority": found.majority[1] if found.majority else None,
        "bytes": {"kept": found.kept, "seen": found.seen},
        "study": _sizes(beside.sizes) if beside.sizes else None,
        "notes": [str(note) for note in beside.notes],
        "cautions": [str(caution) for caution in beside.cautions],
    }


def _ranged(item: Input | Feature) -> dict[str, Any]:
    ends = {name: getattr(item, name) for name in ("low", "high")}
    known = {name: end if math.isfinite(end) else None for name, end in ends.items()}
    plain = {key: list(v) if isinstance(v, tuple) else v for key, v in asdict(item).items()}
    return {**plain, **known}


def _sizes(sizes: Sizes) -> dict[str, int]:
    return {"train": sizes.train, "validation": sizes.validation, "test": sizes.test}


def _facts(found: Profile, beside: Beside) -> Iterator[Message]:
    for item in found.inputs:
        yield _table(found, item) if found.features else _array(found, item)
    yield message(
        "memory: {kept} kept, {seen} as the model sees it",
        kept=_bytes(found.kept),
        seen=_bytes(found.seen),
    )
    if beside.sizes:
        yield message(
            "a study trains on {train:,}, validates on {validation:,} and tests on {test:,}, "
            "unless it says otherwise",
            **_sizes(beside.sizes),
        )
    if found.groups:
        yield message(
            "groups: {n:,}, of {smallest:,} to {largest:,} samples",
            n=found.groups.count,
            smallest=found.groups.smallest,
            largest=found.groups.largest,
        )
    if found.imbalance and found.majority:
        name, share = found.majority
        yield message(
            "balance: the largest class is {ratio} × the smallest; always answering '{name}' is "
            "right for {share} of {part}",
            ratio=f"{found.imbalance:.3g}",
            name=short(name, LONGEST_CLASS),
            share=f"{share:.1%}",
            part=PARTS[found.parts[0].name],
        )


def _array(found: Profile, item: Input) -> Message:
    return message(
        "{input}: {n:,} samples of {shape}; {dtype} from {low} to {high}{divided}",
        input=item.name or message("inputs"),
        n=found.samples,
        shape=" × ".join(map(str, item.shape)),
        dtype=item.dtype,
        low=_number(item.low),
        high=_number(item.high),
        divided=_divided(found, item),
    )


def _table(found: Profile, item: Input) -> Message:
    return message(
        "{n:,} rows of {columns} columns, {features} features as the model sees them{divided}",
        n=found.samples,
        columns=len(found.features),
        features=item.shape[0],
        divided=_divided(found, item),
    )


def _divided(found: Profile, item: Input) -> Message | str:
    if found.standardize and item.dtype != "int64":
        return message(", standardized by the training samples")
    if item.dtype == "uint8" and found.scale != 1:
        return message(", divided by {scale}", scale=f"{found.scale:g}")
    return ""


def targets(classes: Sequence[str], parts: Sequence[Part]) -> Iterator[Table]:
    """Yield what there is to learn: how often each class stands in each part, or the values."""
    if classes:
        yield _classes(classes, parts)
    for number in range(len(parts[0].values)):
        yield _values(parts, number)


def _classes(classes: Sequence[str], parts: Sequence[Part]) -> Table:
    counts = [part.counts for part in parts]
    largest = max(counts[0])
    order = list(range(len(classes)))
    notes: tuple[Message, ...] = ()
    if len(order) > MOST_CLASSES:
        order.sort(key=lambda number: -counts[0][number])
        order = order[: MOST_CLASSES - RAREST] + order[-RAREST:]
        hidden = len(classes) - len(order)
        notes = (message("the commonest and the rarest; {n:,} between are left out", n=hidden),)
    rows = [
        (
            Cell(short(classes[number], LONGEST_CLASS)),
            *(Cell(f"{count[number]:,}") for count in counts),
            Cell(_bar(counts[0][number] / largest)),
        )
        for number in order
    ]
    total = cells(message("total"), *(f"{part.samples:,}" for part in parts), "")
    return Table(
        columns=(
            Column(message("class"), "name"),
            *(Column(PARTS[part.name], "number") for part in parts),
            Column(""),
        ),
        rows=(*rows, total),
        caption=message("Samples of each class"),
        notes=notes,
    )


def _values(parts: Sequence[Part], output: int) -> Table:
    heads = (message("lowest"), message("mean"), message("standard deviation"), message("highest"))
    many = len(parts[0].values) > 1
    return Table(
        columns=(
            Column(message("target {n}", n=output) if many else message("target"), "name"),
            Column(message("samples"), "number"),
            *(Column(head, "number") for head in heads),
        ),
        rows=tuple(_value_row(part, output) for part in parts),
    )


def _value_row(part: Part, output: int) -> tuple[Cell, ...]:
    spread = part.values[output]
    figures = (spread.low, spread.mean, spread.deviation, spread.high)
    name = message("total") if part.name == "all" else PARTS[part.name]
    return cells(name, f"{part.samples:,}", *map(_number, figures))


def _features(found: Profile) -> Iterator[Table]:
    if not found.features:
        return
    heads = (message("kind"), message("missing"), message("values"))
    yield Table(
        columns=(
            Column(message("column"), "name"),
            Column(heads[0]),
            Column(heads[1], "number"),
            Column(heads[2]),
        ),
        rows=tuple(_feature_row(feature, found.samples) for feature in found.features),
    )


def _feature_row(feature: Feature, samples: int) -> tuple[Cell, ...]:
    kind: Message = message("numbers")
    values: Message = message(
        "{low} to {high}", low=_number(feature.low), high=_number(feature.high)
    )
    if feature.categories:
        kind = message("{n} categories", n=feature.categories)
        values = message("mostly {name}", name=short(feature.commonest, LONGEST_CLASS))
    missing = f"{feature.missing:,} ({feature.missing / samples:.1%})" if feature.missing else "0"
    return cells(short(feature.name, LONGEST_CLASS), kind, missing, values)


def _bytes(count: int) -> str:
    """Return a size in memory with the unit that suits it."""
    size, unit = float(count), "B"
    for unit in ("B", "KiB", "MiB", "GiB"):
        if size < KIB or unit == "GiB":
            break
        size /= KIB
    return f"{size:.4g} {unit}"


def _bar(share: float) -> str:
    return "━" * max(round(share * BAR), 1 if share else 0)


def _number(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.5g}"
