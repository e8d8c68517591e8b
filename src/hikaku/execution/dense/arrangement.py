"""`Arrangement`: who stands where in a stack, and the way of a batch through all of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import groupby

import numpy as np
import torch
from torch import Tensor

from hikaku.execution.dense.each import Each
from hikaku.execution.dense.first import First, Spot
from hikaku.execution.dense.losses import Losses
from hikaku.execution.dense.own import Own, pieces
from hikaku.execution.dense.place import Place
from hikaku.execution.dense.rules import (
    Block,
    Descent,
    Numbers,
    Rolling,
    Rule,
    numbers_of,
    rank,
)
from hikaku.execution.dense.segment import Segment
from hikaku.techniques.cross_entropy import CrossEntropy
from hikaku.techniques.label_smoothing import LabelSmoothing
from hikaku.techniques.slots import Tensors
from hikaku.training.chain import Chain, Dense
from hikaku.training.finite import is_finite
from hikaku.training.stack import Start
from hikaku.training.state import TrainState


class Part:
    """A segment in the stack: its lanes, where they stand in the first layer, and their rule."""

    def __init__(
        self,
        first: First,
        chain: Chain,
        lanes: Sequence[int],
        starts: Sequence[Start],
        spots: Sequence[Spot],
    ) -> None:
        self.first, self.lanes, self.starts, self.spots = first, lanes, starts, spots
        self._places: dict[int, Place] = {}
        self._numbers: tuple[list[float], Numbers] | None = None
        self.segment = Segment(chain, len(lanes), first.dtype)
        self.of = np.array([spot.seed for spot in spots], np.int64)
        self.losses = Losses(self.segment, starts)
        weight = self.segment.dense[0].weight
        for place, (start, spot) in enumerate(zip(starts, spots, strict=True)):
            state = start.state
            first.lane(spot)[:] = state.params[weight].T
            self.segment.fill(place, state.params, state.buffers, start.program.constants)

    def place(self, rows: int) -> Place:
        """Return where its lanes' outputs of the first layer are."""
        if rows not in self._places:
            self._places[rows] = self.first.place(self.spots, rows)
        return self._places[rows]

    def numbers(self, rates: list[float]) -> Numbers:
        """Return the numbers of an update, given the rates of its lanes' schedules."""
        if self._numbers is None or self._numbers[0] != rates:
            self._numbers = rates, numbers_of(self.starts, rates, self.first.dtype)
        return self._numbers[1]

    @cached_property
    def rule(self) -> Rule:
        """How its weights follow their gradients."""
        slots = self.starts[0].program.slots
        which = rank(slots)
        beside = self.first.like_weights if which else None
        blocks = [self._block(seed, places, beside) for seed, places in self._seeds()]
        l2, decays = bool(slots.penalty), bool(slots.project)
        if which == 0:
            return Descent(self.segment, blocks, decays=decays, l2=l2)
        if which == 1:
            return Rolling(self.segment, blocks, self.starts, decays=decays, l2=l2)
        if which == 2:
            return Each(self.segment, blocks, self.starts)
        return Own(self.segment, blocks, self.starts, (self.named, self.params))

    def _seeds(self) -> list[tuple[int, list[int]]]:
        """Return each seed with the places of its lanes in the segment; they stand side by side."""
        numbered = enumerate(self.spots)
        groups = groupby(numbered, key=lambda one: one[1].seed)
        return [(seed, [place for place, _ in some]) for seed, some in groups]

    def _block(self, seed: int, places: list[int], beside: list[Tensor] | None) -> Block:
        begin = self.spots[places[0]].column
        ends = (seed, begin, begin + len(places))
        weights = self.first.block(*ends)
        near = weights.new_empty(0) if beside is None else self.first.block(*ends, beside)
        return Block(seed, begin, torch.tensor(places), weights, near, self.first.units)

    def params(self, lane: int) -> Tensors:
        """Return the parameters of a lane of the segment by name: views of them."""
        segment = self.segment
        return segment.params(lane, self.first.lane(self.spots[lane]), segment.inner, segment.rest)

    def weights(self, lane: int) -> Tensors:
        """Return parameters and buffers of a lane of the segment, copies."""
        return self.named(lane) | self.segment.buffers(lane)

    def named(self, lane: int) -> Tensors:
        """Return copies of them in the order in which the trial has them, each in one piece.

        A sum over a piece adds in one order; over a view it may hang on who stands beside it.
        """
        return pieces(self.params(lane), self.starts[lane].state.params)

    def state(self, lane: int) -> TrainState:
        """Return the state of a lane of the segment, but for its stopper."""
        return TrainState(self.named(lane), self.segment.buffers(lane), self.rule.state(lane))

    def finite(self, lane: int) -> bool:
        """Return whether all weights of a lane of the segment are finite."""
        figures = (value[lane] for value in self.segment.figures.values())
        held = (*self.params(lane).values(), *figures)
        return all(map(is_finite, held))


class Arrangement:
    """The parts of a stack, for the lanes of `starts`; `seeds` gives the number of each's seed."""

    def __init__(
        self, starts: Mapping[int, Start], chains: Mapping[int, Chain], seeds: Mapping[int, int]
    ) -> None:
        some = next(iter(starts.values()))
        dtype = next(iter(some.state.params.values())).dtype
        kinds = {lane: _kind(chains[lane], start) for lane, start in starts.items()}
        order = sorted(starts, key=lambda lane: (kinds[lane], seeds[lane], lane))
        # Within a seed, what is updated in one way stands together.
        spots, widths = {}, [0] * (1 + max(seeds[lane] for lane in starts))
        for lane in order:
            spots[lane] = Spot(seeds[lane], widths[seeds[lane]])
            widths[seeds[lane]] += 1
        dense = next(op for op in chains[order[0]].ops if isinstance(op, Dense))
        self.first = First(dense.inputs, dense.outputs, widths, dtype)
        self.parts = [
            Part(
                self.first,
                chains[lanes[0]],
                lanes,
                [starts[lane] for lane in lanes],
                [spots[lane] for lane in lanes],
            )
            for _, group in groupby(order, key=kinds.__getitem__)
            for lanes in [list(group)]
        ]
        self.where = {
            lane: (part, place) for part in self.parts for place, lane in enumerate(part.lanes)
        }

    def finite(self) -> dict[int, bool]:
        """Return by lane whether every weight is finite."""
        inner = (held for part in self.parts for held in part.segment.held)
        if all(map(is_finite, (*self.first.weights, *inner))):
            return dict.fromkeys(self.where, True)
        return {lane: part.finite(place) for lane, (part, place) in self.where.items()}


def _kind(chain: Chain, start: Start) -> tuple[int, str]:
    """Return what the lanes of a part have in common: rule, structure, kinds of techniques."""
    slots = start.program.slots
    which = rank(slots)
    cross_entropy = type(slots.loss) in (CrossEntropy, LabelSmoothing)
    words = [repr(chain), str(cross_entropy)]
    if which < 2:
        words += [str(bool(slots.penalty)), str(bool(slots.project))]
    if which == 2:
        used = (slots.optimizer, *slots.penalty)
        words += [type(one).__qualname__ + str(getattr(one, "exempt", "")) for one in used]
    return which, " ".join(words)
