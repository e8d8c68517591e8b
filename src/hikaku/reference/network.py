"""Networks: layers one after the other, and how to make the two that everybody begins with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Protocol

import numpy as np

from hikaku.reference import inits
from hikaku.reference.arrays import Array, Arrays
from hikaku.reference.convolution import Convolution, Pooling
from hikaku.reference.layers import Affine, Flatten, Layer, ReLU, SoftmaxWithLoss
from hikaku.reference.noise import Dropout
from hikaku.reference.norms import BatchNormalization


class LastLayer(Protocol):
    """Whoever says how wrong an answer is: `SoftmaxWithLoss` or `SquaredError`."""

    def forward(self, x: Array, t: Array) -> float:
        """Return the mean loss."""
        ...

    def backward(self) -> Array:
        """Return dL/dx."""
        ...


class Network:
    """Layers, by name and in order, and a last layer that gives the loss.

    Parameters go by "layer.name", such as "affine1.W".
    """

    def __init__(self, layers: Mapping[str, Layer], last: LastLayer | None = None) -> None:
        self.layers = dict(layers)
        self.last = SoftmaxWithLoss() if last is None else last

    @property
    def params(self) -> Arrays:
        """All parameters, by name."""
        return _named({name: layer.params for name, layer in self.layers.items()})

    def set(self, params: Arrays) -> None:
        """Put these in the place of the parameters of the same names."""
        for name, value in params.items():
            layer, _, own = name.rpartition(".")
            held = self.layers[layer].params
            if value.shape != held[own].shape:
                raise ValueError(f"{name} is {held[own].shape}, not {value.shape}")
            held[own] = value

    def predict(self, x: Array) -> Array:
        """Return the outputs in evaluation, (batch, outputs)."""
        for layer in self.layers.values():
            x = layer.predict(x)
        return x

    def forward(self, x: Array) -> Array:
        """Return the outputs in training, (batch, outputs)."""
        for layer in self.layers.values():
            x = layer.forward(x)
        return x

    def loss(self, x: Array, t: Array) -> float:
        """Return the mean loss of a batch, in training."""
        return self.last.forward(self.forward(x), t)

    def backward(self) -> Arrays:
        """Return the gradients of the last loss, by parameter: backpropagation."""
        dout = self.last.backward()
        for layer in reversed(self.layers.values()):
            dout = layer.backward(dout)
        return _named({name: layer.grads for name, layer in self.layers.items()})

    def gradient(self, x: Array, t: Array) -> tuple[float, Arrays]:
        """Return the mean loss of a batch, and its gradients by parameter."""
        return self.loss(x, t), self.backward()


Init = Callable[[tuple[int, ...]], Array]


def multi_layer(
    sizes: Sequence[int],
    init: Init,
    activation: Callable[[], Layer] = ReLU,
    batch_norm: bool = False,
    dropout: Callable[[], Dropout] | None = None,
    last: LastLayer | None = None,
) -> Network:
    """Return dense layers of these sizes, inputs first, with an activation between them.

    `init` makes each W from its shape. With `batch_norm` one stands before every activation, and
    `dropout` makes one behind each.
    """
    layers: dict[str, Layer] = {}
    for number, (inputs, outputs) in enumerate(pairwise(sizes), start=1):
        layers[f"affine{number}"] = Affine(init((inputs, outputs)), np.zeros(outputs))
        if number == len(sizes) - 1:
            break
        if batch_norm:
            layers[f"norm{number}"] = BatchNormalization(np.ones(outputs), np.zeros(outputs))
        layers[f"activation{number}"] = activation()
        if dropout:
            layers[f"dropout{number}"] = dropout()
    return Network(layers, last)


def simple_convolutional(
    shape: tuple[int, int, int],
    filters: int,
    hidden: int,
    classes: int,
    init: Init,
    filter_size: int = 5,
) -> Network:
    """Return convolution, ReLU, pooling 2 × 2, and two dense layers; `shape` is (C, H, W)."""
    channels, height, width = shape
    places = [(side - filter_size + 1) // 2 for side in (height, width)]
    features = filters * places[0] * places[1]
    filter_shape = (filters, channels, filter_size, filter_size)
    return Network({
        "convolution1": Convolution(init(filter_shape), np.zeros(filters)),
        "activation1": ReLU(),
        "pooling1": Pooling(2, 2),
        "flatten": Flatten(),
        "affine1": Affine(init((features, hidden)), np.zeros(hidden)),
        "activation2": ReLU(),
        "affine2": Affine(init((hidden, classes)), np.zeros(classes)),
    })  # fmt: skip


def he(draws: np.random.Generator) -> Init:
    """Return what draws each W by He's rule."""
    return lambda shape: inits.he_normal(shape, draws)


def _named(held: Mapping[str, Arrays]) -> Arrays:
    return {f"{layer}.{own}": value for layer, some in held.items() for own, value in some.items()}
