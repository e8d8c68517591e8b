"""`Own`: whatever no other rule knows, lane by lane, as the plain step calls it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import torch

from hikaku.execution.dense.rules import Block, Gradients, Numbers, beside_of
from hikaku.execution.dense.segment import Segment
from hikaku.techniques.slots import Facts, Penalty, Tensors, Tree
from hikaku.training.stack import Start


class Own(Gradients):
    """The techniques' own functions, lane by lane, as the plain step calls them.

    `params` are two functions: of a lane's parameters, each in one piece, and where they are kept.
    """

    def __init__(
        self,
        segment: Segment,
        blocks: Sequence[Block],
        starts: Sequence[Start],
        params: tuple[Callable[[int], Tensors], Callable[[int], Tensors]],
    ) -> None:
        super().__init__(segment, blocks, starts)
        self.params, self.views = params
        self.states = [start.state.optimizer for start in starts]

    def finish(self, numbers: Numbers, rates: Sequence[float]) -> None:
        """Clip, update and project each lane."""
        for lane, (start, rate) in enumerate(zip(self.starts, rates, strict=True)):
            slots, facts = start.program.slots, start.program.facts
            params, first = self.params(lane), beside_of(self.blocks, lane)
            given = self.segment.params(lane, first, self.inner, self.segment.rest_grads)
            grads = pieces(given, params)
            for penalty in slots.penalty:
                grads = _with_penalty(grads, penalty, params, facts)
            for clip in slots.clip:
                grads = clip.clip(grads, params)
            moved, self.states[lane] = slots.optimizer.update(
                grads, self.states[lane], params, rate, facts
            )
            for project in slots.project:
                moved = project.project(moved, rate, facts)
            for name, value in self.views(lane).items():
                value.copy_(moved[name])

    def state(self, lane: int) -> Tree:
        """Return what the optimizer keeps."""
        return self.states[lane]


def pieces(named: Tensors, order: Iterable[str]) -> Tensors:
    """Return copies in this order, each in one piece: what a technique keeps stays as it was."""
    return {name: named[name].clone(memory_format=torch.contiguous_format) for name in order}


def _with_penalty(grads: Tensors, penalty: Penalty, params: Tensors, facts: Facts) -> Tensors:
    """Return the gradients with those of a penalty."""
    with torch.enable_grad():
        leaves = {name: value.detach().requires_grad_() for name, value in params.items()}
        value = penalty.penalty(leaves, {}, facts)
        found = torch.autograd.grad(value, list(leaves.values()), materialize_grads=True)
    return {name: grads[name] + one for name, one in zip(leaves, found, strict=True)}
