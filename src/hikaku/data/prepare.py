"""`Preparation`: how raw rows become what the model sees, by statistics of training rows alone.

A mean over validation or test samples would tell the training about them. So what is estimated
is estimated here, once per seed, from the rows that the seed trains on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hikaku.data.task import Array, Column, Inputs, Targets, Task

Prepared = NDArray[np.float32] | NDArray[np.int64] | dict[str, Any]
CHUNK = 4096
"""Rows at a time, so that the statistics of a large set need little memory."""


@dataclass(frozen=True)
class Preparation:
    """Turns raw rows into model inputs; a function of these values alone.

    Bytes are divided by `scale`; `fill` replaces the gaps of each number column of a table, and
    a category becomes one 1 among zeros. Then `mean` is taken away and the rest divided by
    `deviation`, one per feature or channel, where they are given. Values to predict are learnt
    in the same way, and turned back before anybody sees them.
    """

    scale: float = 1.0
    columns: tuple[Column, ...] = ()
    fill: tuple[float, ...] = ()
    mean: tuple[float, ...] = ()
    deviation: tuple[float, ...] = ()
    target_mean: tuple[float, ...] = ()
    target_deviation: tuple[float, ...] = ()

    def __call__(self, raw: Inputs) -> Prepared:
        """Return rows as the model sees them: float32 (int64 for tokens), (n, *shape)."""
        if isinstance(raw, Mapping):
            return {name: self._array(array) for name, array in raw.items()}
        return self._array(raw)

    def _array(self, raw: Array) -> NDArray[np.float32] | NDArray[np.int64]:
        if raw.dtype == np.int64:
            return np.ascontiguousarray(raw, np.int64)
        if self.columns:
            x = self._table(np.asarray(raw, np.float32))
        else:
            divisor = np.float32(self.scale if raw.dtype == np.uint8 else 1)
            x = np.divide(raw, divisor, dtype=np.float32)
        if x.ndim == 3 and raw.dtype == np.uint8:
            x = x[:, None]
        if self.mean:
            shape = (1, -1) + (1,) * (x.ndim - 2)
            mean, deviation = (
                np.array(values, np.float32).reshape(shape)
                for values in (self.mean, self.deviation)
            )
            x = (x - mean) / deviation
        return np.ascontiguousarray(x, np.float32)

    def _table(self, raw: NDArray[np.float32]) -> NDArray[np.float32]:
        features = []
        for column, values, fill in zip(self.columns, raw.T, self.fill, strict=True):
            gap = np.isnan(values)
            if column.categories:
                features.append(values[:, None] == np.arange(len(column.categories)))
            else:
                features.append(np.where(gap, np.float32(fill), values)[:, None])
            if column.gaps:
                features.append(gap[:, None])
        return np.concatenate(features, axis=1, dtype=np.float32)

    def targets(self, raw: Targets) -> Targets:
        """Return targets as they are learnt: standardized values, where that is asked."""
        if not self.target_mean:
            return raw
        mean, deviation = (self._of(raw, which) for which in ("target_mean", "target_deviation"))
        return np.ascontiguousarray((raw - mean) / deviation, np.float32)

    def values(self, learnt: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return outputs or targets, (n,) or (n, outputs), in the units of the data."""
        if not self.target_mean:
            return learnt
        mean, deviation = (self._of(learnt, which) for which in ("target_mean", "target_deviation"))
        return learnt * deviation + mean

    def _of(self, values: NDArray[Any], which: str) -> NDArray[np.float64]:
        found = np.array(getattr(self, which))
        return found if values.ndim > 1 else found[0]

    def as_json(self) -> dict[str, Any]:
        """Return it as plain lists and numbers; `from_json` reads them."""
        columns = [[column.name, list(column.categories), column.gaps] for column in self.columns]
        plain = {item.name: getattr(self, item.name) for item in fields(self)}
        return {**plain, "columns": columns}


FITTED = ("fill", "mean", "deviation", "target_mean", "target_deviation")


def from_json(plain: Mapping[str, Any]) -> Preparation:
    """Return the preparation that `as_json` wrote."""
    columns = tuple(Column(name, tuple(kinds), gaps) for name, kinds, gaps in plain["columns"])
    rest = {key: tuple(plain[key]) for key in FITTED}
    return Preparation(scale=plain["scale"], columns=columns, **rest)


def fit(task: Task, train: NDArray[np.int64]) -> Preparation:
    """Return the preparation of this task, its statistics from the rows `train` alone.

    A gap is filled with the median of its column. A feature that never varies is left as it is,
    less its mean. The result is the same bit for bit whatever the order of `train`.
    """
    # A variant that trains on fewer has its own order; sorted, equal sets give equal sums.
    train = np.sort(train)
    plain = Preparation(task.scale, task.columns)
    if task.standardize and task.kind == "regression":
        values = np.asarray(task.targets[train], np.float64)
        mean, deviation = _moments(lambda: [values.reshape(len(values), -1)])
        plain = replace(plain, target_mean=mean, target_deviation=deviation)
    inputs = task.inputs
    if isinstance(inputs, Mapping):
        return plain
    fill = tuple(_median(inputs[train, n]) for n in range(len(task.columns)))
    plain = replace(plain, fill=fill)
    if not task.standardize or inputs.dtype == np.int64:
        return plain
    pieces = np.array_split(train, max(1, len(train) // CHUNK))
    mean, deviation = _moments(lambda: (np.asarray(plain(inputs[rows])) for rows in pieces))
    return replace(plain, mean=mean, deviation=deviation)


def _moments(
    pieces: Callable[[], Iterable[NDArray[Any]]],
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return mean and deviation per feature, the second dimension, of rows that come in pieces."""
    total: Any = 0.0
    count = 0
    for piece in pieces():
        total = total + piece.sum((0, *range(2, piece.ndim)), dtype=np.float64)
        count += piece.size // piece.shape[1]
    mean = total / count
    squares: Any = 0.0
    for piece in pieces():
        away = piece - mean.reshape((1, -1) + (1,) * (piece.ndim - 2))
        squares = squares + (away**2).sum((0, *range(2, piece.ndim)))
    deviation = np.sqrt(squares / count)
    # A constant column comes out as rounding errors of its mean.
    deviation[deviation <= 1e-12 * np.abs(mean)] = 1.0
    return tuple(map(float, mean)), tuple(map(float, deviation))


def _median(values: NDArray[Any]) -> float:
    there = values[~np.isnan(values)]
    return float(np.median(there)) if len(there) else 0.0
