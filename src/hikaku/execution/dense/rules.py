"""How weights follow their gradients, for all lanes of a segment.

    Descent    SGD: the step is made by the product of matrices that gives the gradient
    Rolling    momentum: that product adds to the velocity
    Each       an optimizer that treats each number alone: in few large tensors (`each.py`)
    Own        anything else: lane by lane, by the techniques' own functions (`own.py`)

The first two know an L2 penalty and decoupled decay of the weights, the third an L2 penalty.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, cast

import torch
from torch import Tensor

from hikaku.execution.dense.inputs import Inputs
from hikaku.execution.dense.segment import Segment
from hikaku.techniques import registry
from hikaku.techniques.decoupled_decay import DecoupledDecay
from hikaku.techniques.l2 import L2
from hikaku.techniques.momentum import Momentum
from hikaku.techniques.sgd import SGD
from hikaku.techniques.slots import Tensors, Tree
from hikaku.training.stack import Start
from hikaku.training.step import Slots

Batches = Mapping[int, Inputs]
"""The batch of each seed by its number, (rows, inputs)."""


def rank(slots: Slots) -> int:
    """Return which rule a trial follows: 0 Descent, 1 Rolling, 2 Each, 3 Own."""
    only_l2 = all(type(one) is L2 and not one.at for one in slots.penalty) and not slots.clip
    if not only_l2:
        return 3
    plain = all(one.exempt == "norms-and-biases" for one in slots.penalty if type(one) is L2)
    decays = all(
        type(one) is DecoupledDecay and one.exempt == "norms-and-biases" for one in slots.project
    )
    if plain and decays and type(slots.optimizer) in (SGD, Momentum):
        return 0 if isinstance(slots.optimizer, SGD) else 1
    card = registry.card_of(slots.optimizer)
    return 2 if card is not None and card.elementwise and not slots.project else 3


@dataclass(frozen=True)
class Numbers:
    """Per-lane numbers of one update, (lanes,) in the weights' type."""

    size: Tensor
    """lr times the schedule's rate."""
    l2: Tensor
    decay: Tensor
    """The share that decoupled decay takes, all of its techniques together."""
    momentum: Tensor


def numbers_of(starts: Sequence[Start], rates: Sequence[float], dtype: torch.dtype) -> Numbers:
    """Return the numbers of an update, from the lanes' techniques and their schedules' rates."""
    columns: list[tuple[float, float, float, float]] = []
    for start, rate in zip(starts, rates, strict=True):
        slots = start.program.slots
        size = float(getattr(slots.optimizer, "lr", 1.0)) * rate
        left = 1.0
        for one in slots.project:
            left *= 1 - size * float(one.amount) if type(one) is DecoupledDecay else 1
        l2 = sum(float(one.amount) for one in slots.penalty if type(one) is L2)
        columns.append((size, l2, 1 - left, float(getattr(slots.optimizer, "momentum", 0.0))))
    return Numbers(*torch.tensor(columns, dtype=torch.float64).to(dtype).T.contiguous())


@dataclass(frozen=True)
class Block:
    """Lanes of one segment that stand side by side in the first layer under one seed.

    `weights` and what lies beside them (the velocity or the gradient; nothing for `Descent`) are
    (inputs, lanes · columns), from the lane `begin` of the seed on, and the first `units` columns
    of a lane are in use; `lanes` numbers them in the segment.
    """

    seed: int
    begin: int
    lanes: Tensor
    weights: Tensor
    beside: Tensor
    units: int

    @property
    def columns(self) -> int:
        """The columns of a lane."""
        return self.weights.shape[1] // len(self.lanes)

    def spread(self, each: Tensor) -> Tensor:
        """Return a number of each of the segment's lanes for each column, (lanes · columns,)."""
        return each[self.lanes].repeat_interleave(self.columns)

    def learn(
        self, x: Batches, dz: Sequence[Tensor], of: Tensor, alpha: float = 1.0, beta: float = 1.0
    ) -> None:
        """Make `of`, which lies as the weights do, beta · of + alpha · (the gradient).

        `dz` are the gradients at the outputs of each seed.
        """
        begin = self.begin * self.columns
        part = dz[self.seed][:, begin : begin + self.weights.shape[1]]
        x[self.seed].gradient(part, of, self.columns, alpha, beta)

    def by_lane(self, whole: Tensor) -> Tensor:
        """Return what lies as the weights do by lane, (lanes, inputs, units): a view."""
        lanes = whole.view(len(whole), len(self.lanes), self.columns)
        return lanes[:, :, : self.units].transpose(0, 1)


class Rule(Protocol):
    """What becomes of gradients, in the order of the way back; the first layer comes last."""

    def factor(self, numbers: Numbers) -> Tensor:
        """Return by lane what the gradient of the loss is multiplied with, (lanes,)."""
        ...

    def learn(self, numbers: Numbers, layer: int, h: Tensor, dz: Tensor) -> None:
        """Hear what a layer behind the first learns from: (lanes, rows, inputs and outputs)."""
        ...

    def learn_first(self, x: Batches, dz: Sequence[Tensor], numbers: Numbers) -> None:
        """Hear what the first layer learns from: by seed, (rows, inputs) and (rows, columns)."""
        ...

    def finish(self, numbers: Numbers, rates: Sequence[float]) -> None:
        """Bring the update to its end."""
        ...

    def state(self, lane: int) -> Tree:
        """Return the state of a lane's optimizer as the plain engine has it, a copy."""
        ...


class Descent:
    """w ← (1 − decay)(w·(1 − lr·λ) − lr·g): gradients arrive times lr."""

    def __init__(self, segment: Segment, blocks: Sequence[Block], *, decays: bool, l2: bool):
        self.segment, self.blocks, self.decays, self.l2 = segment, blocks, decays, l2

    def factor(self, numbers: Numbers) -> Tensor:
        """Return lr · rate."""
        return numbers.size

    def learn(self, numbers: Numbers, layer: int, h: Tensor, dz: Tensor) -> None:
        """Subtract the gradient as it is computed."""
        weights = self.segment.weights[layer]
        if self.l2:
            weights.mul_((1 - numbers.size * numbers.l2)[:, None, None])
        weights.baddbmm_(h.transpose(1, 2), dz, alpha=-1)

    def learn_first(self, x: Batches, dz: Sequence[Tensor], numbers: Numbers) -> None:
        """Subtract the gradient as it is computed."""
        for block in self.blocks:
            if self.l2:
                block.weights.mul_(block.spread(1 - numbers.size * numbers.l2))
            block.learn(x, dz, block.weights, alpha=-1)

    def finish(self, numbers: Numbers, rates: Sequence[float]) -> None:
        """Subtract the gradients of biases and norms, and decay the weights."""
        self.segment.rest.sub_(self.segment.rest_grads)
        if self.decays:
            _decay(self.segment, self.blocks, numbers)

    def state(self, lane: int) -> Tree:
        """Return nothing: there is none."""
        return {}


class Rolling:
    """v ← μv + g + λw; w ← (1 − decay)(w − lr·v)."""

    def __init__(
        self,
        segment: Segment,
        blocks: Sequence[Block],
        starts: Sequence[Start],
        *,
        decays: bool,
        l2: bool,
    ) -> None:
        self.segment, self.blocks, self.decays, self.l2 = segment, blocks, decays, l2
        self.inner, self.rest = torch.zeros_like(segment.inner), torch.zeros_like(segment.rest)
        self.velocities = segment.views(self.inner)
        for lane, start in enumerate(starts):
            named = cast(Tensors, start.state.optimizer["velocity"])
            self.inner[lane], self.rest[lane] = segment.inner_row(named), segment.rest_row(named)
            beside_of(blocks, lane)[:] = named[segment.dense[0].weight].T

    def factor(self, numbers: Numbers) -> Tensor:
        """Return 1."""
        return torch.ones_like(numbers.size)

    def learn(self, numbers: Numbers, layer: int, h: Tensor, dz: Tensor) -> None:
        """Add the gradient to the velocity as it is computed."""
        velocity = self.velocities[layer].mul_(numbers.momentum[:, None, None])
        if self.l2:
            velocity.addcmul_(self.segment.weights[layer], numbers.l2[:, None, None])
        velocity.baddbmm_(h.transpose(1, 2), dz)

    def learn_first(self, x: Batches, dz: Sequence[Tensor], numbers: Numbers) -> None:
        """Add the gradient to the velocity as it is computed, and move."""
        for block in self.blocks:
            velocity = block.beside.mul_(block.spread(numbers.momentum))
            if self.l2:
                velocity.addcmul_(block.weights, block.spread(numbers.l2))
            block.learn(x, dz, velocity)
            block.weights.addcmul_(velocity, block.spread(-numbers.size))

    def finish(self, numbers: Numbers, rates: Sequence[float]) -> None:
        """Move what is not the first layer, and decay the weights."""
        self.rest.mul_(numbers.momentum[:, None]).add_(self.segment.rest_grads)
        self.segment.inner.addcmul_(self.inner, -numbers.size[:, None])
        self.segment.rest.addcmul_(self.rest, -numbers.size[:, None])
        if self.decays:
            _decay(self.segment, self.blocks, numbers)

    def state(self, lane: int) -> Tree:
        """Return the velocity by name."""
        first = beside_of(self.blocks, lane)
        named = self.segment.params(lane, first, self.inner, self.rest)
        return {"velocity": {name: value.clone() for name, value in named.items()}}


def beside_of(blocks: Sequence[Block], lane: int) -> Tensor:
    """Return what lies beside a lane's weights of the first layer, (inputs, units): a view."""
    (found,) = (
        block.by_lane(block.beside)[place]
        for block in blocks
        for place in (block.lanes == lane).nonzero().flatten().tolist()
    )
    return found


def _decay(segment: Segment, blocks: Sequence[Block], numbers: Numbers) -> None:
    segment.inner.mul_((1 - numbers.decay)[:, None])
    for block in blocks:
        block.weights.mul_(block.spread(1 - numbers.decay))


class Gradients:
    """The gradients as such, of all layers."""

    def __init__(self, segment: Segment, blocks: Sequence[Block], starts: Sequence[Start]) -> None:
        self.segment, self.blocks, self.starts = segment, blocks, starts
        self.inner = torch.zeros_like(segment.inner)
        self.layers = segment.views(self.inner)

    def factor(self, numbers: Numbers) -> Tensor:
        """Return 1."""
        return torch.ones_like(numbers.size)

    def learn(self, numbers: Numbers, layer: int, h: Tensor, dz: Tensor) -> None:
        """Keep the gradient."""
        torch.bmm(h.transpose(1, 2), dz, out=self.layers[layer])

    def learn_first(self, x: Batches, dz: Sequence[Tensor], numbers: Numbers) -> None:
        """Keep the gradient."""
        for block in self.blocks:
            block.learn(x, dz, block.beside, beta=0)
