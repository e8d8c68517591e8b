"""THE loop: a stack of trials from the first update to the last reading.

Training ends with the budget, where the stopping slot says so, or as soon as a loss, a weight or
an evaluation is no longer finite: then the trial has diverged, which is an outcome.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from hikaku.records import Reading as How
from hikaku.techniques.slots import History, Tensors
from hikaku.training.course import WATCHED, Course, Running
from hikaku.training.saving import NEVER, Saving
from hikaku.training.stack import Evaluated, Split, Stack, Start, Trained
from hikaku.training.updates import is_due

Hear = Callable[[int, Evaluated], None]
"""Is told of each evaluation on the way, with the number of the lane."""

END: tuple[Split, ...] = ("train", "validation", "test")
"""The splits that are read at the end, each once."""


def train(
    stack: Stack,
    starts: Sequence[Start],
    hear: Hear,
    limit: int | None = None,
    saving: Saving = NEVER,
) -> Iterator[tuple[int, Trained]]:
    """Yield each trial of the stack, by the number of its lane, as soon as it has ended.

    `starts` are the trials in the order of the lanes; those that go on where they were interrupted
    have all made as many updates. With `limit` training ends after so many updates, evaluated as
    at the end of the budget. `saving` is asked after every update whether to save them.
    """
    courses = [Course.of(start) for start in starts]
    recipe, facts = starts[0].recipe, starts[0].program.facts
    last = facts.steps if limit is None else min(facts.steps, limit)
    running, update = Running.of(starts), starts[0].update
    while stack.lanes and update < last:
        update += 1
        read = stack.update(update - 1, [History(courses[n].scores) for n in stack.lanes])
        running.add(read, stack.lanes)
        yield from _diverged(stack, courses, _infinite(read.objective, stack.lanes), update)
        is_read = update != limit and is_due(recipe, update, facts)
        if is_read and stack.lanes:
            if starts[0].material.reader.batch:
                for lane, values in running.last(stack.lanes).items():
                    courses[lane].ran("batch", values, update)
            means = running.taken(stack.lanes)
            yield from _read_on_the_way(stack, courses, means, update, hear)
        if update < last and saving.is_due(update, is_read) and stack.lanes:
            saving.save({n: courses[n].snapshot(stack, n, update, running) for n in stack.lanes})
    yield from _finished(stack, courses, stack.lanes, update)


def _read_on_the_way(
    stack: Stack,
    courses: Sequence[Course],
    means: Mapping[int, dict[str, float]],
    update: int,
    hear: Hear,
) -> Iterator[tuple[int, Trained]]:
    """Evaluate every lane and tell of it; yield those that have diverged or are to stop."""
    yield from _diverged(stack, courses, _evaluated(stack, courses, means, update), update)
    for lane in stack.lanes:
        course, weights = courses[lane], partial(stack.weights, lane)
        hear(lane, Evaluated(update, course.start.program.facts.steps, course.latest, weights))
    stopped = [lane for lane in stack.lanes if courses[lane].stops(stack, lane)]
    yield from _finished(stack, courses, stopped, update)


def _infinite(objective: Tensor, lanes: Sequence[int]) -> list[int]:
    """Return the lanes whose objective, (lanes,), is not finite."""
    finite = torch.isfinite(objective)
    if finite.all():
        return []
    return [lane for lane, is_finite in zip(lanes, finite.tolist(), strict=True) if not is_finite]


def _evaluated(
    stack: Stack, courses: Sequence[Course], means: Mapping[int, dict[str, float]], update: int
) -> list[int]:
    """Read train sample and validation into every course; return the lanes that diverged."""
    finite = dict(stack.finite())
    for split, named in WATCHED:
        for lane, outputs in _read(stack, courses, split).items():
            finite[lane] &= courses[lane].read(split, named, outputs, update)
    for lane in stack.lanes:
        if lane in means:
            courses[lane].ran("running", means[lane], update)
        courses[lane].keep_best(stack, lane)
    return [lane for lane in stack.lanes if not finite[lane]]


def _read(
    stack: Stack,
    courses: Sequence[Course],
    split: Split,
    weights: Mapping[int, Tensors] | None = None,
) -> Mapping[int, NDArray[np.float64]]:
    """Return what the stack outputs on a split; nothing where nobody has such samples."""
    lanes = stack.lanes if weights is None else weights
    if not any(len(courses[lane].start.material.part(split).y) for lane in lanes):
        return {}
    return stack.outputs(split, weights)


def _diverged(
    stack: Stack, courses: Sequence[Course], lanes: Sequence[int], update: int
) -> Iterator[tuple[int, Trained]]:
    """Yield these lanes as diverged, and let them out."""
    for lane in lanes:
        yield lane, courses[lane].diverged(stack.state(lane), update)
    if lanes:
        stack.drop(lanes)


def _finished(
    stack: Stack, courses: Sequence[Course], lanes: Sequence[int], update: int
) -> Iterator[tuple[int, Trained]]:
    """Yield these lanes with their last readings: every split, read once; and let them out."""
    lanes = tuple(lanes)
    if not lanes:
        return
    ended = {lane: _ended(stack, courses[lane], lane) for lane in lanes}
    stopping = any(courses[lane].start.program.slots.stopping for lane in lanes)
    present = None if lanes == tuple(stack.lanes) and not stopping else ended
    last = _read_end(stack, courses, "last", present, update)
    best = {lane: found for lane in lanes if (found := courses[lane].best) is not None}
    same = [lane for lane in best if courses[lane].ends_best(ended[lane])]
    for lane in same:
        del best[lane]
        for split, values in last[lane].items():
            courses[lane].note("best", update, split, values)
    if best:
        _read_end(stack, courses, "best", best, update)
    for lane in lanes:
        yield lane, courses[lane].done(stack.state(lane), ended[lane], update)
    stack.drop(lanes)


def _read_end(
    stack: Stack,
    courses: Sequence[Course],
    how: How,
    weights: Mapping[int, Tensors] | None,
    update: int,
) -> dict[int, dict[Split, dict[str, float]]]:
    """Read every split at the end into the courses; return the figures by lane and split."""
    found: dict[int, dict[Split, dict[str, float]]] = defaultdict(dict)
    for split in END:
        for lane, outputs in _read(stack, courses, split, weights).items():
            found[lane][split] = courses[lane].read_end(how, split, outputs, update)
    return found


def _ended(stack: Stack, course: Course, lane: int) -> Tensors:
    """Return the weights that a trial ends with."""
    weights, stopping = stack.weights(lane), course.start.program.slots.stopping
    return weights if stopping is None else stopping.finish(course.stopper, weights)
