"""What goes wrong inside a training ends that trial in words, and nothing beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path

import pytest
from kinds import Kind
from own_models import job as job_of
from own_models import prepared_as_in_a_worker
from tiny import job, run_trial, use

from hikaku.errors import DeviceFault, StudyError
from hikaku.execution.device import explained
from hikaku.execution.dispatch import dispatch
from hikaku.execution.dry import dry_run
from hikaku.execution.happenings import Ended, Happening, Retried
from hikaku.execution.inline import Here
from hikaku.execution.job import Job
from hikaku.execution.orders import Pool
from hikaku.execution.watchdog import Patience
from hikaku.execution.workers import Workers
from hikaku.study.recipe import Use

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures(prepared_as_in_a_worker.__name__)]

FAULTY = '''
"""A technique that misbehaves at one update."""
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

import torch

from hikaku.study.card import Card

CARD = Card(slot="{slot}", family="test", claim="none", formula="g", paper="none", year=2026)
SEEN = [0]


@dataclass(frozen=True)
class Faulty:
    """Do it."""

    def clip(self, grads, params):
        return self.count(params) or grads

    def project(self, params, rate, facts):
        return self.count(params) or params

    def count(self, params):
        SEEN[0] += 1
        if SEEN[0] == {update}:
            {body}
'''
"""The body may return other gradients than those that were given, or parameters (`project`)."""

NAN = "return {n: v * float('nan') for n, v in params.items()}"


def faulty(
    folder: Path, body: str, key: str = "faulty", *, update: int = 4, slot: str = "clip"
) -> Job:
    """Return a job of nine updates, of which one does this."""
    (folder / f"{key}.py").write_text(FAULTY.format(slot=slot, update=update, body=body))
    return job(0, key, **{slot: (Use(f"{folder}/{key}.py:Faulty"),)})


def each(jobs: Sequence[Job]) -> Callable[[], Sequence[Job]]:
    waiting = iter(jobs)
    return lambda: tuple(islice(waiting, 1))


def happened(pool: Pool, *jobs: Job) -> tuple[list[Happening], dict[str, Ended]]:
    told = list(dispatch(each(jobs), pool))
    return told, {one.measured.outcome.key: one for one in told if isinstance(one, Ended)}


@pytest.fixture
def here() -> Here:
    return Here(lambda word: None)


@pytest.fixture
def patient(tmp_path: Path) -> Iterator[Workers]:
    """Two workers whose trials may take six seconds to begin."""
    patience = Patience(seconds=3, start=6)
    pool = Workers(2, logs=tmp_path / "logs", patience=patience)
    yield pool
    pool.close()


BEFORE = 2
"""So often a technique is called before the first update: the arm is rehearsed."""

ONCE = "if not Path('{folder}/{name}').exists(): Path('{folder}/{name}').touch(); {body}"


@pytest.mark.fault("A13")
def test_a_training_that_hangs_is_ended_with_its_stacks_in_the_log_and_tried_again(
    patient: Workers, tmp_path: Path
) -> None:
    bodies = {
        "asleep": "time.sleep(600)",
        "deaf": "signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)",
    }
    jobs = [
        faulty(tmp_path, ONCE.format(folder=tmp_path, name=f"{name}.once", body=body), name)
        for name, body in bodies.items()
    ]
    told, found = happened(patient, *jobs)
    reasons = {one.key: one.reason for one in told if isinstance(one, Retried)}
    assert reasons.keys() == found.keys() == bodies.keys()
    assert all("no update for" in reason for reason in reasons.values())
    undisturbed = run_trial(job(0, "undisturbed")).records
    for name, one in found.items():
        assert one.measured.outcome.status == "done"
        assert one.measured.records == undisturbed
        kept = (tmp_path / "logs" / f"{name}.log").read_text()
        assert "most recent call first" in kept and f"{name}.py" in kept


@pytest.mark.fault("C1")
def test_a_loss_that_is_not_finite_is_an_outcome_and_its_curve_stays(
    here: Here, tmp_path: Path
) -> None:
    _, found = happened(here, faulty(tmp_path, NAN, update=6), job(0, "tame"))
    wild, tame = found["faulty"].measured, found["tame"].measured
    assert (wild.outcome.status, tame.outcome.status) == ("diverged", "done")
    assert 3 < wild.outcome.step < 9 and not wild.outcome.error
    assert wild.records and set(wild.records) < set(tame.records)


@pytest.mark.fault("C2")
@pytest.mark.parametrize("update", [4, 9])  # in the middle, and when no loss comes any more
def test_weights_that_are_not_finite_are_found_at_the_next_evaluation(
    update: int, here: Here, tmp_path: Path
) -> None:
    asked = faulty(tmp_path, NAN, update=update + BEFORE, slot="project")
    outcome = happened(here, asked)[1]["faulty"].measured.outcome
    assert outcome.status == "diverged" and update <= outcome.step <= update + 1


MEMORY = "raise torch.OutOfMemoryError('CUDA out of memory. Tried to allocate 20.00 GiB.')"


@pytest.mark.fault("C4")
@pytest.mark.parametrize(
    "body", [MEMORY, 'raise RuntimeError("DefaultCPUAllocator: can\'t allocate memory")']
)
def test_out_of_memory_fails_the_trial_with_a_batch_to_try_and_never_shrinks_it(
    body: str, here: Here, tmp_path: Path
) -> None:
    told, found = happened(here, faulty(tmp_path, body), job(0, "next"))
    failed = found["faulty"].measured
    assert failed.outcome.status == "failed" and not failed.records
    assert "a batch of 16" in failed.outcome.error
    assert "recipe.batch_size = 8" in failed.outcome.error
    assert not any(isinstance(one, Retried) for one in told)
    assert found["next"].measured.outcome.status == "done"


LOST = "raise RuntimeError('CUDA error: unspecified launch failure')"


@pytest.mark.fault("C5")
def test_a_device_that_fails_once_costs_its_process_and_no_trial(tmp_path: Path) -> None:
    pool = Workers(1, logs=tmp_path / "logs")
    try:
        body = ONCE.format(folder=tmp_path, name="once", body=LOST)
        (before,) = (worker.process.pid for worker in pool.all)
        told, found = happened(pool, faulty(tmp_path, body))
        assert sum(isinstance(one, Retried) for one in told) == 1
        assert found["faulty"].measured.outcome.status == "done"
        assert [worker.process.pid for worker in pool.all] != [before]
    finally:
        pool.close()


@pytest.mark.fault("C5")
def test_a_device_that_fails_again_ends_the_run_and_no_trial_as_failed(
    here: Here, tmp_path: Path
) -> None:
    ended = []
    with pytest.raises(DeviceFault, match="unspecified launch failure") as caught:
        for one in dispatch(each([faulty(tmp_path, f"SEEN[0] = 0; {LOST}"), job(0, "next")]), here):
            ended += [one] if isinstance(one, Ended) else []
    assert caught.value.exit_code == 6
    assert [one.measured.outcome.status for one in ended] in ([], ["done"])


@pytest.mark.fault("C5")
def test_a_value_that_a_kernel_refuses_is_the_trials_own_fault() -> None:
    error = RuntimeError("CUDA error: device-side assert triggered")
    found = explained(error, job(0))
    assert isinstance(found, StudyError) and 'device = "cpu"' in found.text()
    assert explained(RuntimeError("shapes differ"), job(0)) is None
    assert explained(KeyError("CUDA error"), job(0)) is None


@pytest.mark.fault("C6")
def test_an_operation_that_cannot_be_repeated_is_named_where_it_is_asked_for(
    tmp_path: Path,
) -> None:
    body = """
class Net(nn.Module):
    def __init__(self, inputs, classes):
        super().__init__()
        self.fc1 = nn.Linear(inputs[0], classes)
        torch.use_deterministic_algorithms(True)

    def forward(self, x):
        torch.zeros(3).put_(torch.tensor([1]), torch.tensor([1.0]))
        return self.fc1(x)
"""
    try:
        with pytest.raises((StudyError, RuntimeError), match=r"put_ .*deterministic"):
            dry_run(job_of(Kind("", body), "base", tmp_path))
    finally:
        import torch

        torch.use_deterministic_algorithms(False)


@pytest.mark.fault("C7")
def test_threads_asked_for_elsewhere_change_no_bit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    asked = job(0)
    before = run_trial(asked)
    monkeypatch.setenv("OMP_NUM_THREADS", "4")
    torch.set_num_threads(2)
    _, found = happened(Here(lambda word: None), asked)
    assert found["key"].measured.records == before.records
    assert str(asked.arithmetic) == before.outcome.arithmetic
    assert torch.backends.cpu.get_cpu_capability() in before.outcome.environment
    torch.set_num_threads(1)


MODEL = """
class Net(nn.Module):
    def __init__(self, inputs, classes):
        super().__init__()
        {init}

    def forward(self, x):
        return {answer}
"""


@pytest.mark.fault("C13")
@pytest.mark.parametrize(
    ("init", "answer", "words"),
    [
        ("self.a = nn.Linear(inputs[0], 5)", "self.a(x)", r"needs \(batch, 3\)"),
        ("self.a = nn.Linear(inputs[0], 3)", "self.a(x).nothing", "no attribute 'nothing'"),
        ("self.a = nn.Linear(4, 3)", "self.a(x)", "shapes cannot be multiplied"),
        ("pass", "x[:, :3]", "no parameter|nothing to train|does not require grad|empty"),
        ("self.a = nothing", "x", "name 'nothing' is not defined"),
    ],
)
def test_a_model_that_cannot_train_is_refused_before_anything_does(
    init: str, answer: str, words: str, tmp_path: Path
) -> None:
    with pytest.raises(StudyError, match=words) as caught:
        dry_run(job_of(Kind("", MODEL.format(init=init, answer=answer)), "base", tmp_path))
    assert caught.value.exit_code == 2


@pytest.mark.fault("C15")
def test_a_batch_larger_than_the_data_is_all_of_them() -> None:
    larger, whole = (run_trial(job(0, batch_size=size)).records for size in (1000, 40))
    assert larger == whole


@pytest.mark.fault("C15")
def test_a_last_batch_of_one_is_left_out_in_every_arm_with_and_without_batch_norm() -> None:
    for layers in ((), (use("batch-norm"),)):
        measured = run_trial(job(0, batch_size=13, layers=layers))
        assert (measured.outcome.status, measured.outcome.step) == ("done", 9)
        assert measured.outcome.steps_per_epoch == 3
