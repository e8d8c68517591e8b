"""The table of costs: what each variant takes of time, memory and operations beside base.

Eats a `Study` and the `Overhead` of its variants. Makes a `Table`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence

from hikaku.analysis.cost import Overhead
from hikaku.analysis.numbers import NOTHING, plain
from hikaku.present.report import Column, Table, cells, short
from hikaku.present.verdict_table import ratio_text
from hikaku.study.study import BASE, Equal, Study
from hikaku.words import Message, message

HELD: dict[Equal, Message] = {
    "epochs": message("held equal: epochs; every arm sees its training set as often as base"),
    "seconds": message("held equal: time; every arm trains about as many seconds as base"),
    "flops": message("held equal: FLOPs; every arm spends about as many operations as base"),
}
"""How the axis is named that is the same in all arms."""

TOGETHER = message(
    "–: trained in one stack with other trials, whose time and memory are not told apart"
)


def cost_table(study: Study, costs: Sequence[Overhead]) -> Table:
    """Return a row per arm: time, memory and FLOPs as multiples of base's, and its parameters.

    Of arms trained outside hikaku only time and memory are known.
    """
    titles = (message("time"), message("from – to"), message("memory"))
    inside = () if study.outside else (message("FLOPs"), message("parameters"))
    rows = (_base(costs), *((short(cost.variant), *_row(cost)) for cost in costs))
    columns = (
        Column(message("arm"), "name"),
        *(Column(title, "number") for title in (*titles, *inside)),
    )
    return Table(
        columns=columns,
        rows=tuple(cells(*row[: len(columns)]) for row in rows),
        caption=message("Cost of each variant, as a multiple of base's"),
        notes=(*_how_measured(study), *_together(costs)),
    )


def _how_measured(study: Study) -> Iterator[Message]:
    if study.outside:
        yield message(
            "medians over pairs of trials on one kind of machine, time with the lowest and the "
            "highest pair; memory is the whole process's, libraries and data included"
        )
        return
    yield HELD[study.equal]
    yield message(
        "medians over pairs of trials on one kind of machine, time with the lowest and "
        "the highest pair; memory is the whole process's, libraries and data included; "
        "FLOPs are those of all updates made; parameters are those that train"
    )


def _together(costs: Sequence[Overhead]) -> Iterator[Message]:
    if any(cost.is_together for cost in costs):
        yield TOGETHER


def _base(costs: Sequence[Overhead]) -> tuple[str, ...]:
    """Return base's row: ×1 where something is a multiple of it."""
    known = next((cost.base_parameters for cost in costs if cost.base_parameters), None)
    return (
        BASE,
        _one(cost.seconds_ratio for cost in costs),
        NOTHING,
        _one(cost.mib_ratio for cost in costs),
        _one(cost.flops_ratio for cost in costs),
        f"{known:,}" if known else NOTHING,
    )


def _one(ratios: Iterable[float]) -> str:
    return "×1" if any(map(math.isfinite, ratios)) else NOTHING


def _row(cost: Overhead) -> tuple[str, ...]:
    low, high = plain(cost.seconds_low, 2), plain(cost.seconds_high, 2)
    return (
        ratio_text(cost.seconds_ratio, 2),
        NOTHING if math.isnan(cost.seconds_low) else f"{low} – {high}",
        ratio_text(cost.mib_ratio, 2),
        ratio_text(cost.flops_ratio, 2),
        _parameters(cost),
    )


def _parameters(cost: Overhead) -> str:
    if cost.parameters is None:
        return NOTHING
    more = cost.parameters - cost.base_parameters if cost.base_parameters else 0
    return f"{cost.parameters:,} ({more:+,})" if more else f"{cost.parameters:,}"
