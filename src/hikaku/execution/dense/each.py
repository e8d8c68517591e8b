"""`Each`: an optimizer that treats each number alone meets few large tensors of many trials.

What its card says with `elementwise` allows that: it may be called for any part of the parameters
by itself, and for many trials at once where its settings and its state's lone numbers are one for
each of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import torch
from torch import Tensor

from hikaku.execution.dense.rules import Block, Gradients, Numbers
from hikaku.execution.dense.segment import Segment
from hikaku.execution.stacked import numbers as mere_numbers
from hikaku.techniques.l2 import L2
from hikaku.techniques.slots import Tensors, Tree
from hikaku.training.stack import Start

WEIGHTS = "weights"
"""The name under which a technique meets numbers that decay; `REST` are those that do not."""
REST = "rest"


@dataclass
class Piece:
    """Numbers of some lanes of a segment, (lanes, …): their values, gradients, optimizer and state.

    `row` finds a trial's part among what is named as in its model, and `named` names it again.
    """

    name: str
    lanes: list[int]
    values: Tensor
    grads: Tensor
    row: Callable[[Tensors], Tensor]
    named: Callable[[Tensor], Tensors]
    optimizer: Any
    state: Tree

    def column(self, each: Tensor) -> Tensor:
        """Return a number of each of the segment's lanes as this piece needs it, (lanes, 1, 1)."""
        return each[self.lanes][:, None, None]

    def apart(self, state: Tree, like: Tree) -> Tree:
        """Return a state of the types of `like` that shares no memory with what changes."""
        live = {one.untyped_storage().data_ptr() for one in (self.values, self.grads)}
        found: Tree = {}
        for name, value in state.items():
            before = like[name]
            if isinstance(value, dict) or isinstance(before, dict):
                found[name] = self.apart(cast(Tree, value), cast(Tree, before))
                continue
            cast_value = value.to(before.dtype)
            shared = cast_value.untyped_storage().data_ptr() in live
            found[name] = cast_value.clone() if shared else cast_value
        return found


class Each(Gradients):
    """One call of the optimizer for each piece."""

    def __init__(self, segment: Segment, blocks: Sequence[Block], starts: Sequence[Start]) -> None:
        super().__init__(segment, blocks, starts)
        first, whole = segment.dense[0].weight, list(range(segment.count))
        self.pieces = [
            self._piece(*given)
            for given in (
                *((WEIGHTS, block.lanes.tolist(), block.by_lane(block.weights),
                   block.by_lane(block.beside), lambda named: named[first].T,
                   lambda row: {first: row.T}) for block in blocks),
                (WEIGHTS, whole, segment.inner[:, None], self.inner[:, None],
                 segment.inner_row, lambda row: segment.inner_named(row[0])),
                (REST, whole, segment.rest[:, None], segment.rest_grads[:, None],
                 segment.rest_row, lambda row: segment.rest_named(row[0])),
            )
            if given[2].numel()
        ]  # fmt: skip
        used = [cast(tuple[L2, ...], start.program.slots.penalty) for start in starts]
        self.penalties = [
            (
                column[0].exempt,
                torch.tensor([float(one.amount) for one in column], dtype=torch.float64),
            )
            for column in zip(*used, strict=True)
        ]

    def finish(self, numbers: Numbers, rates: Sequence[float]) -> None:
        """Add what penalties ask for, and let the optimizer move each piece."""
        every = torch.tensor(rates, dtype=torch.float64)
        facts = replace(self.starts[0].program.facts, decays=frozenset({WEIGHTS}))
        for piece in self.pieces:
            for exempt, amount in self.penalties:
                if piece.name == WEIGHTS or exempt == "none":
                    piece.grads.addcmul_(piece.values, piece.column(amount.to(piece.values.dtype)))
            given = ({piece.name: piece.grads}, piece.state, {piece.name: piece.values})
            moved, state = piece.optimizer.update(*given, piece.column(every), facts)
            piece.state = piece.apart(state, piece.state)
            piece.values.copy_(moved[piece.name])

    def state(self, lane: int) -> Tree:
        """Return the lane's state, put together from all pieces."""
        found: Tree = {}
        for piece in self.pieces:
            if lane in piece.lanes:
                found = _merged(found, _taken(piece, piece.state, piece.lanes.index(lane)))
        return found

    def _piece(
        self,
        name: str,
        lanes: list[int],
        values: Tensor,
        grads: Tensor,
        row: Callable[[Tensors], Tensor],
        named: Callable[[Tensor], Tensors],
    ) -> Piece:
        optimizer = spread([self.starts[lane].program.slots.optimizer for lane in lanes])
        state = _per_lane(optimizer.init({name: values}), len(lanes))
        piece = Piece(name, lanes, values, grads, row, named, optimizer, state)
        piece.state = state = piece.apart(state, state)
        for place, lane in enumerate(lanes):
            _fill(piece, state, self.starts[lane].state.optimizer, place)
        return piece


def spread(techniques: Sequence[Any]) -> Any:
    """Return one technique that holds each lane's numbers, (lanes, 1, 1) in float64."""
    first = techniques[0]
    each = {
        name: torch.tensor([float(getattr(one, name)) for one in techniques], dtype=torch.float64)
        for name in mere_numbers(first)
    }
    return replace(first, **{name: value[:, None, None] for name, value in each.items()})


def _per_lane(state: Tree, lanes: int) -> Tree:
    """Return an optimizer's state whose lone numbers are one for each lane, (lanes, 1, 1)."""
    found: Tree = {}
    for name, value in state.items():
        if isinstance(value, dict):
            found[name] = _per_lane(value, lanes)
        else:
            found[name] = value.repeat(lanes)[:, None, None] if value.dim() == 0 else value
    return found


def _fill(piece: Piece, state: Tree, whole: Tree, place: int) -> None:
    """Write a trial's `whole` state, as the plain engine has it, to its place in a piece's."""
    for name, value in state.items():
        there = whole[name]
        if isinstance(value, Tensor):
            value[place] = cast(Tensor, there)
        elif piece.name in value:
            cast(Tensors, value)[piece.name][place] = piece.row(cast(Tensors, there))
        else:
            _fill(piece, value, cast(Tree, there), place)


def _taken(piece: Piece, state: Tree, place: int) -> Tree:
    """Return what stands at a place of a piece's state as the plain engine has it, copies."""
    found: Tree = {}
    for name, value in state.items():
        if isinstance(value, Tensor):
            found[name] = value[place].reshape(()).clone()
        elif piece.name in value:
            named = piece.named(cast(Tensors, value)[piece.name][place])
            found[name] = {one: part.clone() for one, part in named.items()}
        else:
            found[name] = _taken(piece, value, place)
    return found


def _merged(one: Tree, other: Tree) -> Tree:
    """Return two states as one; lone numbers are the same in both."""
    found = dict(one)
    for name, value in other.items():
        before = found.get(name)
        if isinstance(value, dict) and isinstance(before, dict):
            found[name] = _merged(before, value)
        else:
            found[name] = value
    return found
