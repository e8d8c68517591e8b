"""What a few samples look like, as plain values: pictures of images and sequences, rows of tables.

Eats a `Task` and the numbers of some rows. Makes a `Mosaic`, `Traces`, or text cells.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hikaku.data.task import Array, Task
from hikaku.draws import Draws
from hikaku.words import Message, message

COUNT = 25
"""So many samples are shown: a square of five."""

ENOUGH = 3
"""Classes that are worth seeing among the samples shown, where the set has so many."""

SHORTEST = 16
"""Numbers in a row make a curve from this length on; fewer stand in a table."""

MOST_LINES = 4
"""So many channels of a sequence are drawn."""

MOST_POINTS = 120
"""A longer sequence is drawn with this many of its points."""


@dataclass(frozen=True, eq=False)
class Mosaic:
    """Images with their labels: `images` is (n, height, width) or (n, height, width, 3), uint8."""

    images: NDArray[np.uint8]
    labels: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Traces:
    """Sequences with their labels: `values` is (n, channels, points) float; `at` (points,)."""

    values: NDArray[np.float64]
    at: NDArray[np.int64]
    labels: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Shown:
    """The samples of one input in pictures, and what was done to the numbers to draw them."""

    name: str
    picture: Mosaic | Traces
    note: Message | None = None


def chosen(task: Task, seed: int | None = None) -> NDArray[np.int64]:
    """Return the rows to show: those to train on, or as many of them drawn under `seed`.

    Without a seed they are the first ones, or spread evenly where the first are too much alike.
    """
    count = min(COUNT, task.pool)
    if seed is None:
        return spread(task.pool) if is_sorted(task) else np.arange(count)
    return np.sort(Draws(seed).stream("samples").permutation(task.pool)[:count])


def is_sorted(task: Task) -> bool:
    """Return whether the first samples are of fewer classes than are worth seeing."""
    first = np.unique(task.targets[: min(COUNT, task.pool)])
    return task.pool > COUNT and len(first) < min(ENOUGH, len(task.classes))


def spread(pool: int) -> NDArray[np.int64]:
    """Return COUNT rows at even distances, from the first of `pool` to the last."""
    return np.arange(COUNT) * (pool - 1) // (COUNT - 1)


def labels(task: Task, rows: NDArray[np.int64]) -> tuple[str, ...]:
    """Return the class of each row, or its value."""
    targets = np.asarray(task.targets[rows])
    if task.classes:
        return tuple(task.classes[number] for number in targets)
    return tuple(", ".join(f"{value:.4g}" for value in np.ravel(row)) for row in targets)


def shown(task: Task, rows: NDArray[np.int64]) -> Iterator[Shown]:
    """Yield the inputs that have a picture: images, and sequences long enough for a curve."""
    if task.columns:
        return
    names = labels(task, rows)
    for name, array in task.arrays:
        found = _images(array, rows, task.scale) or _sequences(array, rows)
        if found is None:
            continue
        values, note = found
        if isinstance(values, tuple):
            yield Shown(name, Traces(*values, names), note)
        else:
            yield Shown(name, Mosaic(values, names), note)


Drawn = tuple[NDArray[np.uint8], Message | None]
Points = tuple[tuple[NDArray[np.float64], NDArray[np.int64]], Message | None]


def _images(array: Array, rows: NDArray[np.int64], scale: float) -> Drawn | None:
    """Return rows as images of 0 to 255, None where they are no images."""
    grey = array.ndim == 3 and array.dtype == np.uint8
    if not (grey or array.ndim == 4) or array.dtype == np.int64:
        return None
    raw = np.asarray(array[rows], np.float64)
    pixels, note = _brightened(raw, scale if array.dtype == np.uint8 else None)
    if grey:
        return pixels, note
    if array.shape[1] == 3:
        return np.moveaxis(pixels, 1, -1), note
    if array.shape[1] > 1:
        note = message("the first of {n} channels", n=array.shape[1])
    return pixels[:, 0], note


def _brightened(
    raw: NDArray[np.float64], scale: float | None
) -> tuple[NDArray[np.uint8], Message | None]:
    """Return values as bytes: by the set's own scale, or from their lowest to their highest."""
    low, high, note = 0.0, scale or 1.0, None
    if scale is None and (raw.min() < 0 or raw.max() > 1):
        low, high = float(raw.min()), float(raw.max())
        note = message("black is {low}, white {high}", low=f"{low:.3g}", high=f"{high:.3g}")
    bright = np.clip((raw - low) / ((high - low) or 1.0), 0, 1) * 255
    return np.rint(bright).astype(np.uint8), note


def _sequences(array: Array, rows: NDArray[np.int64]) -> Points | None:
    """Return rows as curves along their longer side, None where they are no sequences."""
    if array.dtype == np.int64 or not 2 <= array.ndim <= 3:
        return None
    values = np.asarray(array[rows], np.float64)
    values = values[:, None] if values.ndim == 2 else values
    if values.shape[1] > values.shape[2]:
        values = np.swapaxes(values, 1, 2)
    channels, length = values.shape[1:]
    if length < SHORTEST:
        return None
    at = np.unique(np.linspace(0, length - 1, min(length, MOST_POINTS)).round().astype(np.int64))
    note = None
    if channels > MOST_LINES:
        note = message("the first {n} of {all} channels", n=MOST_LINES, all=channels)
    return (values[:, :MOST_LINES, at], at), note


def titles(task: Task) -> tuple[str, ...]:
    """Return the heads of the columns of `cells`: the target first."""
    if task.columns:
        return ("target", *(column.name for column in task.columns))
    flat = [(name, array) for name, array in task.arrays if array.ndim == 2]
    return ("target", *(title for name, array in flat for title in _heads(name, array)))


def cells(task: Task, rows: NDArray[np.int64]) -> tuple[tuple[str, ...], ...]:
    """Return rows as texts: the columns of a table, the numbers of vectors, tokens in a line."""
    names = labels(task, rows)
    if task.columns:
        raw = np.asarray(dict(task.arrays)[""][rows], np.float64)
        kinds = [column.categories for column in task.columns]
        return tuple(
            (name, *(_cell(value, kind) for value, kind in zip(row, kinds, strict=True)))
            for name, row in zip(names, raw, strict=True)
        )
    flat = [np.asarray(array[rows]) for _, array in task.arrays if array.ndim == 2]
    return tuple(
        (name, *(text for array in flat for text in _texts(array[number])))
        for number, name in enumerate(names)
    )


def _heads(name: str, array: Array) -> Sequence[str]:
    if array.dtype == np.int64:
        return [name or "tokens"]
    return [f"{name} {number}".strip() for number in range(array.shape[1])]


def _texts(row: NDArray[np.generic]) -> Sequence[str]:
    if row.dtype == np.int64:
        return [" ".join(map(str, row))]
    return [f"{value:.4g}" for value in row.tolist()]


def _cell(value: float, categories: tuple[str, ...]) -> str:
    if math.isnan(value):
        return "–"
    return categories[int(value)] if categories else f"{value:.4g}"
