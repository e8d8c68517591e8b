"""`DenseStack`: the stack of chains of dense layers that the loop drives."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from hikaku.execution.dense.arrangement import Arrangement, Part
from hikaku.execution.dense.feed import Feed
from hikaku.execution.dense.inputs import Inputs, Sparse, Whole
from hikaku.execution.dense.stages import Batch
from hikaku.execution.lanes import seeds_of
from hikaku.execution.stacked import rate
from hikaku.techniques.slots import History, Moment, Tensors
from hikaku.training.chain import Chain, Noise
from hikaku.training.evaluate import CHUNK
from hikaku.training.memory_format import chunked
from hikaku.training.program import moment_at
from hikaku.training.stack import Readings, Split, Start
from hikaku.training.state import TrainState


class DenseStack:
    """Trials whose models are chains of dense layers of equal widths, by their `chains`.

    They may differ in seed, in settings, in what stands between the layers, in loss and optimizer.
    At one thread what a lane computes does not depend, bit for bit, on who shares the stack.
    """

    def __init__(
        self, starts: Sequence[Start], chains: Sequence[Chain], *, sparse: bool = False
    ) -> None:
        starts = [replace(start, state=start.now) for start in starts]
        self.lanes: Sequence[int] = tuple(range(len(starts)))
        self.taken: Callable[[Tensor], Inputs] = Sparse if sparse else Whole
        self.dtype = next(iter(starts[0].state.params.values())).dtype
        self.starts, self.chains = dict(enumerate(starts)), dict(enumerate(chains))
        self.feeds, of = seeds_of(starts, Feed)
        self.seeds = dict(enumerate(of))
        self.now = Arrangement(self.starts, self.chains, self.seeds)

    def update(self, update: int, histories: Sequence[History]) -> Readings:
        """Make the update number `update`, from 0, in every lane."""
        used = sorted({self.seeds[lane] for lane in self.lanes})
        batches = {number: self.feeds[number].next() for number in used}
        x = {number: self.taken(batch) for number, (batch, _) in batches.items()}
        size = len(batches[used[0]][1])
        moments = self._moments(update, batches)
        rates = {
            lane: rate(self.starts[lane].program, moments[lane], history)
            for lane, history in zip(self.lanes, histories, strict=True)
        }
        self.now.first.forward([x.get(number) for number in range(len(self.feeds))], size)
        seen = torch.empty(3, 1 + max(self.lanes), dtype=torch.float64)
        for part in self.now.parts:
            seen[:, part.lanes] = self._learn(part, update, x, batches, moments, rates)
        objective, loss, accuracy = seen[:, list(self.lanes)].to(self.dtype)
        return Readings(size, objective, loss, accuracy)

    def _learn(
        self,
        part: Part,
        update: int,
        x: Mapping[int, Inputs],
        batches: Mapping[int, tuple[Tensor, Tensor]],
        moments: Mapping[int, Moment],
        rates: Mapping[int, float],
    ) -> Tensor:
        """Make the update of a part; return what was read, (3, lanes)."""
        size = len(next(iter(batches.values()))[1])
        z, way, rule = part.place(size), part.segment.way(size), part.rule
        batch, targets = self._handed(part, update, batches)
        own_rates = [rates[lane] for lane in part.lanes]
        numbers = part.numbers(own_rates)
        logits = way.forward(z, batch)
        own = [moments[lane] for lane in part.lanes]
        factor = rule.factor(numbers)
        seen = part.losses.backward(logits, way.dlogits, targets, batch.of, factor, own)
        seen = seen + part.losses.penalties(part.named)
        way.backward(z, batch, partial(rule.learn, numbers))
        rule.learn_first(x, part.first.outputs(size), numbers)
        rule.finish(numbers, own_rates)
        return seen

    def _moments(
        self, update: int, batches: Mapping[int, tuple[Tensor, Tensor]]
    ) -> dict[int, Moment]:
        found = {}
        for lane in self.lanes:
            feed = self.seeds[lane]
            program, x = self.starts[lane].program, batches[feed][0]
            found[lane] = moment_at(program, update, x, self.feeds[feed].draws)
        return found

    def _handed(
        self, part: Part, update: int, batches: Mapping[int, tuple[Tensor, Tensor]]
    ) -> tuple[Batch, Tensor]:
        """Return the noise of a part's layers and the targets, of its seeds, and whose is whose."""
        seeds = sorted(set(part.of.tolist()))
        of = np.searchsorted(seeds, part.of).astype(np.int64)
        some = part.starts[0].program
        size = len(batches[seeds[0]][1])
        noise = {
            op.path: np.stack(
                [self.feeds[n].layer_noise(some, op.path, update, size, self.dtype) for n in seeds]
            )
            for op in part.segment.chain.ops
            if isinstance(op, Noise)
        }
        return Batch(noise, of), torch.stack([batches[n][1] for n in seeds]).to(self.dtype)

    def outputs(
        self, split: Split, weights: Mapping[int, Tensors] | None = None
    ) -> Mapping[int, NDArray[np.float64]]:
        """Return by lane the outputs on a split, (n, outputs), in evaluation mode."""
        there = self.now if weights is None else self._with(weights)
        lanes = sorted(there.where)
        by_seed = {self.seeds[lane]: self.starts[lane].material.part(split).x for lane in lanes}
        found: dict[int, list[NDArray[np.float64]]] = {lane: [] for lane in lanes}
        numbers = sorted(by_seed)
        pieces = zip(*(chunked(by_seed[number], CHUNK) for number in numbers), strict=True)
        for chunks in pieces:
            x: list[Inputs | None] = [None] * len(self.feeds)
            for number, chunk in zip(numbers, chunks, strict=True):
                assert isinstance(chunk, Tensor)
                x[number] = self.taken(chunk.reshape(len(chunk), -1))
            size = len(chunks[0])
            there.first.forward(x, size)
            for part in there.parts:
                logits = part.segment.way(size).evaluate(part.place(size))
                for lane, values in zip(part.lanes, logits, strict=True):
                    # A copy in any case: the next piece is computed in the same place.
                    found[lane].append(values.to(torch.float64, copy=True).numpy())
        return {lane: np.concatenate(some) for lane, some in found.items()}

    def finite(self) -> Mapping[int, bool]:
        """Return by lane whether every weight is finite."""
        return self.now.finite()

    def weights(self, lane: int) -> Tensors:
        """Return the weights of a lane, copies."""
        part, place = self._at(lane)
        return part.weights(place)

    def state(self, lane: int) -> TrainState:
        """Return the state of a lane, but for its stopper, copies."""
        part, place = self._at(lane)
        return part.state(place)

    def drop(self, lanes: Iterable[int]) -> None:
        """Let these lanes out, and arrange the others anew."""
        gone = set(lanes)
        states = {lane: self.state(lane) for lane in self.lanes if lane not in gone}
        self.lanes = tuple(states)
        if states:
            starts = {lane: replace(self.starts[lane], state=one) for lane, one in states.items()}
            self.now = Arrangement(starts, self.chains, self.seeds)

    def _at(self, lane: int) -> tuple[Part, int]:
        return self.now.where[lane]

    def _with(self, weights: Mapping[int, Tensors]) -> Arrangement:
        """Return these lanes with these weights."""
        starts = {}
        for lane, own in weights.items():
            state = self.starts[lane].state
            params = {name: own[name] for name in state.params}
            buffers = {name: own[name] for name in state.buffers}
            starts[lane] = replace(
                self.starts[lane], state=replace(state, params=params, buffers=buffers)
            )
        return Arrangement(starts, self.chains, self.seeds)
