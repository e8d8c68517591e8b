"""A job for a model in a file of its own, on small random data of any kind."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from kinds import Kind
from tiny import recipe, use

from hikaku.data import cache as arrays
from hikaku.data.task import Task
from hikaku.execution.job import Job
from hikaku.execution.plain import Prepared, prepare_process, prepared
from hikaku.study.recipe import Use
from hikaku.study.study import Data, Training
from hikaku.training.stack import Trained

SAMPLES = 48
REGRESSION = ("values", "pairs")
EDITS = {
    "base": (),
    "dropout": (use("dropout", p=0.5),),
    "batch norm": (use("batch-norm"),),
    "activation swap": (use("gelu"),),
}


@pytest.fixture
def prepared_as_in_a_worker() -> None:
    prepare_process()


@cache
def data(name: str) -> str:
    """Return the folder of a small data set, random and the same every time."""
    numbers = np.random.default_rng(0)

    def real(*shape: int) -> np.ndarray:
        return numbers.normal(size=(SAMPLES, *shape)).astype(np.float32)

    def tokens(length: int) -> np.ndarray:
        return numbers.integers(0, 11, (SAMPLES, length))

    images = numbers.integers(0, 256, (SAMPLES, 8, 8)).astype(np.uint8)
    inputs = {
        "images": images,
        "tokens": tokens(7),
        "series": real(9, 4),
        "named": {"words": tokens(5), "mask": np.abs(real(5))},
        "placed": {"0": images, "1": real(3)},
    }.get(name, real(6))
    if name in REGRESSION:
        task = Task(name, inputs, real() if name == "values" else real(2), "regression", ())
    else:
        targets = np.arange(SAMPLES) % 3
        task = Task(name, inputs, targets, "classification", tuple("abc"), scale=255.0)
    return str(arrays.keep(task))


def job(kind: Kind, arm: str, folder: Path, seed: int = 0, **slots: Any) -> Job:
    """Return the job of three updates of this kind of model, written into `folder`."""
    folder.mkdir(exist_ok=True)
    (folder / "my_model.py").write_text(kind.text, "utf-8")
    loss = use("mse") if kind.data in REGRESSION else use("cross-entropy")
    known = {"layers": EDITS[arm], "epochs": 1, "batch_size": 8, "loss": loss} | slots
    split = Data(Use(kind.data), train=22, validation=8, test="rest", beside=30)
    work = Training(split, Use("my_model.py:Net", kind.settings), recipe(**known))
    return Job("key", work, seed, data(kind.data), str(folder))


def trial_of(asked: Job) -> Prepared:
    return prepared(asked)


def train(trial: Prepared) -> Trained:
    return trial.train(lambda seen: None)
