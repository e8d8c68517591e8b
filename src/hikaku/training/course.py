"""`Course`: what one trial has shown so far, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from hikaku.record import Sheet
from hikaku.records import Reading as How
from hikaku.records import Record
from hikaku.techniques.slots import Tensors, Tree
from hikaku.training.snapshot import Snapshot
from hikaku.training.stack import Readings, Split, Stack, Start, Trained
from hikaku.training.state import TrainState

WATCHED: tuple[tuple[Split, str], ...] = (("watched", "train"), ("validation", "validation"))
"""What is read at an evaluation, and the split that its records are filed under."""

READ = ("objective", "loss", "accuracy")
"""What is read of every batch, in the order of `Readings`."""

Outputs = NDArray[np.float64]


@dataclass
class Course:
    """What the loop carries for one trial beside its training state.

    `scores` are the evaluations so far, `best` the weights of the best validation loss so far,
    `stopper` the state of its stopping slot.
    """

    start: Start
    stopper: Tree
    records: list[Record] = field(default_factory=list)
    scores: dict[str, tuple[float, ...]] = field(default_factory=dict)
    best_loss: float = float("inf")
    best: Tensors | None = None
    sheets: tuple[Sheet, ...] = ()

    @classmethod
    def of(cls, start: Start) -> Self:
        """Return the course of a trial that starts, or goes on, here."""
        course = cls(start, start.now.stopper)
        for record in start.snapshot.records if start.snapshot else ():
            course.records.append(record)
            if record.reading == "curve":
                course._score(record.split, record.metric, record.value)
                if (record.split, record.metric) == ("validation", "loss"):
                    course._is_best(record.value)
        if start.snapshot:
            course.best = start.snapshot.best
        return course

    def snapshot(self, stack: Stack, lane: int, update: int, running: Running) -> Snapshot:
        """Return the trial as it stands after this update."""
        state = replace(stack.state(lane), stopper=self.stopper)
        records = tuple(self.records)
        return Snapshot(update, state, records, self.best, running.of_lane(lane))

    def note(self, how: How, update: int, split: str, values: dict[str, float]) -> None:
        """Add one record per metric."""
        self.records += [Record(how, update, split, name, value) for name, value in values.items()]

    def read(self, split: Split, named: str, outputs: Outputs, update: int) -> bool:
        """Add the evaluation of one split on the way; return whether its loss is finite."""
        material = self.start.material
        values = material.reader.values(outputs, material.part(split))
        self.note("curve", update, named, values)
        for name, value in values.items():
            self._score(named, name, value)
        return bool(np.isfinite(values["loss"]))

    def ran(self, how: How, values: dict[str, float], update: int) -> None:
        """Add what batches gave in training mode: their mean since the last evaluation, or one."""
        if self.start.material.reader.preparation.target_mean:
            values.pop("loss", None)  # in standardized units, and every other figure is not
        self.note(how, update, "train", values)

    def keep_best(self, stack: Stack, lane: int) -> None:
        """Keep the weights where the validation loss is the best so far."""
        loss = self.scores.get("validation loss", (float("inf"),))[-1]
        if self._is_best(loss):
            self.best = dict(stack.weights(lane))

    def _score(self, split: str, metric: str, value: float) -> None:
        key = f"{split} {metric}"
        self.scores[key] = (*self.scores.get(key, ()), value)

    def _is_best(self, loss: float) -> bool:
        """Return whether this validation loss is the best so far, which is then remembered."""
        if not loss < self.best_loss:
            return False
        self.best_loss = loss
        return True

    def ends_best(self, ended: Tensors) -> bool:
        """Return whether the weights that it ends with are the best ones, to the bit."""
        best = self.best or {}
        return best.keys() == ended.keys() and all(
            value is ended[name] or torch.equal(value, ended[name]) for name, value in best.items()
        )

    @property
    def latest(self) -> dict[str, float]:
        """The scores of the last evaluation."""
        return {name: values[-1] for name, values in self.scores.items()}

    def stops(self, stack: Stack, lane: int) -> bool:
        """Show the stopping slot the latest scores; return whether it says to stop."""
        program = self.start.program
        stopping = program.slots.stopping
        if stopping is None:
            return False
        latest = {
            name: torch.tensor(value, dtype=score_type(program.device), device=program.device)
            for name, value in self.latest.items()
        }
        self.stopper, stop = stopping.fold(self.stopper, latest, stack.weights(lane))
        return bool(stop)

    def read_end(self, how: How, split: Split, outputs: Outputs, update: int) -> dict[str, float]:
        """Add the reading of one split at the end, and what is kept of the test split as such."""
        reader, part = self.start.material.reader, self.start.material.part(split)
        values = reader.final(outputs, part)
        self.note(how, update, split, values)
        if split == "test" and how == "last":
            self.sheets = reader.sheets(outputs, part)
        return values

    def done(self, state: TrainState, weights: Tensors, update: int) -> Trained:
        """Return the trial as it has ended with these weights."""
        ended = all(np.isfinite(row.value) for row in self.records if row.metric == "loss")
        kept = replace(
            state,
            params={name: weights[name] for name in state.params},
            buffers={name: weights[name] for name in state.buffers},
            stopper=self.stopper,
        )
        return Trained(
            "done" if ended else "diverged", update, tuple(self.records), self.sheets, kept
        )

    def diverged(self, state: TrainState, update: int) -> Trained:
        """Return the trial as one that diverged at this update; its curve so far is kept."""
        state = replace(state, stopper=self.stopper)
        return Trained("diverged", update, tuple(self.records), (), state)


def score_type(device: torch.device) -> torch.dtype:
    """Return the type of scores on this device: float64 where it has one."""
    return torch.float32 if device.type == "mps" else torch.float64


@dataclass
class Running:
    """The readings of the batches since the last evaluation, of all lanes of a stack."""

    seen: list[tuple[Readings, tuple[int, ...]]] = field(default_factory=list)

    @classmethod
    def of(cls, starts: Sequence[Start]) -> Self:
        """Return what was read before these trials were interrupted; nothing of new ones."""
        found = [start.snapshot.running for start in starts if start.snapshot]
        if not found or not found[0]:
            return cls()
        columns = [torch.stack([one[name] for one in found], dim=1) for name in READ]
        rows = zip(found[0]["size"].tolist(), *columns, strict=True)
        return cls([(Readings(*row), tuple(range(len(starts)))) for row in rows])

    def of_lane(self, lane: int) -> Tensors:
        """Return what was read of one lane, (batches,) by name, as `of` takes it."""
        if not self.seen:
            return {}
        columns = {
            name: torch.cat([_of(getattr(one, name), before, (lane,)) for one, before in self.seen])
            for name in READ
        }
        return columns | {"size": torch.tensor([one.size for one, _ in self.seen])}

    def add(self, readings: Readings, lanes: Sequence[int]) -> None:
        """Add a batch's readings, and which lanes they are of."""
        self.seen.append((readings, tuple(lanes)))

    def last(self, lanes: Sequence[int]) -> dict[int, dict[str, float]]:
        """Return the last batch's figures by lane and name, without NaN."""
        return _means(self.seen[-1:], lanes)

    def taken(self, lanes: Sequence[int]) -> dict[int, dict[str, float]]:
        """Return the means over the samples by lane and name, without NaN, and begin anew."""
        found = _means(self.seen, lanes)
        self.seen = []
        return found


def _means(
    seen: Sequence[tuple[Readings, tuple[int, ...]]], lanes: Sequence[int]
) -> dict[int, dict[str, float]]:
    if not seen:
        return {}
    sizes = torch.tensor([one.size for one, _ in seen], dtype=torch.float64)
    found: dict[int, dict[str, float]] = {lane: {} for lane in lanes}
    for name in ("loss", "objective", "accuracy"):
        batches = [_of(getattr(one, name), before, lanes) for one, before in seen]
        for lane, row in zip(lanes, torch.stack(batches, dim=1).cpu() * sizes, strict=True):
            mean = float(row.sum()) / float(sizes.sum())
            if not np.isnan(mean):
                found[lane][name] = mean
    return found


def _of(values: Tensor, before: Sequence[int], lanes: Sequence[int]) -> Tensor:
    """Return the values of these lanes, out of those of all that there were before."""
    if tuple(lanes) == before:
        return values
    return values[torch.tensor([before.index(lane) for lane in lanes], device=values.device)]
