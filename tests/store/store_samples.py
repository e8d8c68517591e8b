"""Studies and trials, made up, for the tests of the store; also run by their child processes."""

from collections.abc import Iterable

import numpy as np

from hikaku.record import Measured, Outcome, Sheet, Spent, Status
from hikaku.records import Record
from hikaku.store.store import Store
from hikaku.study.recipe import Recipe, Use
from hikaku.study.study import Arm, Data, Metric, Study, Training

ACCURACY = Metric("accuracy")


def work(arm: str, epochs: int) -> Training:
    recipe = Recipe(Use("adam"), Use("cross-entropy"), Use("constant"), epochs=epochs)
    return Training(Data(Use("digits")), Use(f"mlp with {arm}"), recipe)


def study(
    name: str = "one",
    arms: Iterable[str] = ("dropout",),
    seeds=(0, 1, 2),
    epochs: int = 1,
    metric: Metric = ACCURACY,
    folder: object = ".",
) -> Study:
    base, *variants = (Arm(arm, work(arm, epochs)) for arm in ("base", *arms))
    return Study(
        name, "Which?", metric, 0.01, tuple(seeds), base.work, tuple(variants), str(folder)
    )


def marks(asked: Study, version: str = "") -> dict[str, str]:
    """Return a fingerprint per arm; base's is the same in every study of as many epochs."""
    epochs = asked.base.recipe.epochs
    settings = "" if epochs == 1 else f"-{epochs}-epochs"
    return {arm.name: f"mark-{arm.name}{settings}{version}" for arm in asked.arms}


def keys(asked: Study, version: str = "", data: str = "") -> dict[tuple[str, int], str]:
    return {
        (mark, seed): f"{mark}-{seed}{data}"
        for mark in marks(asked, version).values()
        for seed in asked.seeds
    }


def measured(
    key: str, status: Status = "done", records: int = 3, sheets: tuple[Sheet, ...] | None = None
) -> Measured:
    outcome = Outcome(
        key=key, status=status, step=12, epoch=3, steps_per_epoch=4, parameters=77,
        arithmetic="plain float32", environment="torch 2", samples=(10, 5, 4),
        error="ValueError: no" if status == "failed" else "",
        cost={"seconds": 0.1, "peak_mib": 3.5, "attempts": 1.0},
    )  # fmt: skip
    if sheets is None:
        sheets = (Sheet("confusion", np.arange(4, dtype=np.int64).reshape(2, 2)),)
    rows = tuple(
        Record("curve", step, "validation", "accuracy", step / 7 + len(key))
        for step in range(records)
    )
    return Measured(outcome, rows, sheets)


def bound(
    *seeds: int, auto: bool = True, horizon: int = 20, worth: float = 0.01, family: int = 2
) -> Spent:
    return Spent(seeds, auto, horizon, worth, family)


def plan(store: Store, asked: Study, version: str = "", data: str = "", sources=None):
    return store.plan(asked, marks(asked, version), keys(asked, version, data), sources)


def train(store: Store, asked: Study, version: str = "", data: str = "", sources=None) -> None:
    """Plan the study and add every trial of it."""
    plan(store, asked, version, data, sources)
    for key in keys(asked, version, data).values():
        store.add(measured(key))


def read(store: Store, asked: Study, version: str = "") -> dict[tuple[str, int], str]:
    """Return the key under which each trial of the study is read."""
    trials = store.results(asked, marks(asked, version)).trials
    return {place: found.outcome.key for place, found in trials.items()}


def every(asked: Study) -> set[tuple[str, int]]:
    return {(arm.name, seed) for arm in asked.arms for seed in asked.seeds}


def digests(asked: Study, **sources: str) -> dict[str, dict[str, str]]:
    """Return the same sources for every arm: `digits="a"`, `own_py="b"`."""
    own = {name.replace("_", "."): value for name, value in sources.items()}
    return {arm.name: own for arm in asked.arms}
