"""`split`: which samples a seed trains on, validates on and tests on.

Arms of one seed must meet the same validation and test samples, also where a variant trains on
fewer. So the test set is taken first, then validation, and train last; no part depends on the size
of one that is taken after it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from hikaku.data.groups import few_groups, grouped, torn_groups
from hikaku.data.proportion import interleaved
from hikaku.data.task import Task
from hikaku.draws import Draws
from hikaku.errors import DataError, Fault
from hikaku.study.study import Data, Size
from hikaku.words import message

Index = NDArray[np.int64]
OWN_SHARE = 0.2
"""What "auto" takes for validation, and for test, where the data brings no such set."""

LISTED = 12
"""So many classes are named in an error; a data set with a thousand would fill the screen."""


@dataclass(frozen=True)
class Sizes:
    """How many samples each part gets; `left` is what train and validation may use."""

    train: int
    validation: int
    test: int
    left: int

    def __str__(self) -> str:
        """Return the sizes in words."""
        return f"train {self.train:,}, validation {self.validation:,}, test {self.test:,}"


@dataclass(frozen=True, eq=False)
class Split:
    """Row numbers of the task, int64, each (n,); the parts share no sample.

    Only where `data.validation` is "test", validation is the test set once more. Rows that were
    drawn stand in the order drawn, so that every prefix of a part holds the classes in proportion,
    and a smaller train set is a prefix of a larger one. An official test set taken whole, and
    everything under "first", stand in the order of the files.
    """

    train: Index
    validation: Index
    test: Index


def word_of(rows: Index) -> str:
    """Return the word for these rows in this order, 16 hexadecimal digits."""
    return sha256(rows.astype("<i8").tobytes()).hexdigest()[:16]


def split(task: Task, data: Data, seed: int) -> Split:
    """Return the split of this seed; the same task, rule and seed always give the same one.

    "stratified" draws: each part holds every class within one sample of its share in what was
    left when the part was taken (for regression, plainly at random); where samples form groups,
    whole groups are dealt out instead. Given sets are taken whole. "first" draws nothing: test
    is the first rows of the official set or the last rows of all, validation the last rows of
    what is not test (of what stands before the official set), train the first.
    `validation = 0` gives an empty validation part. Under `resample = "init"` every seed has the
    split of seed 0. `validation = "test"` divides as 0 does.

    Raises DataError, with every fault and a table, where sizes do not add up, a part comes out
    empty, or a class is missing from train or test or too small to stand in every part.
    """
    if data.validation == "test":
        found = split(task, replace(data, validation=0), seed)
        return replace(found, validation=found.test)
    sizes = measure(task, data)
    if data.take == "first":
        found = _first(task, sizes)
        DataError.gather(torn_groups(task, (found.train, found.validation, found.test)))
    else:
        DataError.gather(_small_classes(task, sizes))
        DataError.gather(few_groups(task, sizes.validation > 0))
        drawn_by = 0 if data.resample == "init" else seed
        found = _drawn(task, sizes, drawn_by, everything=data.train == "all")
    DataError.gather(_absent_classes(task, found))
    return found


def measure(task: Task, data: Data) -> Sizes:
    """Return the sizes of the parts, fractions rounded to the nearest whole sample.

    Where samples form groups these are the sizes aimed at: whole groups come near them. Raises
    DataError where they do not add up or a part would be empty.
    """
    if data.validation == "test":
        sizes = measure(task, replace(data, validation=0))
        return replace(sizes, validation=sizes.test)
    test = _test_size(task, data, task.pool)
    left = task.pool if task.official_test else task.pool - test
    validation = _validation_size(task, data, left)
    rest = left if task.official_validation else left - validation
    train = rest if data.train == "all" else _count("train", data.train, rest)
    sizes = Sizes(train, validation, test, left)
    DataError.gather(_size_faults(task, data, sizes))
    return sizes


def faults(task: Task, data: Data) -> tuple[Fault, ...]:
    """Return what `measure` would raise; nothing where the sizes add up."""
    try:
        measure(task, data)
    except DataError as error:
        return error.faults
    return ()


def _validation_size(task: Task, data: Data, left: int) -> int:
    if not task.official_validation:
        return _count(
            "validation", OWN_SHARE if data.validation == "auto" else data.validation, left
        )
    if data.validation in ("auto", "official"):
        return task.official_validation
    raise DataError.of(
        message("data.validation: {task} brings its own validation set", task=task.name),
        mend=message("leave data.validation out: given sets are used as they are"),
    )


def _test_size(task: Task, data: Data, pool: int) -> int:
    if data.test == "auto":
        return task.official_test or _count("test", OWN_SHARE, pool)
    if data.test == "official":
        if task.official_test:
            return task.official_test
        raise DataError.of(
            message("data.test: {task} has no official test set", task=task.name),
            mend=message('write a number of samples, a fraction, or "rest"'),
        )
    if data.test == "rest":
        if not task.official_test:
            return pool - data.beside
        raise DataError.of(
            message(
                "data.test: {task} has an official test set, so there is no rest", task=task.name
            ),
            mend=message(
                'write "official" or how many of its {official:,} samples to take',
                official=task.official_test,
            ),
        )
    return _count("test", data.test, task.official_test or pool)


def _count(part: str, size: Size, of: int) -> int:
    if isinstance(size, str):
        raise DataError.of(
            message("data.{part} cannot be {size!r}", part=part, size=size),
            mend=message("write a number of samples or a fraction"),
        )
    return size if isinstance(size, int) else int(size * of + 0.5)


def _size_faults(task: Task, data: Data, sizes: Sizes) -> Iterator[Fault]:
    asked = message(
        "asked: {sizes}; {task} has {n:,} samples, {official:,} of them an official test set",
        sizes=str(sizes),
        task=task.name,
        n=len(task.targets),
        official=task.official_test,
    )
    wanted = {"train": sizes.train, "test": sizes.test, "validation": sizes.validation}
    if data.validation == 0:
        del wanted["validation"]
    for part, size in wanted.items():
        if size < 1:
            yield Fault(
                message("data.{part}: nothing is left for it", part=part),
                why=asked,
                mend=message("give the other parts fewer samples"),
            )
    asked_for = max(0, sizes.train) + (0 if task.official_validation else sizes.validation)
    over = asked_for - max(0, sizes.left)
    if over > 0:
        yield Fault(
            message(
                "data: train and validation ask for {over:,} samples more than there are", over=over
            ),
            why=asked,
            mend=message("ask for at most {left:,} together", left=max(0, sizes.left)),
        )
    most = task.official_test or len(task.targets)
    if sizes.test > most:
        yield Fault(
            message("data.test asks for {n:,} of {most:,} samples", n=sizes.test, most=most),
            why=asked,
            mend=message("ask for at most {most:,}", most=most),
        )


def _first(task: Task, sizes: Sizes) -> Split:
    n = len(task.targets)
    test = n - (task.official_test or sizes.test)
    end = n - task.official_test if task.official_validation else sizes.left
    return Split(
        train=np.arange(sizes.train, dtype=np.int64),
        validation=np.arange(end - sizes.validation, end, dtype=np.int64),
        test=np.arange(test, test + sizes.test, dtype=np.int64),
    )


def _drawn(task: Task, sizes: Sizes, seed: int, *, everything: bool) -> Split:
    n = len(task.targets)
    draws = Draws(seed).stream("split")
    drawn = [] if task.official_test else [sizes.test]
    drawn += [] if task.official_validation else [sizes.validation]
    # Of whole groups the parts before may have taken a little less: "all" is all that is left.
    wanted = task.pool if everything and task.groups is not None else sizes.train
    *others, train = _parts(task, (*drawn, wanted), draws)
    if task.official_test:
        test = np.arange(n - task.official_test, n, dtype=np.int64)
        if sizes.test < task.official_test:
            (chosen,) = _deal(_shuffled(_labels(task)[test], draws), (sizes.test,))
            test = test[0] + chosen
    else:
        test = others.pop(0)
    if task.official_validation:
        validation = np.arange(task.pool, task.pool + task.official_validation, dtype=np.int64)
    else:
        validation = others.pop(0)
    return Split(train, validation, test)


def _parts(task: Task, sizes: tuple[int, ...], draws: np.random.Generator) -> list[Index]:
    """Return parts of these sizes, drawn one after the other from the rows before given sets."""
    labels = _labels(task)[: task.pool]
    if task.groups is None:
        return _deal(_shuffled(labels, draws), sizes)
    return grouped(task.groups[: task.pool], labels, sizes, draws)


def _labels(task: Task) -> NDArray[np.generic]:
    if task.kind == "classification":
        return np.asarray(task.targets)
    return np.zeros(len(task.targets), dtype=np.int64)


def _shuffled(labels: NDArray[np.generic], draws: np.random.Generator) -> list[Index]:
    return [draws.permutation(np.flatnonzero(labels == label)) for label in np.unique(labels)]


def _deal(strata: list[Index], sizes: tuple[int, ...]) -> list[Index]:
    parts = []
    for size in sizes:
        places = interleaved(tuple(len(rows) for rows in strata), size)
        part = np.empty(size, dtype=np.int64)
        for number, rows in enumerate(strata):
            here = places == number
            part[here] = rows[: np.count_nonzero(here)]
        strata = [rows[np.count_nonzero(places == number) :] for number, rows in enumerate(strata)]
        parts.append(part)
    return parts


def _small_classes(task: Task, sizes: Sizes) -> Iterator[Fault]:
    if task.kind != "classification":
        return
    counts = np.bincount(task.targets[: task.pool], minlength=len(task.classes))
    drawn_validation = sizes.validation > 0 and not task.official_validation
    parts = 1 + drawn_validation + (task.official_test == 0)
    small = [number for number in range(len(counts)) if counts[number] < parts]
    if small:
        yield Fault(
            message(
                "data: too few samples of some classes to stand in all {parts} parts", parts=parts
            ),
            why=message(
                "samples by class: {table}",
                table=_listed(f"{task.classes[c]} {counts[c]:,}" for c in small),
            ),
            mend=message('leave these classes out, add samples, or write take = "first"'),
        )


def _absent_classes(task: Task, found: Split) -> Iterator[Fault]:
    if task.kind != "classification":
        return
    for name, part in (("train", found.train), ("test", found.test)):
        counts = np.bincount(task.targets[part], minlength=len(task.classes))
        absent = np.flatnonzero(counts == 0)
        if len(absent):
            yield Fault(
                message(
                    "data.{part}: no sample of some classes among its {n:,}", part=name, n=len(part)
                ),
                why=message(
                    "missing: {absent}; there are: {table}",
                    absent=_listed(task.classes[c] for c in absent),
                    table=_listed(
                        f"{task.classes[c]} {counts[c]:,}" for c in np.flatnonzero(counts)
                    ),
                ),
                mend=message("ask for a larger {part} part", part=name),
            )


def _listed(items: Iterable[str]) -> str:
    shown = list(items)
    return ", ".join(shown[:LISTED]) + (" …" if len(shown) > LISTED else "")
