"""Splitting by groups: all samples of one patient, session or author stay in one part.

Samples of one group are alike; a model tested on a group that it has seen looks better than it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from hikaku.data.task import Task
from hikaku.errors import Fault
from hikaku.words import message

Index = NDArray[np.int64]


def grouped(
    groups: Index, labels: NDArray[np.generic], sizes: Sequence[int], draws: np.random.Generator
) -> list[Index]:
    """Return parts of about these sizes, made of whole groups, in random order.

    `groups` and `labels` are (n,). The parts are filled one after the other: of the next few
    groups in random order, the one comes in that brings the part's shares of the classes nearest
    to the whole's, until another group would take the part further from its size than it is. The
    last part takes the groups that are left, up to its size. A smaller last part is a prefix of
    a larger one.
    """
    _, labels_of = np.unique(labels, return_inverse=True)
    names, members = np.unique(groups, return_inverse=True)
    table = np.zeros((len(names), int(labels_of.max()) + 1), np.int64)
    np.add.at(table, (members, labels_of), 1)
    waiting = list(draws.permutation(len(names)))
    shares = table.sum(0) / table.sum()
    parts = []
    for number, size in enumerate(sizes):
        last = number == len(sizes) - 1
        chosen = _taken(waiting, table, shares, size, at_most=last)
        rows = [draws.permutation(np.flatnonzero(members == group)) for group in chosen]
        parts.append(np.concatenate([np.empty(0, np.int64), *rows]))
    return parts


LOOK_AHEAD = 8
"""Among so many waiting groups the best is taken; more would make the draw less random."""


def _taken(
    waiting: list[int], table: Index, shares: NDArray[np.float64], size: int, *, at_most: bool
) -> list[int]:
    """Return the groups of one part, and take them out of `waiting`."""
    chosen: list[int] = []
    have = np.zeros(table.shape[1])
    while waiting and have.sum() < size:
        near = waiting[:LOOK_AHEAD]
        after = have + table[near]
        away = np.abs(after / after.sum(1, keepdims=True) - shares).sum(1)
        best = near[int(away.argmin())]
        total = have.sum() + table[best].sum()
        if total > size and (at_most or (chosen and total - size > size - have.sum())):
            break
        chosen.append(best)
        waiting.remove(best)
        have += table[best]
    return chosen


def few_groups(task: Task, validated: bool) -> Iterator[Fault]:
    """Yield what is wrong where there are fewer groups than parts to deal them out to."""
    if task.groups is None:
        return
    parts = 1 + (validated and not task.official_validation) + (task.official_test == 0)
    count = len(np.unique(task.groups[: task.pool]))
    if count < parts:
        yield Fault(
            message(
                "data: {count} groups cannot be dealt out to {parts} parts",
                count=count,
                parts=parts,
            ),
            why=message("all samples of one group stand in one part"),
            mend=message("give more groups, or leave `groups` out"),
        )


def torn_groups(task: Task, parts: Sequence[Index]) -> Iterator[Fault]:
    """Yield what is wrong where one group stands in two parts."""
    if task.groups is None:
        return
    seen = [set(task.groups[part][task.groups[part] >= 0].tolist()) for part in parts]
    torn = (seen[0] & seen[1]) | (seen[0] & seen[2]) | (seen[1] & seen[2])
    if torn:
        yield Fault(
            message("data: {count:,} groups stand in two parts", count=len(torn)),
            why=message('take = "first" cuts by the order of the samples'),
            mend=message('write take = "stratified": it keeps groups together'),
        )
