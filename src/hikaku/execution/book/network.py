"""From a chain of dense layers to the reference library's network, and back to weights by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from hikaku.reference import convolution
from hikaku.reference.arrays import Array, Arrays
from hikaku.reference.layers import GELU, Affine, Flatten, Layer, LeakyReLU, ReLU, Sigmoid, Tanh
from hikaku.reference.network import LastLayer, Network
from hikaku.reference.noise import DropConnect, Dropout
from hikaku.reference.norms import BatchNormalization
from hikaku.techniques.slots import Tensors
from hikaku.training.chain import (
    Activation,
    Chain,
    Convolution,
    Dense,
    Masked,
    Noise,
    Norm,
    Op,
    Pool,
)

ACTIVATIONS: Mapping[str, Callable[[float], Layer]] = {
    "relu": lambda slope: ReLU(),
    "leaky-relu": LeakyReLU,
    "sigmoid": lambda slope: Sigmoid(),
    "tanh": lambda slope: Tanh(),
    "gelu": lambda slope: GELU(),
}
"""The reference library's layer for each kind of activation; those of other kinds it has not."""


@dataclass
class Handed:
    """Hands a dropout layer the noise of this update in the place of a generator."""

    noise: Array

    def random(self, size: tuple[int, ...]) -> Array:
        """Return the noise, of this shape."""
        return self.noise.reshape(size)


@dataclass
class Turned(Handed):
    """Hands a layer the noise of a weight that stands turned in the library."""

    def random(self, size: tuple[int, ...]) -> Array:
        """Return the noise, of this shape."""
        return np.ascontiguousarray(self.noise.T).reshape(size)


class Written:
    """A network of the reference library, with the names that a model's weights have.

    `chain` says what the model is, `weights` are its parameters and buffers, `constants` the
    settings that its layers hold. Weights of dense layers stand turned: W is (inputs, outputs).
    """

    def __init__(self, chain: Chain, weights: Tensors, constants: Tensors, last: LastLayer) -> None:
        self.draws: dict[str, Handed] = {}
        self._names: dict[str, str] = {}
        self._norms: dict[str, tuple[Norm, BatchNormalization]] = {}
        self._counters: dict[str, Tensor] = {}
        arrays = {name: numpy_of(value) for name, value in weights.items()}
        layers = {
            name: layer
            for place, op in enumerate(chain.ops)
            for name, layer in _shaped(
                str(place), op, self._layer(str(place), op, arrays, constants)
            )
        }
        for op in chain.ops:
            if isinstance(op, Norm) and op.counter:
                self._counters[op.counter] = weights[op.counter]
        self.network = Network(layers, last)

    def _layer(self, place: str, op: Op, weights: Arrays, constants: Tensors) -> Layer:
        """Return the layer that does what this part of the chain does, and note its names."""
        match op:
            case Dense():
                return Affine(*self._affine(place, op, weights))
            case Masked():
                self.draws[op.path] = Turned(np.empty(0))
                W, b = self._affine(place, op.dense, weights)
                return DropConnect(W, b, float(constants[op.p]), self.draws[op.path])
            case Norm():
                self._noted(place, gamma=op.weight, beta=op.bias)
                norm = BatchNormalization(
                    weights[op.weight] if op.weight else np.ones(op.size),
                    weights[op.bias] if op.bias else np.zeros(op.size),
                    1.0 - op.momentum,
                    op.eps,
                    weights[op.mean],
                    weights[op.variance],
                    correction=1,
                )
                self._norms[place] = op, norm
                return norm
            case Activation():
                return ACTIVATIONS[op.kind](op.slope or 0.0)
            case Convolution():
                self._noted(place, W=op.weight, b=op.bias)
                b = weights[op.bias] if op.bias else None
                return convolution.Convolution(weights[op.weight], b, op.stride, op.pad)
            case Pool():
                return convolution.Pooling(op.side, op.side, op.stride)
            case Noise():
                self.draws[op.path] = Handed(np.empty(0))
                return Dropout(float(constants[op.p]), self.draws[op.path])

    def _affine(self, place: str, op: Dense, weights: Arrays) -> tuple[Array, Array | None]:
        """Return W and b of a dense layer, and note their names."""
        self._noted(place, W=op.weight, b=op.bias)
        # One layout from the first update on: sums and products may round by it.
        turned = np.ascontiguousarray(weights[op.weight].T)
        return turned, weights[op.bias] if op.bias else None

    def _noted(self, place: str, **names: str | None) -> None:
        for own, name in names.items():
            if name is not None:
                self._names[f"{place}.{own}"] = name

    @property
    def params(self) -> Arrays:
        """The trained arrays under the model's names."""
        return self.renamed(self.network.params)

    def renamed(self, held: Arrays) -> Arrays:
        """Return the network's arrays under the model's names, without what is not trained."""
        return {name: held[own] for own, name in self._names.items()}

    def set(self, params: Arrays) -> None:
        """Put these in the place of the trained arrays."""
        self.network.set({own: params[name] for own, name in self._names.items()})

    def counted(self) -> None:
        """Note one batch more, where a norm counts them."""
        self._counters = {name: value + 1 for name, value in self._counters.items()}

    def tensors(self) -> tuple[Tensors, Tensors]:
        """Return the parameters and the buffers as the model has them, float64."""
        # Of what has two dimensions only dense layers' W, (inputs, outputs), can be.
        params = {
            name: tensor_of(value.T if value.ndim == 2 else value)
            for name, value in self.params.items()
        }
        buffers = dict(self._counters)
        for op, norm in self._norms.values():
            buffers[op.mean] = tensor_of(norm.running_mean)
            buffers[op.variance] = tensor_of(norm.running_var)
        return params, buffers


class Unflatten(Layer):
    """(batch, features) to (batch, channels, height, width): the way back from `Flatten`."""

    def __init__(self, shape: tuple[int, int, int]) -> None:
        super().__init__()
        self._shape = shape

    def forward(self, x: Array) -> Array:
        """Return x as images."""
        return self.predict(x)

    def predict(self, x: Array) -> Array:
        """Return x as images."""
        return x.reshape(len(x), *self._shape)

    def backward(self, dout: Array) -> Array:
        """Return the gradient as (batch, features)."""
        return dout.reshape(len(dout), -1)


def _shaped(place: str, op: Op, layer: Layer) -> Iterator[tuple[str, Layer]]:
    """Yield a layer by its name, and around one of images what makes them of rows and back."""
    if isinstance(op, Convolution | Pool):
        yield f"{place}.images", Unflatten(op.inputs)
        yield place, layer
        yield f"{place}.rows", Flatten()
    else:
        yield place, layer


def numpy_of(value: Tensor) -> Array:
    """Return a tensor as float64."""
    found: Array = value.detach().double().numpy()
    return found


def tensor_of(value: Array) -> Tensor:
    """Return a copy of an array as a tensor."""
    return torch.from_numpy(np.array(value, dtype=np.float64, order="C"))
