"""What a rehearsal refuses or marks: batches written unseen, modes, answers that say nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from kinds import Kind
from own_models import job, prepared_as_in_a_worker, train, trial_of

from hikaku.errors import StudyError

pytestmark = pytest.mark.usefixtures(prepared_as_in_a_worker.__name__)

BODY = """
class Net(nn.Module):
    def __init__(self, inputs, classes):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(inputs[0], 8), nn.Linear(8, classes)

    def forward(self, x):
        {before}
        return {after}
{more}
"""


def kind(
    before: str = "pass", after: str = "self.fc2(F.relu(self.fc1(x)))", more: str = ""
) -> Kind:
    return Kind("", BODY.format(before=before, after=after, more=more))


def test_a_batch_that_is_written_through_data_leaves_the_kept_samples_alone(tmp_path: Path) -> None:
    trial = trial_of(job(kind("x.data.mul_(0.5)"), "base", tmp_path))
    before = trial.material.validation.x.clone()
    assert train(trial).status == "done"
    assert torch.equal(trial.material.validation.x, before)


MODES = """
    def train(self, mode=True):
        self.training = mode
        self.fc1.train(mode)
        return self
"""


def test_inserted_layers_have_the_models_mode_whatever_its_own_train_sets(tmp_path: Path) -> None:
    trial = trial_of(job(kind(more=MODES), "batch norm", tmp_path))
    assert not any(m.training for m in trial.program.eval_model.hikaku.modules())
    assert all(m.training for m in trial.program.train_model.hikaku.modules())
    assert train(trial).status == "done"


def test_a_model_that_moves_its_statistics_when_it_is_read_is_refused(tmp_path: Path) -> None:
    text = BODY.format(
        before="self.norm.train(); x = self.norm(x)", after="self.fc2(F.relu(self.fc1(x)))", more=""
    ).replace("nn.Linear(8, classes)\n", "nn.Linear(8, classes)\n        "
              "self.norm = nn.BatchNorm1d(inputs[0])\n", 1)  # fmt: skip
    with pytest.raises(StudyError, match="evaluating it changes its buffers"):
        train(trial_of(job(Kind("", text), "base", tmp_path)))


def test_answers_that_are_not_finite_from_the_start_are_refused(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="not finite before anything is trained"):
        train(trial_of(job(kind(after="self.fc2(self.fc1(x)) / 0"), "base", tmp_path)))


def test_a_model_that_ends_in_softmax_is_marked_and_trained(tmp_path: Path) -> None:
    softmax = kind(after="self.fc2(F.relu(self.fc1(x))).softmax(1)")
    found = train(trial_of(job(softmax, "base", tmp_path)))
    assert (found.status, found.noticed) == ("done", ("softmax",))
