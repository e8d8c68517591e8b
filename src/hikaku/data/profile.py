"""`Profile`: a data set in numbers: what it counts, how its classes stand, what is missing."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hikaku.data.task import Array, Kind, Task
from hikaku.exhibits import Part, Spread
from hikaku.words import Message, message

CHUNK = 4096
"""Rows at a time, so that a large mapped file is never in memory as a whole."""

UNEVEN = 3.0
"""From this ratio of the largest to the smallest class on, accuracy alone misleads."""


@dataclass(frozen=True)
class Input:
    """One input ("" where there is one only): shape of a sample as the model sees it, raw values.

    `low` and `high` leave gaps out and are NaN where nothing else is there.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str
    low: float
    high: float
    missing: int


@dataclass(frozen=True)
class Feature:
    """One column of a table: how many gaps, and the range of numbers or the commonest category."""

    name: str
    categories: int
    missing: int
    low: float
    high: float
    commonest: str = ""


@dataclass(frozen=True)
class Groups:
    """How many groups there are to train on, and how many samples the smallest and largest hold."""

    count: int
    smallest: int
    largest: int


@dataclass(frozen=True)
class Profile:
    """What `profile` found; `kept` and `seen` are bytes, as kept and as the model is given."""

    name: str
    kind: Kind
    classes: tuple[str, ...]
    parts: tuple[Part, ...]
    inputs: tuple[Input, ...]
    features: tuple[Feature, ...]
    groups: Groups | None
    scale: float
    standardize: bool
    kept: int
    seen: int
    fingerprint: str

    @property
    def samples(self) -> int:
        """All samples together."""
        return sum(part.samples for part in self.parts)

    @property
    def imbalance(self) -> float | None:
        """How many times the largest class is the smallest, among samples to train on."""
        counts = self.parts[0].counts
        return max(counts) / min(counts) if all(counts) and counts else None

    @property
    def majority(self) -> tuple[str, float] | None:
        """The commonest class to train on, and its share: what always answering it would reach."""
        counts = self.parts[0].counts
        if not counts:
            return None
        most = max(range(len(counts)), key=counts.__getitem__)
        return self.classes[most], counts[most] / self.parts[0].samples

    @property
    def cautions(self) -> Iterator[Message]:
        """What to know before a figure is judged on this data."""
        if self.imbalance and self.imbalance >= UNEVEN:
            yield message(
                "the classes are uneven: judge balanced-accuracy or f1-macro beside accuracy"
            )


def profile(task: Task) -> Profile:
    """Return the data set in numbers; every value is read once."""
    shapes = task.shape if isinstance(task.shape, dict) else {"": task.shape}
    arrays = dict(task.arrays)
    return Profile(
        name=task.name,
        kind=task.kind,
        classes=task.classes,
        parts=tuple(parts(task)),
        inputs=tuple(_input(name, shapes[name], array) for name, array in arrays.items()),
        features=tuple(_features(task)),
        groups=_groups(task),
        scale=task.scale,
        standardize=task.standardize,
        kept=sum(array.nbytes for array in (*arrays.values(), task.targets)),
        seen=sum(
            len(array) * math.prod(shapes[name]) * (8 if array.dtype == np.int64 else 4)
            for name, array in arrays.items()
        ),
        fingerprint=task.fingerprint,
    )


def parts(task: Task) -> Iterator[Part]:
    """Yield the parts that the files give, in their order."""
    given = task.official_validation, task.official_test
    sizes = {"train" if any(given) else "all": task.pool, "validation": given[0], "test": given[1]}
    start = 0
    for name, samples in sizes.items():
        targets = np.asarray(task.targets[start : start + samples])
        start += samples
        if not samples:
            continue
        if task.classes:
            counts = np.bincount(targets, minlength=len(task.classes))
            yield Part(name, samples, counts=tuple(map(int, counts)))
        else:
            columns = targets.reshape(samples, -1).T.astype(np.float64)
            yield Part(name, samples, values=tuple(map(_spread, columns)))


def _spread(values: NDArray[np.float64]) -> Spread:
    return Spread(
        float(values.min()), float(values.mean()), float(values.std()), float(values.max())
    )


def _input(name: str, shape: tuple[int, ...], array: Array) -> Input:
    low, high, missing = math.inf, -math.inf, 0
    for start in range(0, len(array), CHUNK):
        part = np.asarray(array[start : start + CHUNK])
        if part.dtype.kind == "f":
            missing += int(np.isnan(part).sum())
            part = part[~np.isnan(part)]
        if part.size:
            low, high = min(low, float(part.min())), max(high, float(part.max()))
    if low > high:
        low = high = math.nan
    return Input(name, shape, str(array.dtype), low, high, missing)


def _features(task: Task) -> Iterator[Feature]:
    for number, column in enumerate(task.columns):
        values = np.asarray(dict(task.arrays)[""][:, number], np.float64)
        there = values[~np.isnan(values)]
        low, high = (float(there.min()), float(there.max())) if len(there) else (math.nan,) * 2
        commonest = ""
        if column.categories and len(there):
            counts = np.bincount(there.astype(np.int64), minlength=len(column.categories))
            commonest = column.categories[int(counts.argmax())]
        missing = len(values) - len(there)
        yield Feature(column.name, len(column.categories), missing, low, high, commonest)


def _groups(task: Task) -> Groups | None:
    if task.groups is None:
        return None
    _, counts = np.unique(task.groups[: task.pool], return_counts=True)
    return Groups(len(counts), int(counts.min()), int(counts.max()))
