"""Trials of one structure: their weights behind the first layer, and their way through the chain.

The weights of a layer are (lanes, inputs, outputs), all layers of a lane in one row of `inner`,
each from a whole vector on; biases and the norms' parameters stand in one row of `rest`. So an
optimizer that treats each number alone meets few large tensors.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import accumulate

import torch
from torch import Tensor

from hikaku.execution.dense.place import Place, Room, room, vectors
from hikaku.execution.dense.stages import Batch, Stage, Values, stages
from hikaku.techniques.slots import Tensors
from hikaku.training.chain import Chain, Dense, Noise, Norm, Op

Learn = Callable[[int, Tensor, Tensor], None]
"""Hears what a layer behind the first learns from: its number, what came in, its gradient."""


class Segment:
    """The lanes of one structure: `chain`, `count` of them, each with its place in the first layer.

    `rest_grads` and, where gradients are wanted as such, `inner_grads` lie as the parameters do.
    """

    def __init__(self, chain: Chain, count: int, dtype: torch.dtype) -> None:
        self.chain, self.count, self.dtype = chain, count, dtype
        self.dense = [op for op in chain.ops if isinstance(op, Dense)]
        self.norms = [op for op in chain.ops if isinstance(op, Norm)]
        self.sizes = [vectors(op.inputs * op.outputs) for op in self.dense[1:]]
        self.inner = torch.zeros(count, sum(self.sizes), dtype=dtype)
        self.weights = self.views(self.inner)
        self.rest_names = self._rest_names()
        size = sum(self.rest_names.values())
        self.rest, self.rest_grads = (torch.zeros(count, size, dtype=dtype) for _ in range(2))
        self.figures = {
            name: torch.zeros(count, norm.size, dtype=dtype)
            for norm in self.norms
            for name in (norm.mean, norm.variance)
        }
        self.counters = {
            norm.counter: torch.zeros(count, dtype=torch.int64)
            for norm in self.norms
            if norm.counter is not None
        }
        self.p = {
            op.p: torch.zeros(count, dtype=dtype) for op in chain.ops if isinstance(op, Noise)
        }
        self.values = Values(
            {name: value.numpy() for name, value in self.split(self.rest).items()},
            {name: value.numpy() for name, value in self.split(self.rest_grads).items()},
            {name: value.numpy() for name, value in (self.figures | self.counters).items()},
            {name: value.numpy() for name, value in self.p.items()},
        )
        self._ways: dict[int, Way] = {}

    @property
    def held(self) -> tuple[Tensor, ...]:
        """All weights and running figures, those of the first layer apart."""
        return self.inner, self.rest, *self.figures.values()

    def _rest_names(self) -> dict[str, int]:
        """Return the parameters that are no weights of dense layers, with their sizes."""
        found: dict[str, int] = {}
        for op in self.chain.ops:
            if isinstance(op, Dense) and op.bias is not None:
                found[op.bias] = op.outputs
            elif isinstance(op, Norm):
                found |= {name: op.size for name in (op.weight, op.bias) if name is not None}
        return found

    def views(self, inner: Tensor) -> list[Tensor]:
        """Return the layers behind the first, (lanes, inputs, outputs), in what is like `inner`."""
        pieces = torch.split(inner, self.sizes, dim=1) if self.sizes else ()
        return [
            piece[:, : op.inputs * op.outputs].view(len(inner), op.inputs, op.outputs)
            for piece, op in zip(pieces, self.dense[1:], strict=True)
        ]

    def split(self, rest: Tensor) -> Tensors:
        """Return the parameters by name, (lanes, size), in a tensor like `rest`."""
        ends = list(accumulate(self.rest_names.values()))
        begins = [0, *ends[:-1]] if ends else []
        return {
            name: rest[:, begin:end]
            for name, begin, end in zip(self.rest_names, begins, ends, strict=True)
        }

    def inner_row(self, named: Tensors) -> Tensor:
        """Return the row of `inner` that holds these weights of one trial, (size,)."""
        row = self.inner.new_zeros(sum(self.sizes))
        for name, weights in self.inner_named(row).items():
            weights[:] = named[name]
        return row

    def inner_named(self, row: Tensor) -> Tensors:
        """Return the weights of one trial in a row of `inner`, (outputs, inputs) each: views."""
        layers = zip(self.dense[1:], self.views(row[None]), strict=True)
        return {op.weight: weights[0].T for op, weights in layers}

    def rest_row(self, named: Tensors) -> Tensor:
        """Return the row of `rest` that holds these parameters of one trial, (size,)."""
        rows = [named[name] for name in self.rest_names]
        return torch.cat(rows) if rows else self.rest.new_empty(0)

    def rest_named(self, row: Tensor) -> Tensors:
        """Return the parameters of one trial in a row of `rest`: views."""
        return {name: value[0] for name, value in self.split(row[None]).items()}

    def fill(self, lane: int, params: Tensors, buffers: Tensors, constants: Tensors) -> None:
        """Give a lane its weights, those of the first layer apart."""
        self.inner[lane], self.rest[lane] = self.inner_row(params), self.rest_row(params)
        for name, value in (self.figures | self.counters).items():
            value[lane] = buffers[name]
        for name, value in self.p.items():
            value[lane] = constants[name]

    def params(self, lane: int, first: Tensor, inner: Tensor, rest: Tensor) -> Tensors:
        """Return a lane's parameters, or what lies as they do, by name and as its model has them.

        They are views: (outputs, inputs) of what lies as (inputs, outputs).
        """
        first_named = {self.dense[0].weight: first.T}
        return first_named | self.inner_named(inner[lane]) | self.rest_named(rest[lane])

    def buffers(self, lane: int) -> Tensors:
        """Return a lane's buffers, copies of them."""
        return {name: value[lane].clone() for name, value in (self.figures | self.counters).items()}

    def way(self, rows: int) -> Way:
        """Return the way of a batch of so many rows through the chain."""
        if rows not in self._ways:
            self._ways[rows] = Way(self, rows)
        return self._ways[rows]


@dataclass(frozen=True)
class Gap:
    """What follows one dense layer: its stages, and the gradients between them."""

    stages: list[Stage]
    between: list[Room] = field(default_factory=list)


class Way:
    """The way of one batch through a segment, with all that is kept for the way back."""

    def __init__(self, segment: Segment, rows: int) -> None:
        self.segment = segment
        count, dtype = segment.count, segment.dtype
        last = len(segment.dense) - 1
        # Layers of one width share their room, which so stays near the processor: once the next
        # layer has its turn, nobody reads what came out of this one's product, nor its gradient.
        # The gradient at the logits comes from outside, and is read while the next is written.
        widths = [op.outputs for op in segment.dense]
        products, slopes = (
            {width: room((count, rows, width), dtype) for width in set(some)}
            for some in (widths, widths[:-1])
        )
        self.products = [products[width] for width in widths]
        self.slopes = [slopes[width] for width in widths[:-1]]
        self.dlogits = room((count, rows, widths[-1]), dtype)
        """Room for the gradient at the logits."""
        self.gaps: list[Gap] = []
        for number, ops in enumerate(_gaps(segment.chain)):
            dense = segment.dense[number]
            if number < last:
                found = stages(dense, ops, count, rows, dtype)
                between = [room((count, rows, dense.outputs), dtype) for _ in found[1:]]
                self.gaps.append(Gap(found, between))
        # The logits' bias belongs to the loss; a lone layer is only brought into one piece.
        self.lone = _bare(segment, rows) if last == 0 else None

    def forward(self, z: Place, batch: Batch) -> Room:
        """Return the logits without their bias, (lanes, rows, classes)."""
        values = self.segment.values
        if self.lone is not None:
            return self.lone.forward(z, values, batch)
        self.kept: list[Room] = []
        for number, gap in enumerate(self.gaps):
            place = z if number == 0 else self.products[number].place
            h = _through(gap, place, values, batch)
            self.kept.append(h)
            weights, out = self.segment.weights[number], self.products[number + 1]
            torch.bmm(h.tensor, weights, out=out.tensor)
        return self.products[-1]

    def backward(self, dz: Place, batch: Batch, learn: Learn) -> None:
        """Write the gradient of the first layer's outputs to `dz`; that at the logits is there.

        `learn(layer, h, dz)` is told what each layer behind the first learns from, once its
        weights are not needed any more.
        """
        values = self.segment.values
        if self.lone is not None:
            self.lone.backward(self.dlogits, dz, values, batch)
            return
        above = self.dlogits
        for number in range(len(self.gaps) - 1, -1, -1):
            dh = self.slopes[number]
            weights = self.segment.weights[number].transpose(1, 2)
            torch.bmm(above.tensor, weights, out=dh.tensor)
            learn(number, self.kept[number].tensor, above.tensor)
            # What came out of the product is not read any more: its gradient takes its place.
            place = dz if number == 0 else self.products[number].place
            _back(self.gaps[number], dh, place, values, batch)
            above = self.products[number]

    def evaluate(self, z: Place) -> Tensor:
        """Return the logits in evaluation, (lanes, rows, classes), their bias included."""
        values = self.segment.values
        if self.lone is not None:
            self.lone.evaluate(z, values, self.products[0])
        for number, gap in enumerate(self.gaps):
            place = z if number == 0 else self.products[number].place
            out = self.slopes[number]
            for stage in gap.stages:
                stage.evaluate(place, values, out)
                place = out.place
            weights, there = self.segment.weights[number], self.products[number + 1]
            torch.bmm(out.tensor, weights, out=there.tensor)
        bias = self.segment.dense[-1].bias
        logits = self.products[-1].tensor
        return (
            logits
            if bias is None
            else logits + self.segment.split(self.segment.rest)[bias][:, None]
        )


def _bare(segment: Segment, rows: int) -> Stage:
    only = segment.dense[0]
    bare = Dense(only.weight, None, only.inputs, only.outputs)
    return stages(bare, (), segment.count, rows, segment.dtype)[0]


def _gaps(chain: Chain) -> list[list[Op]]:
    """Return the ops behind each dense layer, up to the next."""
    found: list[list[Op]] = []
    for op in chain.ops:
        if isinstance(op, Dense):
            found.append([])
        else:
            found[-1].append(op)
    return found


def _through(gap: Gap, place: Place, values: Values, batch: Batch) -> Room:
    h = gap.stages[0].forward(place, values, batch)
    for stage in gap.stages[1:]:
        h = stage.forward(h.place, values, batch)
    return h


def _back(gap: Gap, dh: Room, dz: Place, values: Values, batch: Batch) -> None:
    for number in range(len(gap.stages) - 1, 0, -1):
        before = gap.between[number - 1]
        gap.stages[number].backward(dh, before.place, values, batch)
        dh = before
    gap.stages[0].backward(dh, dz, values, batch)
