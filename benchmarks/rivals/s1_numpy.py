"""S1 from scratch in NumPy and float64, layer by layer, as beginners' books build networks."""

from __future__ import annotations

import time

import numpy as np
from numpy import ndarray as Array

from workload import floats, given, tell


class Dense:
    def __init__(self, inputs: int, outputs: int, scale: float) -> None:
        self.params = {"w": scale * np.random.randn(inputs, outputs), "b": np.zeros(outputs)}
        self.grads: dict[str, Array] = {}

    def forward(self, x: Array, training: bool) -> Array:
        self.x = x
        return np.dot(x, self.params["w"]) + self.params["b"]

    def backward(self, dout: Array) -> Array:
        self.grads = {"w": np.dot(self.x.T, dout), "b": np.sum(dout, axis=0)}
        return np.dot(dout, self.params["w"].T)


class Rectifier:
    params: dict[str, Array] = {}  # noqa: RUF012  # it has none
    grads: dict[str, Array] = {}  # noqa: RUF012  # nor these

    def forward(self, x: Array, training: bool) -> Array:
        self.mask = x > 0
        return np.where(self.mask, x, 0.0)

    def backward(self, dout: Array) -> Array:
        return np.where(self.mask, dout, 0.0)


class BatchNorm:
    def __init__(self, width: int) -> None:
        self.params = {"gamma": np.ones(width), "beta": np.zeros(width)}
        self.grads: dict[str, Array] = {}
        self.mean, self.var = np.zeros(width), np.zeros(width)

    def forward(self, x: Array, training: bool) -> Array:
        if training:
            mean, var = x.mean(axis=0), x.var(axis=0)
            self.mean = 0.9 * self.mean + 0.1 * mean
            self.var = 0.9 * self.var + 0.1 * var
        else:
            mean, var = self.mean, self.var
        self.spread = np.sqrt(var + 1e-6)
        self.normal = (x - mean) / self.spread
        return self.params["gamma"] * self.normal + self.params["beta"]

    def backward(self, dout: Array) -> Array:
        self.grads = {"gamma": np.sum(dout * self.normal, axis=0), "beta": np.sum(dout, axis=0)}
        inner = dout * self.params["gamma"]
        along = self.normal * np.mean(inner * self.normal, axis=0)
        return (inner - inner.mean(axis=0) - along) / self.spread


class Network:
    def __init__(self, scale: float, normed: bool) -> None:
        self.layers: list[Dense | BatchNorm | Rectifier] = []
        for inputs in (784, 100, 100, 100, 100):
            self.layers.append(Dense(inputs, 100, scale))
            if normed:
                self.layers.append(BatchNorm(100))
            self.layers.append(Rectifier())
        self.layers.append(Dense(100, 10, scale))

    def predict(self, x: Array, training: bool = False) -> Array:
        for layer in self.layers:
            x = layer.forward(x, training)
        return x

    def learn(self, x: Array, y: Array, rate: float) -> None:
        scores = self.predict(x, training=True)
        shares = np.exp(scores - scores.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        shares[np.arange(len(y)), y] -= 1
        dout = shares / len(y)
        for layer in reversed(self.layers):
            dout = layer.backward(dout)
        for layer in self.layers:
            for name, grad in layer.grads.items():
                layer.params[name] -= rate * grad

    def accuracy(self, x: Array, y: Array) -> float:
        return float(np.mean(self.predict(x).argmax(axis=1) == y))


def train(x: Array, y: Array, scale: float, normed: bool, updates: int) -> float:
    network, accuracy = Network(scale, normed), 0.0
    for update in range(updates):
        chosen = np.random.choice(len(x), 100)
        network.learn(x[chosen], y[chosen], 0.01)
        if update % 10 == 0:
            accuracy = network.accuracy(x, y)
    return accuracy


def main() -> None:
    arrays, spec = given()
    x, y = floats(arrays["x"]).reshape(-1, 784), arrays["y"]
    np.seterr(all="ignore")
    started = time.perf_counter()
    found = [train(x, y, *model, spec["updates"]) for model in spec["models"]]
    tell(found, seconds=time.perf_counter() - started)


if __name__ == "__main__":
    main()
