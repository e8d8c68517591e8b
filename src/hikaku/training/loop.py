"""One trial from its first update to its last reading: the step, folded over the budget."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from hikaku.draws import Draws
from hikaku.record import Reading as How
from hikaku.record import Record, Sheet
from hikaku.study.recipe import Recipe
from hikaku.techniques.slots import History, Input, Tensors
from hikaku.training.evaluate import Part, Reader
from hikaku.training.outside_random import generators, outside_random
from hikaku.training.program import Program, outside_seed
from hikaku.training.rehearsal import rehearsed
from hikaku.training.state import TrainState
from hikaku.training.step import Reading
from hikaku.training.updates import batches, is_due, updated


@dataclass(frozen=True)
class Material:
    """The data of one trial, and how it is read.

    `watched` is the fixed sample of train that is read on the way.
    """

    train: Part
    watched: Part
    validation: Part
    test: Part
    reader: Reader

    @property
    def data(self) -> tuple[Input, Tensor]:
        """Return inputs and targets to train on, the targets as the loss wants them."""
        return self.train.x, self.reader.soft(self.train.y)


@dataclass(frozen=True)
class Evaluated:
    """What was seen after `update` of `updates`: the weights, and their scores by split and metric.

    The weights are those that were read (the average where that slot is filled), never written to.
    """

    update: int
    updates: int
    weights: Tensors
    scores: dict[str, float]


@dataclass(frozen=True)
class Trained:
    """What a trial left after `step` updates; `status` is "done" or "diverged".

    `noticed` holds "outside-randomness" where something drew from a global generator.
    """

    status: Literal["done", "diverged"]
    step: int
    records: tuple[Record, ...]
    sheets: tuple[Sheet, ...]
    state: TrainState
    noticed: tuple[str, ...] = ()


@dataclass
class Course:
    """What the loop carries beside the training state; the only thing here that changes.

    `scores` are the evaluations so far, `running` the readings of the batches since the last one,
    `best` the weights of the best validation loss so far.
    """

    records: list[Record] = field(default_factory=list)
    scores: dict[str, tuple[float, ...]] = field(default_factory=dict)
    running: list[tuple[int, Reading]] = field(default_factory=list)
    best_loss: float = float("inf")
    best: Tensors | None = None

    def note(self, how: How, update: int, split: str, values: dict[str, float]) -> None:
        """Add one record per metric."""
        self.records += [Record(how, update, split, name, value) for name, value in values.items()]


def train(
    program: Program,
    state: TrainState,
    recipe: Recipe,
    material: Material,
    seed: int,
    hear: Callable[[Evaluated], None],
    limit: int | None = None,
) -> Trained:
    """Return everything that this trial measures; `hear` is told of each evaluation on the way.

    Training ends with the budget, where the stopping slot says so, or as soon as the loss, a
    weight or an evaluation is no longer finite: then the trial has diverged, which is an outcome.
    With `limit` it ends after so many updates, evaluated as at the end of the budget.
    """
    program = rehearsed(program, state, material.data, recipe.batch_size)
    # What a rehearsal of one batch does not see is seeded all the same, and noticed here.
    with outside_random(outside_seed(seed, "outside")):
        before = generators()
        trained = _trained(program, state, recipe, material, seed, hear, limit)
        moved = generators() != before
    habits = program.habits
    drawn = moved or habits.draws_in_training or habits.draws_in_evaluation
    words = {"outside-randomness": drawn, "softmax": habits.probabilities}
    return replace(trained, noticed=tuple(word for word, is_seen in words.items() if is_seen))


def _trained(
    program: Program,
    state: TrainState,
    recipe: Recipe,
    material: Material,
    seed: int,
    hear: Callable[[Evaluated], None],
    limit: int | None,
) -> Trained:
    draws, course, facts = Draws(seed), Course(), program.facts
    data = material.data
    update = 0
    plan = islice(batches(recipe, len(data[1]), facts, draws), limit)
    for update, chosen in enumerate(plan, start=1):
        index, history = torch.from_numpy(chosen), History(course.scores)
        state, read = updated(program, state, data, index, update - 1, draws, history)
        if not torch.isfinite(read.objective):
            return diverged(update, course, state)
        course.running.append((len(chosen), read))
        if update != limit and not is_due(recipe, update, facts):
            continue
        weights = evaluated(program, state)
        if not evaluate(program, weights, material, course, update):
            return diverged(update, course, state)
        latest = {name: values[-1] for name, values in course.scores.items()}
        hear(Evaluated(update, facts.steps, weights, latest))
        state, stop = judged(program, state, weights, course)
        if stop:
            break
    return finished(program, state, material, course, update)


def evaluated(program: Program, state: TrainState) -> Tensors:
    """Return the weights that are evaluated: the average where there is one."""
    averaging = program.slots.averaging
    if averaging is None:
        return state.weights
    return {**state.buffers, **averaging.finish(state.average, state.params)}


def evaluate(
    program: Program,
    weights: Tensors,
    material: Material,
    course: Course,
    update: int,
) -> bool:
    """Read train sample and validation into `course`; return whether all is finite."""
    splits = {"train": material.watched, "validation": material.validation}
    bounded = (value for name, value in weights.items() if name not in program.unbounded)
    finite = all(bool(torch.isfinite(value).all()) for value in bounded)
    for split, part in splits.items():
        if not len(part.y):
            continue
        values = material.reader.measure(program, weights, part)
        course.note("curve", update, split, values)
        finite = finite and np.isfinite(values["loss"])
        for name, value in values.items():
            key = f"{split} {name}"
            course.scores[key] = (*course.scores.get(key, ()), value)
    if course.running:
        running = mean_reading(course.running)
        if material.reader.preparation.target_mean:
            running.pop("loss", None)  # in standardized units, and every other figure is not
        course.note("running", update, "train", running)
        course.running.clear()
    loss = course.scores.get("validation loss", (float("inf"),))[-1]
    if loss < course.best_loss:
        course.best_loss, course.best = loss, dict(weights)
    return bool(finite)


def mean_reading(running: list[tuple[int, Reading]]) -> dict[str, float]:
    """Return loss, objective and accuracy over the samples of these batches, in training mode."""
    sizes = torch.tensor([float(size) for size, _ in running], dtype=torch.float64)
    found = {
        name: float((torch.stack([getattr(read, name) for _, read in running]).cpu() * sizes).sum())
        / float(sizes.sum())
        for name in ("loss", "objective", "accuracy")
    }
    return {name: value for name, value in found.items() if not np.isnan(value)}


def score_type(device: torch.device) -> torch.dtype:
    """Return the type of scores on this device: float64 where it has one."""
    return torch.float32 if device.type == "mps" else torch.float64


def judged(
    program: Program, state: TrainState, weights: Tensors, course: Course
) -> tuple[TrainState, bool]:
    """Return the state after the stopping slot saw the latest scores, and whether to stop."""
    stopping = program.slots.stopping
    if stopping is None:
        return state, False
    latest = {
        name: torch.tensor(values[-1], dtype=score_type(program.device), device=program.device)
        for name, values in course.scores.items()
    }
    stopper, stop = stopping.fold(state.stopper, latest, weights)
    return replace(state, stopper=stopper), bool(stop)


def finished(
    program: Program,
    state: TrainState,
    material: Material,
    course: Course,
    update: int,
) -> Trained:
    """Return the trial with its last readings: train, validation and test, each read once."""
    weights = evaluated(program, state)
    if program.slots.stopping is not None:
        weights = program.slots.stopping.finish(state.stopper, weights)
    sheets = read_end(program, weights, "last", material, course, update)
    if course.best is not None:
        read_end(program, course.best, "best", material, course, update)
    kept = {name: weights[name] for name in state.params}
    buffers = {name: weights[name] for name in state.buffers}
    ended = all(np.isfinite(row.value) for row in course.records if row.metric == "loss")
    return Trained(
        "done" if ended else "diverged",
        update,
        tuple(course.records),
        sheets,
        replace(state, params=kept, buffers=buffers),
    )


def read_end(
    program: Program,
    weights: Tensors,
    how: How,
    material: Material,
    course: Course,
    update: int,
) -> tuple[Sheet, ...]:
    """Read every split with these weights into `course`; return the sheets of the test split."""
    sheets: tuple[Sheet, ...] = ()
    for split in ("train", "validation", "test"):
        part: Part = getattr(material, split)
        if not len(part.y):
            continue
        outputs = material.reader.outputs(program, weights, part)
        course.note(how, update, split, material.reader.final(outputs, part))
        if split == "test":
            sheets = material.reader.sheets(outputs, part)
    return sheets


def diverged(update: int, course: Course, state: TrainState) -> Trained:
    """Return the trial as one that diverged at this update; its curve so far is kept."""
    return Trained("diverged", update, tuple(course.records), (), state)
