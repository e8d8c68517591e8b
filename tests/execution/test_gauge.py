"""What one update costs: counted the same everywhere, and timed on whole batches."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from kinds import Kind
from own_models import job as own_job
from own_models import prepared_as_in_a_worker
from tiny import job, use

from hikaku.errors import StudyError
from hikaku.execution import gauge as gauges
from hikaku.execution.gauge import gauge
from hikaku.execution.inline import Here
from hikaku.execution.job import Job
from hikaku.execution.orders import Gauge
from hikaku.execution.workers import answered
from hikaku.study.catalogue import models

pytestmark = pytest.mark.usefixtures(prepared_as_in_a_worker.__name__)


def mlp_job(*hidden: int, **slots: object) -> Job:
    asked = job(**slots)
    return replace(asked, work=replace(asked.work, model=models()["mlp"].use({"hidden": hidden})))


def test_operations_are_those_of_one_whole_batch_whatever_the_length_of_training() -> None:
    whole = 2 * 16 * (2 * 64 * 5 + 3 * 5 * 10)  # no gradient of the data
    assert gauge(mlp_job(5), "flops") == whole
    assert gauge(mlp_job(5, epochs=9), "flops") == whole
    assert gauge(mlp_job(5, optimizer=use("adam"), batch_size=32), "flops") == 2 * whole


def test_seconds_are_of_fifteen_updates_or_more_after_three(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made, updated = [], gauges.updated

    def heard(*args: object) -> object:
        made.append(args[3:5])
        return updated(*args)

    monkeypatch.setattr(gauges, "updated", heard)
    monkeypatch.setattr(gauges, "ENOUGH_SECONDS", 0.0)
    assert gauge(job(schedule=use("warmup-cosine")), "seconds") > 0
    assert len(made) == 18 and all(len(index) == 16 for index, _ in made)
    # Three epochs of 40 samples are nine updates: a schedule never runs past its end.
    assert [update for _, update in made] == [*range(9), *range(9)]


def test_what_takes_a_thousand_times_the_work_takes_longer() -> None:
    assert gauge(mlp_job(1500, 1500), "seconds") > gauge(mlp_job(4), "seconds")


def test_a_worker_and_this_process_give_the_same_answer() -> None:
    here = answered(Here(lambda told: None), Gauge(mlp_job(5), "flops"))
    assert float(here) == gauge(mlp_job(5), "flops")


MODEL = """
from torch.utils._python_dispatch import _get_current_dispatch_mode as mode

class Net(nn.Module):
    def __init__(self, inputs, classes):
        super().__init__()
        self.fc = nn.Linear(inputs[0], classes)

    def forward(self, x):
        assert type(mode()).__name__ != 'Counter'
        return self.fc(x)
"""


def test_what_cannot_be_counted_is_refused_and_can_be_timed(tmp_path: Path) -> None:
    asked = own_job(Kind("", MODEL), "base", tmp_path)
    with pytest.raises(StudyError, match="cannot be counted"):
        gauge(asked, "flops")
    assert gauge(asked, "seconds") > 0


def test_nothing_to_train_is_refused() -> None:
    with pytest.raises(StudyError, match="nothing to train"):
        gauge(mlp_job(5, epochs=0), "flops")
