"""S1 in skorch."""

from __future__ import annotations

import time
from typing import Any

import torch
from skorch import NeuralNetClassifier
from skorch.callbacks import Callback
from torch import nn
from torch.utils.data import RandomSampler

from s1_network import network
from workload import floats, given, tell


class Readings(Callback):
    """Reads the train accuracy after every 10th update."""

    def __init__(self, x: Any, y: Any) -> None:
        self.x, self.y = x, y

    def initialize(self) -> Readings:
        self.update, self.accuracy = 0, 0.0
        return self

    def on_batch_end(self, net: NeuralNetClassifier, training: bool = False, **_: Any) -> None:
        if not training:
            return
        if self.update % 10 == 0:
            self.accuracy = float((net.predict(self.x) == self.y).mean())
        self.update += 1


def train(x: Any, y: Any, scale: float, normed: bool, updates: int) -> float:
    readings = Readings(x, y)
    net = NeuralNetClassifier(
        network,
        module__scale=scale,
        module__normed=normed,
        criterion=nn.CrossEntropyLoss,
        optimizer=torch.optim.SGD,
        lr=0.01,
        max_epochs=1,
        batch_size=100,
        iterator_train__sampler=RandomSampler(range(len(x)), True, updates * 100),
        iterator_valid__batch_size=1000,
        train_split=None,
        callbacks=[("readings", readings)],
        verbose=0,
    )
    net.fit(x, y)
    return readings.accuracy


def main() -> None:
    arrays, spec = given()
    x, y = floats(arrays["x"]).reshape(-1, 784), arrays["y"]
    started = time.perf_counter()
    found = [train(x, y, *model, spec["updates"]) for model in spec["models"]]
    tell(found, seconds=time.perf_counter() - started)


if __name__ == "__main__":
    main()
