"""What the planner is told of an arm: the same as training would show, and told without torch."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from kinds import Kind
from own_models import job as own_job
from own_models import prepared_as_in_a_worker
from tiny import job, use

from hikaku.data.task import Column, Task
from hikaku.errors import StudyError
from hikaku.execution import orders
from hikaku.execution.gauge import gauge
from hikaku.execution.inline import Here
from hikaku.execution.job import Job
from hikaku.execution.plain import prepared
from hikaku.execution.survey import survey, zeros
from hikaku.execution.workers import answered
from hikaku.study.catalogue import models
from hikaku.study.recipe import Evaluation
from hikaku.training.outside_random import generators
from hikaku.training.survey import FORM, Survey, as_json, survey_of

pytestmark = pytest.mark.usefixtures(prepared_as_in_a_worker.__name__)


def mlp_job(*hidden: int, seed: int = 0, **slots: Any) -> Job:
    asked = job(seed=seed, **slots)
    return replace(asked, work=replace(asked.work, model=models()["mlp"].use({"hidden": hidden})))


def own_survey(folder: Path, forward: str, made: str = "pass", arm: str = "base") -> Survey:
    text = f"""
class Net(nn.Module):
    def __init__(self, inputs, classes):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(inputs[0], 8), nn.Linear(8, classes)
        {made}

    def forward(self, x):
        {forward}
"""
    return survey(own_job(Kind("", text), arm, folder))


def test_a_chain_is_described_by_its_widths_and_its_cost() -> None:
    found = survey(mlp_job(12, 9))
    assert (
        found.widths == (64, 12, 9, 10) and found.why_not_dense is None and found.not_lifted is None
    )
    assert found.parameters == 65 * 12 + 13 * 9 + 10 * 10
    assert not found.convolves and not found.batch_norm
    # Kept per sample, in float32: the input, and what each ReLU gives.
    assert found.activation_bytes == 4 * (64 + 12 + 9)


def test_the_share_of_zeros_is_that_of_the_prepared_data_whatever_the_seed() -> None:
    task = prepared(mlp_job(12)).ground.task
    x = np.asarray(task.rows(np.arange(len(task.targets))))
    few = survey(mlp_job(12))
    assert (
        few.zeros == survey(mlp_job(12, seed=3)).zeros == pytest.approx(np.mean(x == 0), abs=0.02)
    )
    assert 0.2 < few.zeros < 0.8, "the digits have some"
    assert survey(job()).zeros == 0, "what convolves is not looked at"


def table(values: list[float], *, standardize: bool = False) -> Task:
    x = np.array(values, np.float32)[:, None]
    columns = (Column("a"),)
    y = np.arange(len(values)) % 2
    return Task("t", x, y, "classification", ("a", "b"), columns=columns, standardize=standardize)


def test_zeros_are_looked_for_all_over_the_pool_and_behind_its_preparation() -> None:
    """Files may be sorted; gaps are filled with the median; a mean leaves nothing zero."""
    assert zeros(table([0.0] * 300 + [1.0] * 700)) == pytest.approx(0.3, abs=0.01)
    assert zeros(table([0.0] * 6 + [np.nan] * 4)) == 1
    assert zeros(table([0.0, 0.0, 0.0, 1.0], standardize=True)) == 0
    tested = replace(table([0.0] * 4 + [1.0] * 4), official_test=4)
    assert zeros(tested) == 1, "samples to test on are not looked at"


@pytest.mark.parametrize("slots", [{}, {"batch_size": 7}, {"batch_size": 64}], ids=str)
def test_operations_are_those_of_a_whole_batch(slots: dict[str, Any]) -> None:
    for asked in (mlp_job(12, 9, **slots), job(**slots)):
        assert survey(asked).flops == gauge(asked, "flops")


def test_convolutions_are_no_chain_and_are_lifted_all_the_same() -> None:
    found = survey(job())
    assert found.convolves and found.not_lifted is None
    assert found.widths == () and found.why_not_dense is found.no_chain is not None


def test_what_mixes_the_samples_of_a_batch_is_noticed() -> None:
    assert survey(mlp_job(12, layers=(use("batch-norm"),))).batch_norm
    assert survey(job(layers=(use("batch-norm"),))).batch_norm
    assert not survey(mlp_job(12, layers=(use("dropout"),))).batch_norm


def test_a_model_of_ones_own_that_norms_without_a_layer_mixes_samples(tmp_path: Path) -> None:
    assert own_survey(
        tmp_path, "return self.fc2(F.relu(self.fc1(x) - self.fc1(x).mean(0)))"
    ).batch_norm


def test_a_recipe_that_looks_inside_is_not_taken(tmp_path: Path) -> None:
    assert survey(mlp_job(12, penalty=(use("l2"),), clip=(use("clip-norm"),))).not_taken is None
    (tmp_path / "mine.py").write_text(PENALTY, "utf-8")
    asked = replace(mlp_job(12, penalty=(use_own("mine.py:Mine"),)), folder=str(tmp_path))
    found = survey(asked)
    assert found.widths and "activations" in str(found.why_not_dense)


PENALTY = '''
from dataclasses import dataclass

from hikaku.study.card import Card, NonNegative

CARD = Card(
    slot="penalty", family="mine", claim="c", formula="f", paper="p", year=2000, off={"share": 0.0}
)


@dataclass(frozen=True)
class Mine:
    """Small activations."""

    share: NonNegative = 0.1
    reads_activations = True

    def penalty(self, params, activations, facts):
        return self.share * sum((value**2).mean() for value in activations.values())
'''


def use_own(name: str) -> Any:
    from hikaku.study.recipe import Use

    return Use(name, (("share", 0.1),))


def test_a_model_that_branches_on_numbers_or_draws_its_own_is_not_lifted(tmp_path: Path) -> None:
    branches = "h = self.fc1(x)\n        return self.fc2(F.relu(h) if h.sum() > 0 else h)"
    assert own_survey(tmp_path / "a", branches).not_lifted is not None
    draws = "return self.fc2(F.relu(self.fc1(x)) * torch.rand(8))"
    found = own_survey(tmp_path / "b", draws)
    assert found.not_lifted is not None and found.no_chain is not None


SAME_STACK: dict[str, dict[str, Any]] = {
    "another seed": {"seed": 3},
    "another rate": {"optimizer": use("sgd", lr=0.5)},
    "other first weights": {"init": use("he-normal")},
    "weaker noise": {"layers": (use("batch-norm"), use("dropout", p=0.1))},
}
BASE = (use("batch-norm"), use("dropout", p=0.5))


@pytest.mark.parametrize("name", SAME_STACK)
def test_seeds_and_mere_numbers_leave_an_arm_in_its_stack(name: str) -> None:
    base, other = (
        survey(mlp_job(12, layers=BASE)),
        survey(mlp_job(12, **{"layers": BASE} | SAME_STACK[name])),
    )
    assert base == other


OTHER_STACK: dict[str, dict[str, Any]] = {
    "widths": {"hidden": (13,)},
    "batch size": {"batch_size": 8},
    "updates": {"epochs": 4},
    "evaluations": {"evaluate_every": Evaluation(2, "step", 2)},
    "order": {"order": "with-replacement"},
}


@pytest.mark.parametrize("name", OTHER_STACK)
def test_sizes_and_evaluations_put_an_arm_into_another_stack(name: str) -> None:
    slots = dict(OTHER_STACK[name])
    other = survey(mlp_job(*slots.pop("hidden", (12,)), **slots))
    base = survey(mlp_job(12))
    assert base.signature != other.signature and base.program != other.program


def test_other_data_put_an_arm_into_another_stack() -> None:
    asked = mlp_job(12)
    fewer = replace(asked.work, data=replace(asked.work.data, train=32))
    assert survey(asked).signature != survey(replace(asked, work=fewer)).signature


@pytest.mark.parametrize(
    "slots",
    [
        {"layers": (use("batch-norm"),)},
        {"layers": (use("gelu"),)},
        {"optimizer": use("adam")},
        {"loss": use("label-smoothing")},
    ],
    ids=str,
)
def test_another_technique_is_another_program_of_the_same_sizes(slots: dict[str, Any]) -> None:
    base, other = survey(mlp_job(12)), survey(mlp_job(12, **slots))
    assert base.signature == other.signature and base.program != other.program


@pytest.mark.parametrize("asked", [mlp_job(12), job()], ids=["chain", "no chain"])
def test_a_survey_comes_back_from_its_text(asked: Job) -> None:
    found = survey(asked)
    assert survey_of(as_json(found)) == found


def test_a_text_of_another_release_is_not_read() -> None:
    text = json.loads(as_json(survey(mlp_job(12))))
    assert survey_of(json.dumps(text | {"form": FORM + 1})) is None
    assert survey_of(json.dumps(text | {"more": 1})) is None
    assert survey_of(json.dumps({name: text[name] for name in text if name != "flops"})) is None


def test_a_worker_is_asked_and_answers_by_text() -> None:
    asked = mlp_job(12)
    text = answered(Here(lambda told: None), orders.Survey(asked))
    assert survey_of(text) == survey(asked)


def test_looking_moves_no_generator() -> None:
    moved = generators()
    survey(mlp_job(12, layers=BASE))
    assert generators() == moved


def test_nothing_to_train_is_refused() -> None:
    with pytest.raises(StudyError, match="nothing to train"):
        survey(mlp_job(12, epochs=0))


def test_reading_a_survey_needs_no_torch() -> None:
    code = "import sys, hikaku.training.survey; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
