"""Whatever people write as a model: it trains, its edits act, or it is refused in clear words."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
from kinds import ARMS, HEAD, NOTICED, PAGE, WORKS, Kind, all_kinds, with_table
from tiny import recipe, use

from hikaku.data import cache as arrays
from hikaku.data.task import Task
from hikaku.errors import StudyError
from hikaku.execution.job import Job
from hikaku.execution.plain import Prepared, dry_run, prepare_process, prepared
from hikaku.models.surgery import CONTAINER
from hikaku.study.recipe import Use
from hikaku.study.study import Data, Training
from hikaku.training.loop import Trained

SAMPLES = 48
LABELS = {"dropout": ":dropout", "batch norm": ":batch-norm", "activation swap": ":gelu"}
EDITS = {
    "base": (),
    "dropout": (use("dropout", p=0.5),),
    "batch norm": (use("batch-norm"),),
    "activation swap": (use("gelu"),),
}
CELLS = [(kind, arm) for kind in all_kinds() for arm in ARMS]


@cache
def data(name: str, folder: str) -> str:
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
    targets = np.arange(SAMPLES) % 3
    if name in ("values", "pairs"):
        task = Task(name, inputs, real() if name == "values" else real(2), "regression", ())
    else:
        task = Task(name, inputs, targets, "classification", tuple("abc"), scale=255.0)
    return str(arrays.keep(task))


def job(kind: Kind, arm: str, folder: Path, seed: int = 0, **slots: object) -> Job:
    (folder / "my_model.py").write_text(kind.text, "utf-8")
    loss = use("mse") if kind.data in ("values", "pairs") else use("cross-entropy")
    plan = recipe(layers=EDITS[arm], epochs=1, batch_size=8, loss=loss, **slots)
    split = Data(Use(kind.data), train=22, validation=8, test="rest", beside=30)
    model = Use("my_model.py:Net", kind.settings)
    task = data(kind.data, "")
    return Job("key", Training(split, model, plan), seed, task, str(folder))


def train(trial: Prepared) -> Trained:
    return trial.train(lambda seen: None)


@pytest.fixture(autouse=True)
def as_in_a_worker() -> None:
    prepare_process()


@pytest.mark.filterwarnings("ignore:.torch.jit.*:DeprecationWarning")
@pytest.mark.parametrize(("kind", "arm"), CELLS, ids=lambda v: v if isinstance(v, str) else v.title)
def test_each_kind_of_model_trains_under_each_arm_or_is_refused(
    kind: Kind, arm: str, tmp_path: Path
) -> None:
    asked, expected = job(kind, arm, tmp_path), kind.cell(arm)
    if expected not in (WORKS, NOTICED):
        with pytest.raises(StudyError) as refusal:
            dry_run(asked)
        assert expected in refusal.value.text()
        return
    dry_run(asked)
    trial = prepared(asked)
    trained = train(trial)
    assert trained.status == "done" and trained.step == 3
    assert trained.noticed == (("outside-randomness",) if expected == NOTICED else ())
    assert train(prepared(asked)).records == trained.records
    if arm != "base":
        inserted = dict(trial.program.train_model.get_submodule(CONTAINER).named_children())
        assert any(LABELS[arm] in name for name in inserted)
        assert train(prepared(job(kind, "base", tmp_path))).records != trained.records
