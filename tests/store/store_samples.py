"""Studies and trials, made up, for the tests of the store; also run by their child processes."""

from collections.abc import Iterable

import numpy as np

from hikaku.record import Measured, Outcome, Record, Sheet, Status
from hikaku.store.store import Store
from hikaku.study.recipe import Recipe, Use
from hikaku.study.study import Arm, Data, Metric, Study, Training

WORK = Training(
    Data(Use("digits")),
    Use("mlp"),
    Recipe(Use("adam"), Use("cross-entropy"), Use("constant"), epochs=1),
)


def study(name: str = "one", arms: Iterable[str] = ("dropout",), seeds=(0, 1, 2)) -> Study:
    variants = tuple(Arm(arm, WORK) for arm in arms)
    return Study(name, "Which?", Metric("accuracy"), 0.01, tuple(seeds), WORK, variants)


def marks(asked: Study, version: str = "") -> dict[str, str]:
    """Return a fingerprint per arm; base's is the same in every study."""
    return {arm.name: f"mark-{arm.name}{version}" for arm in asked.arms}


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


def plan(store: Store, asked: Study, version: str = "", data: str = "", sources=None):
    return store.plan(asked, marks(asked, version), keys(asked, version, data), sources)


def train(store: Store, asked: Study, version: str = "", data: str = "") -> None:
    """Plan the study and add every trial of it."""
    plan(store, asked, version, data)
    for key in keys(asked, version, data).values():
        store.add(measured(key))
