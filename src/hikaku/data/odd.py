"""What a finished task says about itself: what is wrong with it, and what is only odd.

Every sample is hashed, once: equal samples in the training and the test set make a test look
better than it is, whatever file or function they came from.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from hikaku.data.task import Task
from hikaku.errors import DataError, Fault
from hikaku.words import Message, message

CHUNK = 4096
"""Rows that are looked at together; the inputs may be memory-mapped and larger than memory."""
LISTED = 5


_ONE_EACH = message("give one for each sample, in the same order")


def check(task: Task) -> None:
    """Raise DataError where no network can learn from this task.

    There is no sample (to train on), inputs, targets and groups are of unequal lengths, an input
    is not finite (the gaps of a table are NaN, and no fault), or a class has no sample to train
    on.
    """
    where = f"{task.name}:"
    n = len(task.targets)
    faults = [
        Fault(
            message("{found:,} inputs for {wanted:,} targets", found=len(array), wanted=n),
            f"{where} {name}:" if name else where,
            mend=_ONE_EACH,
        )
        for name, array in task.arrays
        if len(array) != n
    ]
    if task.groups is not None and len(task.groups) != n:
        what = message("{found:,} groups for {wanted:,} targets", found=len(task.groups), wanted=n)
        faults.append(Fault(what, where, mend=_ONE_EACH))
    if task.pool <= 0:
        mend = message("leave some samples out of the given validation and test sets")
        faults.append(Fault(message("there is no sample to train on"), where, mend=mend))
    DataError.gather(faults)
    DataError.gather([*_not_finite(task, where), *_untrained(task, where)])


def odd(task: Task) -> tuple[Message, ...]:
    """Return what looks odd: samples that stand there twice, groups and classes in one set only.

    Takes about 5 µs for a sample of 3,072 bytes.
    """
    return (*_twice(task), *_shared_groups(task), *_untested(task), *_alike(task))


def _not_finite(task: Task, where: str) -> Iterator[Fault]:
    for name, array in task.arrays:
        if array.dtype.kind != "f":
            continue
        for start in range(0, len(array), CHUNK):
            part = array[start : start + CHUNK]
            good = ~np.isinf(part) if task.columns else np.isfinite(part)
            bad = np.flatnonzero(~good.reshape(len(part), -1).all(1))
            if len(bad):
                yield Fault(
                    message("sample {row:,} is not finite", row=start + int(bad[0])),
                    f"{where} {name}:" if name else where,
                    message("it holds NaN or an infinite number; samples are counted from 0"),
                    message("fill in or leave out such samples"),
                )
                break


def _untrained(task: Task, where: str) -> Iterator[Fault]:
    absent = _absent(task, slice(0, task.pool))
    if absent:
        yield Fault(
            message("no sample to train on is of these classes: {names}", names=absent),
            where,
            mend=message("add some, or take the classes out of the given sets"),
        )


def _untested(task: Task) -> Iterator[Message]:
    if task.official_test:
        absent = _absent(task, slice(len(task.targets) - task.official_test, None))
        if absent:
            yield message("no sample of the given test set is of the classes {names}", names=absent)


def _absent(task: Task, rows: slice) -> str:
    if not task.classes:
        return ""
    counts = np.bincount(task.targets[rows].astype(np.int64), minlength=len(task.classes))
    names = [task.classes[number] for number in np.flatnonzero(counts == 0)]
    return ", ".join(names[:LISTED]) + (" …" if len(names) > LISTED else "")


def _twice(task: Task) -> Iterator[Message]:
    first = _first_like(task)
    again = np.flatnonzero(first != np.arange(len(first)))
    parts = _part_of(task)
    inside = again[parts[again] == parts[first[again]]]
    if len(inside):
        yield message(
            "{count:,} samples stand there more than once, so that a split may put one into "
            "training and its equal into test; the first is sample {row:,}, as sample {other:,}",
            count=len(inside),
            row=int(inside[0]),
            other=int(first[inside[0]]),
        )
    for number, name in ((1, message("validation")), (2, message("test"))):
        known = set(first[parts < number].tolist())
        leaked = sum(int(row) in known for row in first[parts == number])
        if leaked:
            yield message(
                "{count:,} samples of the given {part} set stand in the sets before it too: "
                "they are no test of what was learnt",
                count=leaked,
                part=name,
            )
    if task.kind == "classification":
        other = int((task.targets[again] != task.targets[first[again]]).sum())
        if other:
            yield message("{count:,} equal samples have different labels", count=other)


def seen_before(task: Task, train: NDArray[np.int64], test: NDArray[np.int64]) -> int:
    """Return how many test samples equal one of the training samples, bit for bit."""
    first = _first_like(task)
    known = set(first[train].tolist())
    return sum(int(row) in known for row in first[test])


def has_equal_samples(task: Task) -> bool:
    """Return whether `odd` found equal samples in the task, by what it noted."""
    return any("stand" in note.id and "sample" in note.id for note in task.notes)


def _first_like(task: Task) -> NDArray[np.int64]:
    """Return for each sample the number of the first one that equals it, bit for bit."""
    seen: dict[bytes, int] = {}
    arrays = [array for _, array in task.arrays]
    found = np.empty(len(task.targets), np.int64)
    for start in range(0, len(found), CHUNK):
        parts = [np.ascontiguousarray(array[start : start + CHUNK]) for array in arrays]
        for row in range(len(parts[0])):
            sha = blake2b(digest_size=16)
            for part in parts:
                sha.update(part[row].data)
            found[start + row] = seen.setdefault(sha.digest(), start + row)
    return found


def _part_of(task: Task) -> NDArray[np.int64]:
    """Return for each sample 0 (to train on), 1 (given validation) or 2 (given test)."""
    return np.repeat([0, 1, 2], [task.pool, task.official_validation, task.official_test])


def _shared_groups(task: Task) -> Iterator[Message]:
    if task.groups is None:
        return
    parts = _part_of(task)
    known = task.groups >= 0
    pool, given = (set(task.groups[known & mask].tolist()) for mask in (parts == 0, parts > 0))
    if pool & given:
        yield message(
            "{count:,} groups stand among the samples to train on and in a given set",
            count=len(pool & given),
        )


def _alike(task: Task) -> Iterator[Message]:
    seen: dict[str, str] = {}
    for name in task.classes:
        other = seen.setdefault(" ".join(name.casefold().split()), name)
        if other != name:
            yield message(
                "the classes '{one}' and '{other}' differ only in how they are written",
                one=other,
                other=name,
            )
