"""Studies of live things run: in workers where their source can travel, else in this process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from cells import Notebook
from sklearn.datasets import load_digits
from threadpoolctl import threadpool_info

import hikaku as hk
from hikaku.api import Answer
from hikaku.store.store import Store
from hikaku.study.study import Engine
from hikaku.training.outside_random import generators

pytestmark = pytest.mark.slow

CELL = """
import torch.nn.functional as F
from torch import nn

class Net(nn.Module):
    def __init__(self, inputs, classes, width=WIDTH):
        super().__init__()
        self.hidden = nn.Linear(inputs[0], width)
        self.head = nn.Linear(width, classes)

    def forward(self, x):
        return self.head(F.relu(self.hidden(x)))
"""

HALF = '''
"""Half the gradients."""
from dataclasses import dataclass
from hikaku.study.card import Card, Fraction

CARD = Card(slot="clip", family="mine", claim="Slower.", formula="g / 2", paper="I", year=2026)


@dataclass(frozen=True)
class Half:
    """Multiply every gradient by `factor`."""

    factor: Fraction = 0.5

    def clip(self, grads, params):
        return {name: value * self.factor for name, value in grads.items()}
'''

Run = Callable[..., Answer]


@pytest.fixture
def notebook(monkeypatch: pytest.MonkeyPatch) -> Notebook:
    found = Notebook(monkeypatch)
    found.run("WIDTH = 8")
    found.run(CELL)
    return found


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("HIKAKU_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HIKAKU_LANG", "en")
    x, y = load_digits(return_X_y=True)
    data = {"use": (x[:300].astype("float32") / 16, y[:300]), "train": 120, "validation": 60}

    def go(model: Any, seeds: int = 1, engine: Engine = "auto", **changes: Any) -> Answer:
        recipe = {"epochs": 2, "batch_size": 32, "optimizer": {"use": "sgd", "lr": 0.1}}
        wanted = {"recipe": recipe, "variants": [], "folder": tmp_path} | changes
        study = hk.Study(
            metric="accuracy", worth=0.1, model=model, data=data, seeds=seeds, **wanted
        )
        return hk.run(study, store=tmp_path / "store.db", workers=1, engine=engine)

    return go


def losses(answer: Answer, arm: str = "base") -> list[float]:
    return answer.results.values(arm, "loss", "test", "last").tolist()


def test_a_model_and_a_technique_of_cells_train_in_workers_once(
    notebook: Notebook, run: Run, capfd: pytest.CaptureFixture[str]
) -> None:
    Net, Half = notebook.names["Net"], notebook.run(HALF)["Half"]
    variants = [
        {"name": "wide", "model": {"use": Net, "width": 16}},
        {"name": "half", "clip": [Half(0.25)]},
    ]
    first = run(Net, variants=variants)
    assert (first.trained, first.reused) == (3, 0)
    assert "model: Net -> Net(width=16)" in first.table()
    assert "clip + Half(factor=0.25)" in first.table()
    assert "cannot travel" not in capfd.readouterr().err
    notebook.run("unrelated = 1")
    assert (run(Net, variants=variants).trained) == 0
    notebook.run("WIDTH = 9")
    again = run(notebook.run(CELL)["Net"], variants=variants)
    # `wide` has its width from the study, but its cell is another one too.
    assert again.trained == 3
    assert losses(again) != losses(first)


def closure(Net: Any) -> Callable[..., Any]:
    alive = [0]

    def make(inputs: tuple[int, ...], classes: int) -> Any:
        alive[0] += 1
        return Net(inputs, classes, 8)

    return make


def test_what_cannot_travel_trains_here_and_comes_to_the_same_numbers(
    notebook: Notebook, run: Run, capfd: pytest.CaptureFixture[str]
) -> None:
    there = run(notebook.names["Net"])
    make = closure(notebook.names["Net"])
    here = run(make)
    assert losses(here) == losses(there)
    told = capfd.readouterr().err
    assert "make cannot travel to worker processes: make was defined inside a function" in told
    assert told.count("cannot travel") == 1
    assert (here.trained, run(make).reused) == (1, 0)


def blas_threads() -> set[int]:
    return {one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"}


@pytest.mark.parametrize("engine", ["plain", "book"])
def test_training_here_leaves_this_process_as_it_was(
    notebook: Notebook, run: Run, engine: Engine
) -> None:
    before, threads = generators(), blas_threads()
    torch.set_default_dtype(torch.float64)
    torch.set_num_threads(2)
    try:
        with torch.no_grad():
            run(closure(notebook.names["Net"]), engine=engine)
            assert not torch.is_grad_enabled()
        assert torch.get_default_dtype() == torch.float64
        assert torch.get_num_threads() == 2
    finally:
        torch.set_default_dtype(torch.float32)
        torch.set_num_threads(1)
    assert generators() == before and blas_threads() == threads


CHECKED = 5
"""So often a model is made before any trial: to be looked at, to be tried, and thrice to compare
first weights."""


def test_an_interrupt_here_leaves_what_was_finished_in_the_store(
    notebook: Notebook, run: Run, tmp_path: Path
) -> None:
    Net, made = notebook.names["Net"], []

    def make(inputs: tuple[int, ...], classes: int) -> Any:
        made.append(1)
        if len(made) == CHECKED + 3:  # two trials are done
            raise KeyboardInterrupt
        return Net(inputs, classes)

    with pytest.raises(KeyboardInterrupt):
        run(make, seeds=4, engine="plain")
    with Store.reading(str(tmp_path / "store.db")) as kept:
        assert [(found.name, found.done) for found in kept.studies()] == [("study", 2)]


def test_an_exception_here_ends_its_trial_and_no_other(
    notebook: Notebook, run: Run, capfd: pytest.CaptureFixture[str]
) -> None:
    Net, made = notebook.names["Net"], []

    def make(inputs: tuple[int, ...], classes: int) -> Any:
        made.append(1)
        if len(made) == CHECKED + 2:
            raise SystemExit("enough")
        return Net(inputs, classes)

    answer = run(make, seeds=3, engine="plain")
    ends = [answer.results.trials["base", seed].outcome.status for seed in range(3)]
    assert sorted(ends) == ["done", "done", "failed"]
    assert "enough" in capfd.readouterr().err
