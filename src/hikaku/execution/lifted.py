"""The stacked engine: trials of one program, their states stacked, their updates one step lifted.

No operation runs over the lanes, so none learns of another, diverging ones included. On CPU at
one thread the bits of a trial do not depend on the stack's width, on its place or on who shares
it, for the shapes that were tested (dense 64-12-8-3 and convolutional 4-3-8-3 networks with batch
norm and dropout, in stacks of 1 to 7). That holds because a batch is handed out lane by lane (a
product of one batch with the kernels of all lanes rounds otherwise), because ghosts stand at the
end of a stack, where kernels round otherwise, and because so a stack is never of one (a grouped
convolution of one group is another kernel). It does not hold for every shape: products of small
matrices whose rows are no multiple of 16 bytes depend on where in memory they begin. So the rule
gives a stack on a processor one trial, and on a GPU, where nobody promises it, a fixed width.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils._pytree import tree_map

from hikaku.execution.graphs import Capture, Captured, cuda_graph
from hikaku.execution.lanes import Seed, seeds_of, spread
from hikaku.execution.memory_fit import is_out_of_memory
from hikaku.execution.stacked import (
    Asked,
    Lane,
    NotRehearsed,
    lifted_prediction,
    lifted_step,
    rate,
    rehearse,
    row,
    settings,
    stacked,
)
from hikaku.execution.unread import Looked, Unread
from hikaku.techniques.slots import History, Moment, Tensors
from hikaku.training.averaged import averaged
from hikaku.training.evaluate import CHUNK, Part
from hikaku.training.memory_format import chunked
from hikaku.training.placement import placed
from hikaku.training.stack import Readings, Split, Start
from hikaku.training.state import TrainState

TAIL = 64
"""So many numbers at the end of an array kernels may treat apart: four vectors of AVX-512."""


class Lifted:
    """A stack of trials that are one program; `can_lift` says whether they are.

    With a `width` the stack keeps it to the end: what no trial fills is filled with a copy of one
    that nobody hears of, and a lane that is let out is computed on unheard. Without, it shrinks.
    With `capture`, as always on a CUDA device, the update is recorded once for every size of a
    batch and replayed.
    """

    def __init__(
        self, starts: Sequence[Start], width: int | None = None, capture: Capture | None = None
    ) -> None:
        if width is not None and len(starts) > width:
            raise ValueError(f"{len(starts)} trials do not fit into a stack of {width}")
        self.starts = starts = [replace(start, state=start.now) for start in starts]
        self.lanes: Sequence[int] = tuple(range(len(starts)))
        self.program = starts[0].program
        is_cuda = self.program.device.type == "cuda"
        self.width, self.capture = width, capture or (cuda_graph if is_cuda else None)
        self.counts = {start.program.facts.class_counts for start in starts}
        self.ghosts = ghosts(starts[0].state)
        self.rows = self._filled(self.lanes)
        here = [starts[lane] for lane in self.rows]
        self.seeds, self.places = seeds_of(here, Seed)
        self.now = stacked([unstopped(start.state) for start in here])
        numbers = [settings(start.program.slots) for start in here]
        self.settings = placed(stacked(numbers), self.program.device)
        self.constants = stacked([start.program.constants for start in here])
        self.asked: dict[int, Asked] = {}
        self.captured: dict[int, Captured] = {}
        self._averaged: dict[int, Tensors] = {}

    def update(self, update: int, histories: Sequence[History]) -> Readings:
        """Make the update number `update`, from 0, in every lane."""
        self._averaged = {}
        index = [seed.index() for seed in self.seeds]
        size = len(index[0])
        rates = {
            lane: rate(
                self.starts[lane].program, self.seeds[self._place(lane)].moment(update), told
            )
            for lane, told in zip(self.lanes, histories, strict=True)
        }
        fed = {
            "index": index,
            "noise": [seed.noise(update, size) for seed in self.seeds],
            "rate": torch.tensor([rates.get(lane, 0.0) for lane in self.rows], dtype=torch.float64),
        }
        fed["rate"] = placed(fed["rate"], self.program.device)
        if size not in self.asked:
            self._rehearse(update, fed)
        try:
            read = self._updated(update, fed)
        except NotRehearsed:
            self._rehearse(update, fed)
            read = self._updated(update, fed)
        return Readings(size, *(self._heard(values) for values in read))

    def outputs(
        self, split: Split, weights: Mapping[int, Tensors] | None = None
    ) -> Mapping[int, NDArray[np.float64]]:
        """Return by lane the outputs on a split, (n, outputs), in evaluation mode."""
        if weights is None:
            rows, used = self.rows, self._evaluated()
        else:
            rows = self._filled(tuple(weights))
            used = stacked([weights[lane] for lane in rows])
        at = [self.rows.index(lane) for lane in rows]
        constants = self.constants if rows == self.rows else taken(self.constants, at)
        parts = [seed.part(split) for seed in self.seeds]
        predict = lifted_prediction(self.program)
        with torch.no_grad():
            pieces = [
                predict({"weights": used, "constants": constants, "x": x})
                for x in self._chunks(parts, [self.places[place] for place in at])
            ]
        found: NDArray[np.float64] = torch.cat(pieces, 1).cpu().to(torch.float64).numpy()
        return {lane: found[rows.index(lane)] for lane in (self.lanes if weights is None else rows)}

    def finite(self) -> Mapping[int, bool]:
        """Return by lane whether every weight that should be finite is."""
        bounded = [
            torch.isfinite(value).reshape(len(value), -1).all(1)
            for name, value in self._evaluated().items()
            if name not in self.program.unbounded
        ]
        every = torch.stack(bounded).all(0).tolist()
        return {lane: every[self.rows.index(lane)] for lane in self.lanes}

    def weights(self, lane: int) -> Tensors:
        """Return a copy of the weights that are evaluated: the average where there is one."""
        found: Tensors = cloned(self._weights(self.rows.index(lane)))
        return found

    def state(self, lane: int) -> TrainState:
        """Return a copy of the state of a lane, but for its stopper."""
        return TrainState(**cloned(row(self.now, self.rows.index(lane))))

    def drop(self, lanes: Iterable[int]) -> None:
        """Let these lanes out; without a fixed width the others move together."""
        gone = set(lanes)
        self.lanes = tuple(lane for lane in self.lanes if lane not in gone)
        if self.width or not self.lanes:
            return
        rows = self._filled(self.lanes)
        at = [self.rows.index(lane) for lane in rows]
        here = sorted({self.places[place] for place in at})
        self.places = tuple(here.index(self.places[place]) for place in at)
        self.seeds = [self.seeds[place] for place in here]
        self.now, self.settings, self.constants = (
            taken(tree, at) for tree in (self.now, self.settings, self.constants)
        )
        self.rows = rows
        self.captured, self._averaged = {}, {}

    def _filled(self, lanes: Sequence[int]) -> tuple[int, ...]:
        """Return the lanes, and the first of them again up to the width, or as ghosts."""
        more = self.width - len(lanes) if self.width else self.ghosts
        return (*lanes, *[lanes[0]] * more)

    def _heard(self, values: Tensor) -> Tensor:
        """Return what belongs to the lanes still in the stack, of (rows,) values."""
        if self.rows[: len(self.lanes)] == self.lanes:
            return values[: len(self.lanes)]
        return values[[self.rows.index(lane) for lane in self.lanes]]

    def _place(self, lane: int) -> int:
        return self.places[self.rows.index(lane)]

    def _updated(self, update: int, fed: dict[str, Any]) -> list[Tensor]:
        """Make the update; return objective, loss and accuracy of its batch, (rows,) each."""
        asked = self.asked[len(fed["index"][0])]
        fed = {**fed, "draws": [seed.drawn(asked, update) for seed in self.seeds]}
        if self.capture is not None:
            try:
                return self._replayed(fed, self.capture)
            except (Looked, RuntimeError) as error:
                if is_out_of_memory(error):
                    raise
                # What looks at the number of the step, or waits for the device, is not captured.
                self.capture, self.captured = None, {}
        self.now, read = self._made(self._moment(update), self.now, fed)
        return read

    def _replayed(self, fed: dict[str, Any], capture: Capture) -> list[Tensor]:
        size = len(fed["index"][0])
        if size not in self.captured:
            clock: dict[str, Any] = {name: Unread(name) for name in CLOCK}
            moment = replace(self._moment(0), **clock)
            self.captured[size] = Captured(
                lambda state, fed: self._made(moment, state, fed), self.now, fed, capture
            )
        return self.captured[size](fed)

    def _made(
        self, moment: Moment, state: dict[str, Any], fed: dict[str, Any]
    ) -> tuple[dict[str, Any], list[Tensor]]:
        """Return state and readings after the update that `fed` describes."""
        batches = [seed.batch(n) for seed, n in zip(self.seeds, fed["index"], strict=True)]
        after = lifted_step(self.program, moment)(
            {
                "state": state,
                "batch": spread(batches, self.places),
                "noise": spread(fed["noise"], self.places),
                "draws": spread(fed["draws"], self.places),
                "rate": fed["rate"],
                "settings": self.settings,
                "constants": self.constants,
            }
        )
        return after["state"], after["read"]

    def _moment(self, update: int) -> Moment:
        """Return the moment of all lanes: what they do not share is not to be looked at."""
        moment = self.seeds[0].moment(update)
        if len(self.counts) == 1:
            return moment
        unread = cast(Any, Unread("class_counts"))
        return replace(moment, facts=replace(moment.facts, class_counts=unread))

    def _rehearse(self, update: int, fed: dict[str, Any]) -> None:
        """Add what a step draws with a batch of this size."""
        x, y = self.seeds[0].batch(fed["index"][0])
        start = self.starts[self.rows[0]]
        lane = Lane(
            replace(start.program, constants=row(self.constants, 0)),
            TrainState(**row(self.now, 0)),
            (x, cast(Tensor, y)),
            self._moment(update),
            fed["noise"][0],
        )
        size = len(fed["index"][0])
        self.asked[size] = {**self.asked.get(size, {}), **rehearse(lane, History())}

    def _evaluated(self) -> Tensors:
        """Return the weights that are evaluated, (rows, …) each."""
        if self.program.slots.averaging is None:
            return {**self.now["buffers"], **self.now["params"]}
        found: Tensors = stacked([self._weights(place) for place in range(len(self.rows))])
        return found

    def _weights(self, place: int) -> Tensors:
        start, state = self.starts[self.rows[place]], TrainState(**row(self.now, place))
        averaging = start.program.slots.averaging
        if averaging is None:
            return state.weights
        if place not in self._averaged:
            given = (averaging, start.program, state, start.material.data)
            self._averaged[place] = averaged(*given, start.recipe.batch_size)
        return self._averaged[place]

    def _chunks(self, parts: Sequence[Part], places: Sequence[int]) -> Iterable[Any]:
        for pieces in zip(*(chunked(part.x, CHUNK) for part in parts), strict=True):
            yield spread([tree_map(lambda x: x.contiguous(), x) for x in pieces], places)


CLOCK = ("step", "epoch", "progress")
"""What a moment tells of the time, by the names of its fields."""


def ghosts(state: TrainState) -> int:
    """Return how many rows that nobody hears of follow those of the trials on a CPU, 1 or more.

    Kernels compute the last numbers of an array in another way than the rest, and round otherwise:
    up to `TAIL` numbers of what is computed for all lanes together, as an activation is. Batch
    statistics are so over lanes and channels only, which may be fewer than `TAIL` a lane.
    """
    channels = [value.numel() for value in state.buffers.values() if value.dim() == 1]
    return -(-TAIL // min([TAIL, *channels]))


def unstopped(state: TrainState) -> dict[str, Any]:
    """Return the state as a tree, without what its stopping slot holds."""
    return {item.name: getattr(state, item.name) for item in fields(state)} | {"stopper": {}}


def taken(tree: Any, places: Sequence[int]) -> Any:
    """Return a stack of what stands at these places: copies."""
    return tree_map(lambda value: value[list(places)], tree)


def cloned(tree: Any) -> Any:
    """Return a copy of a tree of tensors."""
    return tree_map(torch.clone, tree)
