"""A device is asked for by name, refused with a reason, and part of the key."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from tiny import job, run_trial

from hikaku.errors import EnvironmentFault, StudyError
from hikaku.execution.arithmetic import Arithmetic
from hikaku.execution.choice import choose
from hikaku.execution.device import name_of
from hikaku.execution.plain import prepared
from hikaku.run.identify import identify
from hikaku.study.decode import from_mapping
from hikaku.study.study import Study
from hikaku.training import tiles

STUDY: dict[str, Any] = {
    "format": 1,
    "metric": "accuracy",
    "worth": 0.01,
    "seeds": 1,
    "model": {"use": "mlp", "hidden": [8]},
    "data": {"use": "digits", "train": 60, "validation": 30},
    "recipe": {"epochs": 1, "optimizer": "adam"},
}
no_cuda = pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device here")
needs_cuda = pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device")


def test_a_worker_without_amx_refuses_what_was_planned_with_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tiles, "ours", lambda: False)
    asked = replace(job(), arithmetic=Arithmetic(dtype="bf16", kernels="amx"))
    with pytest.raises(EnvironmentFault, match=r"no AMX(.|\n)*why: (.|\n)*mend: "):
        prepared(asked)


def study(**changes: Any) -> Study:
    return from_mapping(STUDY | changes, name="device", folder=".")


def test_auto_and_cpu_are_one_arithmetic_and_one_trial() -> None:
    assert choose("auto") == choose("cpu") == Arithmetic()
    assert set(identify(study()).trials) == set(identify(study(device="cpu")).trials)


def test_an_unknown_device_is_answered_with_those_there_are() -> None:
    with pytest.raises(StudyError, match="must be one of: auto, cpu, cuda, mps"):
        study(device="gpu")


@no_cuda
@pytest.mark.parametrize("kind", ["cuda", "mps"])
def test_a_device_that_is_not_there_is_refused_with_the_reason(kind: str) -> None:
    if kind == "mps" and torch.backends.mps.is_available():
        pytest.skip("there is an MPS device here")
    with pytest.raises(EnvironmentFault, match=rf'no "{kind}" here(.|\n)*why: (.|\n)*mend: '):
        name_of(kind)


@no_cuda
@pytest.mark.slow
def test_the_refusal_reaches_the_run_before_anything_trains() -> None:
    with pytest.raises(EnvironmentFault, match='no "cuda" here'):
        identify(study(device="cuda"))


@needs_cuda
@pytest.mark.slow
def test_a_trial_on_cuda_ends_near_that_on_the_processor(tmp_path: Path) -> None:
    from dataclasses import replace

    here = run_trial(job(), lambda step, steps: None)
    there = run_trial(
        replace(job(), arithmetic=Arithmetic(device=name_of("cuda"))), lambda step, steps: None
    )
    for one, other in zip(here.records, there.records, strict=True):
        assert one.value == pytest.approx(other.value, abs=0.05)
