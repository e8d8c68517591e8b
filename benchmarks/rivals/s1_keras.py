"""S1 in Keras 3; the environment variable KERAS_BACKEND says on what: jax or torch."""

from __future__ import annotations

import time
from typing import Any

import keras
import numpy as np
from keras import layers

from workload import floats, given, tell


def network(scale: float, normed: bool) -> keras.Model:
    spread = keras.initializers.RandomNormal(stddev=scale)
    model = keras.Sequential([keras.Input((784,))])
    for _ in range(5):
        model.add(layers.Dense(100, kernel_initializer=spread))
        if normed:
            model.add(
                layers.BatchNormalization(
                    momentum=0.9, epsilon=1e-6, moving_variance_initializer="zeros"
                )
            )
        model.add(layers.ReLU())
    model.add(layers.Dense(10, kernel_initializer=spread))
    return model


class Readings(keras.callbacks.Callback):
    """Reads the train accuracy after every 10th update."""

    def __init__(self, x: Any, y: Any) -> None:
        super().__init__()
        self.x, self.y, self.accuracy = x, y, 0.0

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        if batch % 10 == 0:
            _, self.accuracy = self.model.evaluate(self.x, self.y, batch_size=1000, verbose=0)


def train(x: Any, y: Any, scale: float, normed: bool, updates: int) -> float:
    model, readings = network(scale, normed), Readings(x, y)
    model.compile(
        optimizer=keras.optimizers.SGD(0.01),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    drawn = np.random.default_rng(0).integers(len(x), size=updates * 100)
    model.fit(x[drawn], y[drawn], batch_size=100, shuffle=False, verbose=0, callbacks=[readings])
    return float(readings.accuracy)


def main() -> None:
    arrays, spec = given()
    x, y = floats(arrays["x"]).reshape(-1, 784), arrays["y"]
    started = time.perf_counter()
    found = [train(x, y, *model, spec["updates"]) for model in spec["models"]]
    tell(found, seconds=time.perf_counter() - started)


if __name__ == "__main__":
    main()
