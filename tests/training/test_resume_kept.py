"""An interrupted trial goes on as a worker would train it: what it measures, and what it keeps."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest
from tiny import job, run_trial, use

from hikaku.execution.asked_cadence import EVERY
from hikaku.execution.job import Job
from hikaku.execution.orders import Result, Saved, Unsaved, Word
from hikaku.execution.saver import Doubtful, Stopped
from hikaku.execution.together import run_together
from hikaku.record import Checkpoint, Measured
from hikaku.study.recipe import Evaluation, Use
from hikaku.study.study import Keep

ARMS: dict[str, dict[str, object]] = {
    "plain": {},
    "stops early": {"stopping": use("early-stopping", patience=1, restore=True)},
    "batch norm, adam": {"layers": (use("batch-norm"),), "optimizer": use("adam")},
    "fp64": {"precision": "fp64"},
    "bf16": {"precision": "bf16", "layers": (use("dropout"),)},
}


@pytest.fixture(autouse=True)
def always(monkeypatch: pytest.MonkeyPatch) -> None:
    """Save after every update."""
    monkeypatch.setenv(EVERY, "0")


def interrupted(asked: Job, after: int) -> Checkpoint:
    """Train it until it has been saved so often, and is asked to end; return its last state."""
    states: list[Checkpoint] = []
    park = Event()

    def tell(word: Word) -> None:
        if isinstance(word, Saved):
            states.append(word.checkpoint)
            if len(states) == after:
                park.set()

    with pytest.raises(Stopped):
        run_together([asked], tell, park)
    return states[-1]


def measured(found: Measured) -> object:
    """What was measured, without what it cost."""
    sheets = [(sheet.name, sheet.array.tobytes()) for sheet in found.sheets]
    return replace(found.outcome, cost={}), repr(found.records), sheets


def content(folder: Path) -> dict[str, object]:
    """Every file that stays: its head, which is written in any order, and its numbers."""
    found: dict[str, object] = {}
    for path in (folder / "key").glob("*"):
        whole = path.read_bytes()
        end = 8 + int.from_bytes(whole[:8], "little")
        found[path.name] = json.loads(whole[8:end]), whole[end:]
    return found


@pytest.mark.parametrize("weights", ["none", "last", "best", "all"])
@pytest.mark.parametrize("arm", ARMS)
@pytest.mark.fault("A3", "A5")
def test_what_it_measures_and_what_it_keeps_are_the_same(
    arm: str, weights: str, tmp_path: Path
) -> None:
    keep = Keep(weights=weights, what="weights")  # type: ignore[arg-type]  # one of the literals
    slots = {"evaluate_every": Evaluation(2, "step", 2), "epochs": 4} | ARMS[arm]
    one = replace(job(**slots), keep=keep)
    whole = run_trial(replace(one, keep_in=str(tmp_path / "whole")))
    asked = replace(one, keep_in=str(tmp_path / "parts"))
    state = interrupted(asked, 5)
    again = run_trial(replace(asked, saved=(state,)))
    assert measured(again) == measured(whole)
    assert content(tmp_path / "parts") == content(tmp_path / "whole")
    assert bool(content(tmp_path / "whole")) == (weights != "none")


def test_a_state_that_kept_other_weights_is_of_no_use(tmp_path: Path) -> None:
    asked = replace(job(epochs=4), keep=Keep(weights="none"), keep_in=str(tmp_path))
    state = interrupted(asked, 2)
    with pytest.raises(Doubtful) as raised:
        run_trial(replace(asked, keep=Keep(weights="best"), saved=(state,)))
    assert "this is" in raised.value.states[0][1]


ODD = """
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.head = nn.Linear(64, classes)
        self.register_buffer("phase", torch.ones(2, dtype=torch.complex128))

    def forward(self, x):
        return self.head(x.flatten(1)) * self.phase.abs().mean().float()
"""


def test_a_trial_that_no_file_can_hold_is_trained_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "odd.py").write_text(ODD)
    one = job()
    model = Use(f"{tmp_path}/odd.py:Net", ())
    asked = replace(one, work=replace(one.work, model=model), keep_in=str(tmp_path / "files"))
    told: list[Word] = []
    run_together([asked], told.append)
    assert [word.measured.outcome.status for word in told if isinstance(word, Result)] == ["done"]
    (unsaved,) = (word for word in told if isinstance(word, Unsaved))
    assert "complex128" in unsaved.why
    assert not any(isinstance(word, Saved) for word in told)
