"""A small real training, for tests: forty of scikit-learn's digits, a tiny network, a few steps."""

from collections.abc import Callable
from dataclasses import replace
from threading import Event

import torch

from hikaku.data import builtin, cache
from hikaku.execution.job import Job
from hikaku.execution.orders import Progress, Result, Word
from hikaku.execution.together import run_together
from hikaku.record import Measured
from hikaku.study.catalogue import models, techniques
from hikaku.study.recipe import Recipe, Use, Value
from hikaku.study.study import Data, Training

torch.set_num_threads(1)


def use(name: str, **settings: Value) -> Use:
    return techniques()[name].use(settings)


def recipe(**slots: object) -> Recipe:
    base = Recipe(
        optimizer=use("sgd", lr=0.1),
        loss=use("cross-entropy"),
        schedule=use("constant"),
        epochs=3,
        batch_size=16,
    )
    return replace(base, **slots)


def work(**slots: object) -> Training:
    data = Data(Use("digits"), train=40, validation=30, test="rest", beside=70)
    return Training(
        data, models()["small-cnn"].use({"channels": (4, 8), "dense": 16}), recipe(**slots)
    )


def job(seed: int = 0, key: str = "key", **slots: object) -> Job:
    task = str(cache.prepare(builtin.find("digits")))
    return Job(key=key, work=work(**slots), seed=seed, task=task)


def run_trial(
    asked: Job, report: Callable[[int, int], object] = lambda step, steps: None
) -> Measured:
    """Return what this trial measures in this process; `report` hears update and updates."""
    found: list[Measured] = []

    def tell(word: Word) -> None:
        if isinstance(word, Progress):
            report(word.step, word.steps)
        elif isinstance(word, Result):
            found.append(word.measured)

    run_together([asked], tell, Event())
    (measured,) = found
    return measured
