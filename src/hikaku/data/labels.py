"""From targets as people keep them to the targets of a `Task`: class numbers or values.

Class names, whole numbers, truth values, shares and text all come in; what comes out is one
int64 number per sample and the classes' names, or float32 values. Nothing is guessed silently.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hikaku.data.task import Kind, Targets
from hikaku.errors import DataError
from hikaku.words import Message, message

MOST_CLASSES = 10_000
LISTED = 8
"""So many values are named in an error."""


@dataclass(frozen=True, eq=False)
class Labels:
    """Targets as in `Task`, the classes' names (none in regression), and what was converted."""

    targets: Targets
    classes: tuple[str, ...] = ()
    notes: tuple[Message, ...] = ()


def labels_of(raw: Any, kind: Kind, where: str, classes: Sequence[str] | None = None) -> Labels:
    """Return the targets `raw`, one entry per sample, as the study wants them.

    `where` names the place in errors ("train.csv:", "my_data.py:load:"). `classes` are the names
    of the classes in the order of their numbers; without it they are the distinct labels, in
    order. Raises DataError where entries are missing, of mixed type, out of range, no classes or
    values at all, or all of one class.
    """
    values = _array(raw, where)
    if kind == "regression":
        return Labels(_values(values, where))
    return _classes(values, where, tuple(map(str, classes)) if classes is not None else None)


def _array(raw: Any, where: str) -> NDArray[Any]:
    """Return the entries as an array of one type; refuse text among numbers, and gaps."""
    found = raw if isinstance(raw, np.ndarray) else None
    if found is None or found.dtype == object:
        entries = list(raw)
        gaps = [row for row, entry in enumerate(entries) if _is_gap(entry)]
        if gaps:
            raise _missing(len(gaps), gaps[0], where)
        texts = [isinstance(entry, (str, bytes)) for entry in entries]
        if any(texts) and not all(texts):
            raise DataError.of(
                message("the labels are of mixed type"),
                where=where,
                why=message(
                    "text: {text}; not text: {other}",
                    text=repr(entries[texts.index(True)])[:60],
                    other=repr(entries[texts.index(False)])[:60],
                ),
                mend=message("write all of them as text or all of them as numbers"),
            )
        try:
            found = np.array(entries)
        except ValueError as error:
            raise DataError.of(
                message("the targets are not of one shape"),
                where=where,
                why=message("{reason}", reason=error),
                mend=message("give one label, or one row of values, per sample"),
            ) from error
    if found.dtype.kind == "f" and not np.isfinite(found).all():
        bad = np.flatnonzero(~np.isfinite(found.reshape(len(found), -1)).all(1))
        raise _missing(len(bad), int(bad[0]), where)
    if found.dtype.kind not in "biufUS":
        raise DataError.of(
            message("targets of type {dtype} cannot be learnt", dtype=found.dtype),
            where=where,
            mend=message("targets are numbers, truth values or text"),
        )
    return found


def _is_gap(entry: Any) -> bool:
    return entry is None or (isinstance(entry, float) and entry != entry)


def _missing(count: int, first: int, where: str) -> DataError:
    return DataError.of(
        message("{count:,} targets are missing or not finite", count=count),
        where=where,
        why=message("the first one is sample {row:,}, counted from 0", row=first),
        mend=message("leave these samples out"),
    )


def _values(values: NDArray[Any], where: str) -> NDArray[np.float32]:
    if values.dtype.kind in "US":
        raise DataError.of(
            message("the targets are text, and regression needs numbers"),
            where=where,
            why=message("the first one is {value}", value=repr(values.flat[0])),
            mend=message('write kind = "classification", or another target'),
        )
    if values.ndim > 2:
        raise DataError.of(
            message("targets of shape {shape} cannot be learnt", shape=values.shape),
            where=where,
            mend=message("regression takes one value, or one row of values, per sample"),
        )
    found = values.astype(np.float32)
    return found[:, 0] if found.ndim == 2 and found.shape[1] == 1 else found


def _classes(values: NDArray[Any], where: str, names: tuple[str, ...] | None) -> Labels:
    notes: tuple[Message, ...] = ()
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.ndim == 2 and values.dtype.kind in "biuf" and _is_one_hot(values):
        values = values.argmax(1)
        notes = (message("one-hot targets were turned into class numbers"),)
    if values.ndim != 1:
        raise DataError.of(
            message("targets of shape {shape} are not one class per sample", shape=values.shape),
            where=where,
            mend=message('give one label per sample, or write kind = "regression"'),
        )
    if values.dtype.kind == "f":
        if (values != np.floor(values)).any():
            raise DataError.of(
                message("the targets are no class labels"),
                where=where,
                why=message("one is {value}", value=values[values != np.floor(values)][0]),
                mend=message('for values to predict write kind = "regression"'),
            )
        values = values.astype(np.int64)
    if values.dtype.kind == "S":
        values = np.char.decode(values, "utf-8")
    targets, classes = _numbered(values, where, names)
    return Labels(targets, _checked(targets, classes, where, named=names is not None), notes)


def _is_one_hot(values: NDArray[Any]) -> bool:
    return bool(((values == 0) | (values == 1)).all() and (values.sum(1) == 1).all())


def _numbered(
    values: NDArray[Any], where: str, names: tuple[str, ...] | None
) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    if names is None:
        found, numbers = np.unique(values, return_inverse=True)
        return numbers.reshape(-1).astype(np.int64), tuple(map(str, found))
    if values.dtype.kind == "U":
        place = {name: number for number, name in enumerate(names)}
        strange = [value for value in np.unique(values) if value not in place]
        if strange:
            raise _out_of_range(strange, names, where)
        return np.array([place[value] for value in values], np.int64), names
    strange = [value for value in np.unique(values) if not 0 <= int(value) < len(names)]
    if strange:
        raise _out_of_range(strange, names, where)
    return values.astype(np.int64), names


def _out_of_range(strange: list[Any], names: tuple[str, ...], where: str) -> DataError:
    return DataError.of(
        message("labels out of range: {values}", values=_listed(strange)),
        where=where,
        why=message(
            "there are {n} classes, numbered from 0: {names}", n=len(names), names=_listed(names)
        ),
        mend=message("correct the labels, or name every class in `classes`"),
    )


def _checked(
    targets: NDArray[np.int64], classes: tuple[str, ...], where: str, *, named: bool
) -> tuple[str, ...]:
    counts = np.bincount(targets, minlength=len(classes))
    empty = [classes[number] for number in np.flatnonzero(counts == 0)]
    if named and empty:
        raise DataError.of(
            message("classes without a sample: {classes}", classes=_listed(empty)),
            where=where,
            mend=message("leave them out of `classes`, or add samples"),
        )
    if len(classes) < 2:
        raise DataError.of(
            message("all samples are of one class: {name}", name=classes[0] if classes else "-"),
            where=where,
            mend=message("there must be two classes to tell apart"),
        )
    once_each = not named and len(targets) > 20 and 2 * len(classes) > len(targets)
    if len(classes) > MOST_CLASSES or once_each:
        raise DataError.of(
            message(
                "{classes:,} classes for {n:,} samples: most of them stand there once",
                classes=len(classes),
                n=len(targets),
            ),
            where=where,
            mend=message('for values to predict write kind = "regression"'),
        )
    return classes


def _listed(items: Sequence[Any]) -> str:
    shown = ", ".join(str(item)[:40] for item in items[:LISTED])
    return shown + (" …" if len(items) > LISTED else "")
