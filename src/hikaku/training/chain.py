"""A chain of layers: what a model does, said so plainly that another program can do it.

`recognise.py` finds out whether a model is one; `interpret` says what one computes, slowly and
clearly, and so is what faster programs are held against.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import unfold

from hikaku.techniques.slots import Tensors
from hikaku.words import Message


@dataclass(frozen=True)
class Dense:
    """x Wᵀ + b: `weight` (outputs, inputs) and `bias` (outputs,) are names of parameters."""

    weight: str
    bias: str | None
    inputs: int
    outputs: int


@dataclass(frozen=True)
class Norm:
    """Batch normalisation over (batch, size).

    `mean`, `variance` and `counter` (of batches, a whole number) are names of buffers, `weight`
    and `bias` of parameters. `momentum` is the new batch's share in the running figures.
    """

    mean: str
    variance: str
    weight: str | None
    bias: str | None
    eps: float
    momentum: float
    counter: str | None
    size: int


@dataclass(frozen=True)
class Activation:
    """An elementwise function: `kind` is a name in `FORMULAS`, `slope` what its formula takes."""

    kind: str
    slope: float | None = None


@dataclass(frozen=True)
class Noise:
    """Dropout: x · [u ≥ p] / (1 − p) in training, x in evaluation.

    `path` is the layer's, whose noise u, (batch, features) in [0, 1), is handed in under
    `{path}.noise`; `p` is the name of its probability among the constants.
    """

    path: str
    p: str


@dataclass(frozen=True)
class Masked:
    """DropConnect on a dense layer: in training x (W · [u ≥ p] / (1 − p))ᵀ + b.

    `path` and `p` are as for `Noise`; u has the weight's shape, the same for the whole batch.
    """

    dense: Dense
    path: str
    p: str


Shape = tuple[int, int, int]
"""(channels, height, width)."""


@dataclass(frozen=True)
class Convolution:
    """Filters slid over an image: `weight` (outputs, channels, height, width), `bias` (outputs,).

    `stride` and `pad` are the same along both sides.
    """

    weight: str
    bias: str | None
    inputs: Shape
    outputs: Shape
    filter_sides: tuple[int, int]
    stride: int
    pad: int


@dataclass(frozen=True)
class Pool:
    """The largest number of each square of `side` pixels, by channel, every `stride` pixels."""

    inputs: Shape
    outputs: Shape
    side: int
    stride: int


Op = Dense | Norm | Activation | Noise | Masked | Convolution | Pool

Kinds = frozenset[type[Op]]
ON_ROWS: Kinds = frozenset({Dense, Norm, Activation, Noise})
EVERY: Kinds = ON_ROWS | {Masked, Convolution, Pool}
"""What whoever is to carry a chain out can do."""


@dataclass(frozen=True)
class Chain:
    """What a model does to a batch flattened to (batch, inputs): `ops`, one after the other.

    The last is the dense layer that gives the logits. Every trained parameter and every buffer
    of the model stands in exactly one of them. Between two of them a sample is a row of numbers:
    images too, in the order (channels, height, width).
    """

    inputs: int
    ops: tuple[Op, ...]

    @property
    def widths(self) -> tuple[int, ...]:
        """The number of inputs, then of outputs of each dense layer: (784, 100, 100, 10)."""
        return (self.inputs, *(op.outputs for op in self.ops if isinstance(op, Dense)))


@dataclass(frozen=True)
class NoChain:
    """The model is no chain of dense layers, or cannot be proven to be one; `why` in words."""

    why: Message


Formula = Callable[[Tensor, float], Tensor]

SELU_SCALE, SELU_ALPHA = 1.0507009873554805, 1.6732632423543772


def _gelu_tanh(x: Tensor) -> Tensor:
    return x * (1 + torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))) / 2


def _elu(x: Tensor, alpha: float) -> Tensor:
    # The branch that is not taken must not be infinite: its gradient would be NaN.
    return torch.where(x <= 0, alpha * torch.expm1(x.clamp(max=0)), x)


def _softplus(x: Tensor) -> Tensor:
    return torch.logaddexp(x, torch.zeros_like(x))


def _hardswish(x: Tensor) -> Tensor:
    # At the two corners torch takes the slopes from outside, 0 and 1.
    inside = x.clamp(-3, 3)
    return torch.where(x <= -3, 0, torch.where(x >= 3, x, inside * (inside + 3) / 6))


FORMULAS: dict[str, Formula] = {
    "relu": lambda x, slope: torch.where(x <= 0, 0, x),
    "leaky-relu": lambda x, slope: torch.where(x <= 0, slope * x, x),
    "sigmoid": lambda x, slope: torch.sigmoid(x),
    "tanh": lambda x, slope: torch.tanh(x),
    "gelu": lambda x, slope: x * (1 + torch.erf(x / math.sqrt(2))) / 2,
    "gelu-tanh": lambda x, slope: _gelu_tanh(x),
    "elu": _elu,
    "selu": lambda x, slope: SELU_SCALE * _elu(x, SELU_ALPHA),
    "silu": lambda x, slope: x * torch.sigmoid(x),
    "mish": lambda x, slope: x * torch.tanh(_softplus(x)),
    "hardswish": lambda x, slope: _hardswish(x),
}
"""The activations of a chain; `slope` is the negative side's of "leaky-relu", the α of "elu"."""


def interpret(
    chain: Chain,
    params: Tensors,
    buffers: Tensors,
    constants: Tensors,
    noise: Tensors,
    x: Tensor,
    training: bool,
) -> tuple[Tensor, Tensors]:
    """Return the logits, (batch, outputs), and the new buffers: what the model itself gives.

    `params` and `buffers` are those of a `TrainState`, `constants` a program's, `noise` what its
    `draw_noise` gives; x is (batch, …). In evaluation no noise is looked at, and buffers stay.
    """
    new = dict(buffers)
    x = x.reshape(len(x), chain.inputs)
    for op in chain.ops:
        match op:
            case Dense():
                x = _dense(op, params, params[op.weight], x)
            case Masked():
                weight = params[op.dense.weight]
                if training:
                    weight = _thinned(weight, noise[f"{op.path}.noise"], constants[op.p])
                x = _dense(op.dense, params, weight, x)
            case Norm():
                x, moved = _normalised(op, params, buffers, x, training)
                new |= moved
            case Activation():
                x = FORMULAS[op.kind](x, op.slope or 0.0)
            case Noise() if training:
                x = _thinned(x, noise[f"{op.path}.noise"], constants[op.p])
            case Convolution():
                x = _convolved(op, params, x.reshape(-1, *op.inputs)).flatten(1)
            case Pool():
                x = _pooled(op, x.reshape(-1, *op.inputs)).flatten(1)
    return x, new


def _dense(op: Dense, params: Tensors, weight: Tensor, x: Tensor) -> Tensor:
    y = x @ weight.T
    return y if op.bias is None else y + params[op.bias]


def _thinned(x: Tensor, u: Tensor, p: Tensor) -> Tensor:
    """Return x where u ≥ p, grown so that the mean stays, and 0 elsewhere."""
    return x * (u >= p) / (1 - p).clamp(min=1e-30)


def _convolved(op: Convolution, params: Tensors, x: Tensor) -> Tensor:
    """Return filters times patches, (batch, outputs, places)."""
    patches = unfold(x, op.filter_sides, padding=op.pad, stride=op.stride)
    y = params[op.weight].flatten(1) @ patches
    return y if op.bias is None else y + params[op.bias][:, None]


def _pooled(op: Pool, x: Tensor) -> Tensor:
    """Return the largest of each patch, (batch, channels, places …)."""
    patches = x.unfold(2, op.side, op.stride).unfold(3, op.side, op.stride)
    return patches.flatten(4).max(4).values


def _normalised(
    op: Norm, params: Tensors, buffers: Tensors, x: Tensor, training: bool
) -> tuple[Tensor, Tensors]:
    """Return x normalised, by the batch or by the running figures, and the buffers that move."""
    moved: Tensors = {}
    mean, variance = buffers[op.mean], buffers[op.variance]
    if training:
        n, share = len(x), op.momentum
        mean = x.mean(0)
        square = ((x - mean) ** 2).sum(0)
        variance = square / n
        # Running figures estimate the population's: the variance is the unbiased one.
        moved[op.mean] = (1 - share) * buffers[op.mean] + share * mean.detach()
        moved[op.variance] = (1 - share) * buffers[op.variance] + share * square.detach() / (n - 1)
        if op.counter is not None:
            moved[op.counter] = buffers[op.counter] + 1
    x = (x - mean) / torch.sqrt(variance + op.eps)
    x = x if op.weight is None else x * params[op.weight]
    return (x if op.bias is None else x + params[op.bias]), moved
