"""`Record`: one number that was read of a trial, and `Records`, all of a trial in arrays."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

Reading = Literal["curve", "running", "batch", "last", "best"]
READINGS: tuple[Reading, ...] = get_args(Reading)
Kind = tuple[Reading, str, str]
"""What a curve or a figure at the end is told by: its reading, split and metric."""
Column = tuple[NDArray[np.int64], NDArray[np.float64]]
"""The steps and values of one kind, in the order of the steps."""


@dataclass(frozen=True)
class Record:
    """One number: `metric` on `split` after `step` updates.

    `reading` says how it was read. "curve": at an evaluation, in evaluation mode, on the
    validation split or on the fixed sample of train. "running": in training mode, averaged over
    the samples since the evaluation before. "batch": of the last batch before an evaluation, in
    training mode, where a claim of the study asks for it. "last": at the end, on all of the split.
    "best": the same with the weights of the best validation loss.
    """

    reading: Reading
    step: int
    split: str
    metric: str
    value: float


@dataclass(frozen=True, eq=False)
class Layout:
    """What a trial's records are of, in their order: the reading, step, split and metric of each.

    Trials of one study mostly have the same, and share it.
    """

    rows: tuple[tuple[Reading, int, str, str], ...]

    @cached_property
    def places(self) -> dict[Kind, tuple[NDArray[np.intp], NDArray[np.int64]]]:
        """By kind, where its records stand and their steps, in the order of the steps."""
        found: dict[Kind, list[int]] = defaultdict(list)
        for place, (reading, _, split, metric) in enumerate(self.rows):
            found[reading, split, metric].append(place)
        for places in found.values():
            places.sort(key=lambda place: self.rows[place][1])
        return {
            kind: (np.array(places), np.array([self.rows[place][1] for place in places]))
            for kind, places in found.items()
        }

    @cached_property
    def ends(self) -> dict[Kind, int]:
        """By kind, where its last record stands."""
        return {kind: int(places[-1]) for kind, (places, _) in self.places.items()}


class Records(Collection[Record]):
    """The records of one trial as numbers in a `layout`; each `Record` is made as it is asked for.

    A store hands out millions of them, of which most are only drawn.
    """

    def __init__(self, layout: Layout, values: NDArray[np.float64]) -> None:
        self.layout = layout
        self.values = values

    @classmethod
    def of(cls, records: Iterable[Record]) -> Records:
        """Return these records so."""
        if isinstance(records, Records):
            return records
        every = tuple(records)
        rows = tuple((one.reading, int(one.step), one.split, one.metric) for one in every)
        return cls(Layout(rows), np.array([one.value for one in every], dtype=np.float64))

    def __iter__(self) -> Iterator[Record]:
        for (reading, step, split, metric), value in zip(
            self.layout.rows, self.values.tolist(), strict=True
        ):
            yield Record(reading, step, split, metric, value)

    def __len__(self) -> int:
        return len(self.values)

    def __contains__(self, one: object) -> bool:
        return one in tuple(self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Collection) and tuple(self) == tuple(other)

    def __repr__(self) -> str:
        return repr(tuple(self))

    def column(self, kind: Kind) -> Column:
        """Return the steps and values of one kind."""
        places, steps = self.layout.places.get(kind, NOWHERE)
        return steps, self.values[places]

    def last(self, kind: Kind) -> float:
        """Return the last value of one kind, NaN where there is none."""
        place = self.layout.ends.get(kind)
        return float("nan") if place is None else self.values.item(place)


NOWHERE = (np.zeros(0, np.intp), np.zeros(0, np.int64))
