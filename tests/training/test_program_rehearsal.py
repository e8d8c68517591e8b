"""What a rehearsal sees, and that it changes nothing where there is nothing to see."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from kinds import Kind, all_kinds
from own_models import job, prepared_as_in_a_worker, train, trial_of
from tiny import job as tiny_job
from tiny import use

from hikaku.errors import StudyError
from hikaku.execution.dry import dry_run
from hikaku.execution.plain import Prepared, prepared
from hikaku.training import alone, updates
from hikaku.training.program import Habits
from hikaku.training.rehearsal import rehearsed

pytestmark = pytest.mark.usefixtures(prepared_as_in_a_worker.__name__)

BODY = """
class Net(nn.Module):
    def __init__(self, inputs, classes):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(inputs[0], 8), nn.Linear(8, classes)
        self.count = 0

    def forward(self, x):
        {before}
        return self.fc2(F.relu(self.fc1(x)))
"""


def kind(before: str) -> Kind:
    return Kind("", BODY.format(before=before))


def habits(before: str, folder: Path) -> Habits:
    trial = trial_of(job(kind(before), "base", folder))
    return seen(trial).habits


def seen(trial: Prepared) -> Any:
    material = trial.material
    return rehearsed(
        trial.program, trial.state, (material.train.x, material.reader.soft(material.train.y)), 8
    )


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("x = x + 0", Habits()),
        ("x = x + torch.randn(())", Habits(draws_in_training=True, draws_in_evaluation=True)),
        ("x = x + torch.randn(()) if self.training else x", Habits(draws_in_training=True)),
        ("x = x if self.training else x + torch.randn(())", Habits(draws_in_evaluation=True)),
        ("import random; x = x * random.random()", Habits(True, True)),
        ("import numpy; x = x * float(numpy.random.rand())", Habits(True, True)),
    ],
)
def test_it_sees_who_draws_from_a_global_generator(
    before: str, expected: Habits, tmp_path: Path
) -> None:
    assert habits(before, tmp_path) == expected


@pytest.mark.parametrize(
    "before", ["x.add_(1)", "x[:, 0] = 0", "x.relu_() if self.training else x"]
)
def test_it_sees_who_writes_into_the_batch_and_the_data_stay_as_they_are(
    before: str, tmp_path: Path
) -> None:
    trial = trial_of(job(kind(before), "base", tmp_path))
    data = [trial.material.train.x.clone(), trial.material.test.x.clone()]
    assert seen(trial).calling.writes
    train(trial)
    assert torch.equal(data[0], trial.material.train.x)
    assert torch.equal(data[1], trial.material.test.x)


@pytest.mark.parametrize(
    "before",
    [
        "self.count += 1; x = x * self.count",
        "self.last = getattr(self, 'last', 0) + x; x = self.last",
        "self.g = getattr(self, 'g', torch.Generator()); x = x + torch.randn(1, generator=self.g)",
    ],
)
def test_a_model_that_remembers_its_last_batch_is_refused(before: str, tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="another answer the second time"):
        dry_run(job(kind(before), "base", tmp_path))


@pytest.mark.parametrize("before", ["self.count += 1", "self.shown = self.fc1(x)"])
def test_a_model_that_only_writes_notes_trains(before: str, tmp_path: Path) -> None:
    assert train(trial_of(job(kind(before), "base", tmp_path))).status == "done"


def test_rare_randomness_is_noticed_at_the_end(tmp_path: Path) -> None:
    before = "self.count += 1; (torch.rand(()) if self.count == 3 else 0)"
    asked = job(kind(before), "base", tmp_path)
    trained = train(trial_of(asked))
    assert trained.noticed == ("outside-randomness",)
    assert train(trial_of(asked)).records == trained.records


def test_every_update_of_such_a_model_has_a_seed_of_its_own(tmp_path: Path) -> None:
    before = "self.count += 1; self.seen = (*getattr(self, 'seen', ()), float(torch.rand(())))"
    trial = trial_of(job(kind(before), "base", tmp_path))
    train(trial)
    drawn = trial.program.train_model.seen
    assert len(set(drawn)) == len(drawn) == 3


def test_a_users_technique_that_draws_is_noticed_too(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(
        "import torch\nfrom dataclasses import dataclass\n\n\n@dataclass(frozen=True)\n"
        "class Noisy:\n    def clip(self, grads, params):\n"
        "        return {n: g + 0 * torch.randn_like(g) for n, g in grads.items()}\n"
    )
    from hikaku.study.recipe import Use

    asked = job(kind("pass"), "base", tmp_path, clip=(Use("mine.py:Noisy"),))
    assert train(trial_of(asked)).noticed == ("outside-randomness",)


def test_nothing_of_ours_is_changed_by_a_rehearsal(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = tiny_job(
        layers=(use("batch-norm"), use("dropout")), optimizer=use("adam"), clip=(use("clip-norm"),)
    )
    with_it = prepared(asked).train(lambda seen: None)
    monkeypatch.setattr(alone, "rehearsed", lambda program, *rest: program)
    without = prepared(asked).train(lambda seen: None)
    assert with_it.records == without.records and with_it.noticed == ()
    for name, value in without.state.weights.items():
        assert torch.equal(value, with_it.state.weights[name])


def test_a_dry_run_makes_two_updates(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    made: list[int] = []
    whole = updates.step

    def heard(*given: Any) -> Any:
        made.append(given[4].step)
        return whole(*given)

    monkeypatch.setattr(updates, "step", heard)
    dry_run(job(kind("pass"), "base", tmp_path))
    assert made == [0, 1]


def test_checkpointed_batches_have_the_gradients_of_today(tmp_path: Path) -> None:
    (checkpointed,) = (
        k for k in all_kinds() if k.title.startswith("activation checkpointing of a")
    )
    plain = replace(
        checkpointed,
        source=checkpointed.source.replace(
            "checkpoint(self.block, self.stem(x), use_reentrant=False)", "self.block(self.stem(x))"
        ),
    )
    for arm in ("base", "dropout", "batch norm"):
        ends = [
            train(trial_of(job(each, arm, tmp_path / str(n))))
            for n, each in enumerate((plain, checkpointed))
        ]
        for name, value in ends[0].state.params.items():
            assert torch.equal(ends[1].state.params[name], value), (arm, name)
