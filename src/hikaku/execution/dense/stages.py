"""What stands between two dense layers, for all trials of one structure: a row of stages.

A stage eats what the one before it left, (lanes, rows, units), the first of them the product of
matrices wherever it lies, and hands gradients back the same way. Biases and norms that meet an
activation of two straight lines (ReLU, leaky ReLU, none) are one stage with it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from hikaku.execution.dense import kernels
from hikaku.execution.dense.place import Array, Place, Room, room
from hikaku.training.chain import FORMULAS, Activation, Dense, Noise, Norm, Op


@dataclass(frozen=True)
class Values:
    """What stages compute with, by the names in the chain, (lanes, size): numpy views.

    `params`, their gradients `grads` and running figures `buffers` are written in place; `p` holds
    the probability of each noise layer, (lanes,).
    """

    params: dict[str, Array]
    grads: dict[str, Array]
    buffers: dict[str, Array]
    p: dict[str, Array]


@dataclass(frozen=True)
class Batch:
    """What a step hands to the stages: noise by layer, (seeds, rows, units), and whose is whose."""

    noise: dict[str, Array]
    of: NDArray[np.int64]


class Stage(Protocol):
    """A part of the way between two products of matrices; keeps what its gradients need.

    In rooms of its own: where `z` lies, the next product is written.
    """

    def forward(self, z: Place, values: Values, batch: Batch) -> Room:
        """Return what comes out in training, (lanes, rows, units)."""
        ...

    def backward(self, dh: Room, dz: Place, values: Values, batch: Batch) -> None:
        """Write the gradient of what came in to `dz`, and those of parameters; dh may change."""
        ...

    def evaluate(self, z: Place, values: Values, out: Room) -> None:
        """Write what comes out in evaluation to `out`, (lanes, rows, units)."""
        ...


class Act:
    """A bias and two straight lines: h = z + b where that is positive, slope times that else."""

    def __init__(self, bias: str | None, slope: float, shape: tuple[int, ...], dtype: torch.dtype):
        self.bias, self.slope, self.rows = bias, _number(slope, dtype), shape[1]
        self.h = room(shape, dtype)
        self.none = np.zeros((shape[0], shape[2]), self.h.whole.dtype)
        self.spare = np.empty_like(self.none)

    def forward(self, z: Place, values: Values, batch: Batch) -> Room:
        """Return h."""
        bias = _of(values.params, self.bias, self.none)
        kernels.act(z.flat, z.at, z.row, bias, self.slope, self.rows, self.h.whole)
        return self.h

    def backward(self, dh: Room, dz: Place, values: Values, batch: Batch) -> None:
        """Write dz, and the bias's gradient."""
        dbias = _of(values.grads, self.bias, self.spare)
        kernels.act_back(
            *(dh.whole, self.h.whole, self.slope, self.rows),
            *(dz.flat, dz.at, dz.row, dbias),
        )

    def evaluate(self, z: Place, values: Values, out: Room) -> None:
        """Write h."""
        bias = _of(values.params, self.bias, self.none)
        kernels.act(z.flat, z.at, z.row, bias, self.slope, self.rows, out.whole)


class Normed:
    """A bias, batch norm and two straight lines. The bias's gradient is zero: the mean takes it."""

    def __init__(
        self, norm: Norm, bias: str | None, slope: float, shape: tuple[int, ...], dtype: torch.dtype
    ):
        self.norm, self.bias, self.slope = norm, bias, _number(slope, dtype)
        self.eps, self.rows = _number(norm.eps, dtype), shape[1]
        self.h, self.xhat = (room(shape, dtype) for _ in range(2))
        figures = (shape[0], shape[2])
        self.none = np.zeros(figures, self.h.whole.dtype)
        self.one = np.ones_like(self.none)
        self.mean, self.variance, self.scale = (np.empty_like(self.none) for _ in range(3))
        self.spare = (np.empty_like(self.none), np.empty_like(self.none))

    def forward(self, z: Place, values: Values, batch: Batch) -> Room:
        """Return h; the running figures move."""
        kernels.norm(
            *(z.flat, z.at, z.row, _of(values.params, self.bias, self.none)),
            *self._affine(values.params),
            *(self.eps, self.slope, self.rows, self.mean, self.variance, self.scale),
            *(self.xhat.whole, self.h.whole),
        )
        rows, share = self.rows, self.norm.momentum
        unbiased = self.variance * (rows / (rows - 1) if rows > 1 else np.nan)
        for name, new in ((self.norm.mean, self.mean), (self.norm.variance, unbiased)):
            values.buffers[name][:] = values.buffers[name] * (1 - share) + new * share
        if self.norm.counter is not None:
            values.buffers[self.norm.counter][:] += 1
        return self.h

    def backward(self, dh: Room, dz: Place, values: Values, batch: Batch) -> None:
        """Write dz, and the gradients of the norm's own two."""
        gamma, _ = self._affine(values.params)
        kernels.norm_back(
            *(dh.whole, self.h.whole, self.slope, self.rows),
            *(self.xhat.whole, gamma, self.scale),
            *(dz.flat, dz.at, dz.row),
            _of(values.grads, self.norm.weight, self.spare[0]),
            _of(values.grads, self.norm.bias, self.spare[1]),
        )
        if self.bias is not None:
            values.grads[self.bias][:] = 0

    def evaluate(self, z: Place, values: Values, out: Room) -> None:
        """Write h by the running figures."""
        gamma, beta = self._affine(values.params)
        mean, variance = values.buffers[self.norm.mean], values.buffers[self.norm.variance]
        factor = gamma / np.sqrt(variance + self.eps)
        shift = (_of(values.params, self.bias, self.none) - mean) * factor + beta
        kernels.affine(z.flat, z.at, z.row, factor, shift, self.slope, self.rows, out.whole)

    def _affine(self, params: dict[str, Array]) -> tuple[Array, Array]:
        return _of(params, self.norm.weight, self.one), _of(params, self.norm.bias, self.none)


class Curved:
    """Any other activation, lane by lane: a vector's last few numbers may go another way in torch.

    So a lane's numbers must be a call of their own, or they would depend on its place in the stack.
    """

    def __init__(
        self, activation: Activation, bias: str | None, shape: tuple[int, ...], dtype: torch.dtype
    ):
        self.biased = Act(bias, 1.0, shape, dtype)
        self.h, self.grad = (room(shape, dtype) for _ in range(2))
        formula, slope = FORMULAS[activation.kind], activation.slope or 0.0
        self.curve: Callable[[Tensor], Tensor] = lambda x: formula(x, slope)
        self.seen: list[tuple[Tensor, Tensor]] = []

    def forward(self, z: Place, values: Values, batch: Batch) -> Room:
        """Return h, and keep how each lane came to it."""
        self.seen = []
        with torch.enable_grad():
            for lane, x in enumerate(self.biased.forward(z, values, batch).tensor):
                leaf = x.detach().requires_grad_()
                out = self.curve(leaf)
                self.h.tensor[lane] = out.detach()
                self.seen.append((leaf, out))
        return self.h

    def backward(self, dh: Room, dz: Place, values: Values, batch: Batch) -> None:
        """Write dz, and the bias's gradient."""
        for lane, (leaf, out) in enumerate(self.seen):
            (self.grad.tensor[lane],) = torch.autograd.grad(out, leaf, dh.tensor[lane])
        self.biased.backward(self.grad, dz, values, batch)

    def evaluate(self, z: Place, values: Values, out: Room) -> None:
        """Write h."""
        self.biased.evaluate(z, values, out)
        for lane in out.tensor:
            lane.copy_(self.curve(lane))


class Dropped:
    """Dropout, by the noise of the lane's seed."""

    def __init__(self, noise: Noise, shape: tuple[int, ...], dtype: torch.dtype):
        self.path, self.p = noise.path, noise.p
        self.h = room(shape, dtype)

    def forward(self, z: Place, values: Values, batch: Batch) -> Room:
        """Return what is left."""
        left = self.h.whole
        self._drop(z.flat.reshape(left.shape), left, values, batch)
        return self.h

    def backward(self, dh: Room, dz: Place, values: Values, batch: Batch) -> None:
        """Write dz."""
        given = dh.whole
        self._drop(given, dz.flat.reshape(given.shape), values, batch)

    def evaluate(self, z: Place, values: Values, out: Room) -> None:
        """Write what came."""
        there = out.whole
        there[:] = z.flat.reshape(there.shape)

    def _drop(self, x: Array, out: Array, values: Values, batch: Batch) -> None:
        kernels.drop(x, batch.noise[self.path], batch.of, values.p[self.p], out)


def stages(
    dense: Dense, ops: Sequence[Op], lanes: int, rows: int, dtype: torch.dtype
) -> list[Stage]:
    """Return the stages of what follows `dense` up to the next dense layer, `ops` in order."""
    shape = (lanes, rows, dense.outputs)
    bias, found = dense.bias, list[Stage]()
    waiting = list(ops)
    while waiting or (bias is not None) or not found:
        op = waiting.pop(0) if waiting else None
        if isinstance(op, Norm):
            found.append(Normed(op, bias, _line(waiting), shape, dtype))
        elif isinstance(op, Activation) and is_line(op):
            found.append(Act(bias, op.slope or 0.0, shape, dtype))
        elif isinstance(op, Activation):
            found.append(Curved(op, bias, shape, dtype))
        else:
            if bias is not None or not found:
                found.append(Act(bias, 1.0, shape, dtype))
            if isinstance(op, Noise):
                found.append(Dropped(op, shape, dtype))
        bias = None
    return found


def is_line(op: Op) -> bool:
    """Return whether an op is an activation of two straight lines that keeps the sign."""
    lines = ("relu", "leaky-relu")
    return isinstance(op, Activation) and op.kind in lines and (op.slope or 0.0) >= 0


def _line(waiting: list[Op]) -> float:
    """Take such an activation from the front, where one stands there; return its slope, or 1."""
    if not waiting or not is_line(waiting[0]):
        return 1.0
    op = waiting.pop(0)
    assert isinstance(op, Activation)
    return op.slope or 0.0


def _of(values: dict[str, Array], name: str | None, otherwise: Array) -> Array:
    return otherwise if name is None else values[name]


def _number(value: float, dtype: torch.dtype) -> Any:
    """Return a number of the type that the kernels compute in."""
    return torch.tensor(value, dtype=dtype).numpy()[()]
