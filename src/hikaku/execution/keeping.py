"""The blueprint that a trial's weights are kept with."""

from __future__ import annotations

from pathlib import Path

from torch import Tensor

from hikaku.data.prepare import Preparation
from hikaku.data.task import Task
from hikaku.execution.job import Job
from hikaku.training.blueprint import Blueprint, Wanted
from hikaku.training.sample import Sample


def blueprint_of(job: Job, task: Task, prepare: Preparation, sample: Sample) -> Blueprint:
    """Return what is written beside this trial's weights."""
    given = sample.inputs if isinstance(sample.inputs, dict) else {"": sample.inputs}
    return Blueprint(
        key=job.key,
        work=job.work,
        seed=job.seed,
        inputs={
            name: _wanted(given[name], array.shape[1:], str(array.dtype))
            for name, array in task.arrays
        },
        kind=task.kind,
        classes=task.classes,
        outputs=sample.outputs,
        preparation=prepare,
        files=dict(job.files),
        texts=_texts(job),
    )


def _wanted(seen: Tensor, raw: tuple[int, ...], dtype: str) -> Wanted:
    return Wanted(
        raw=raw,
        dtype=dtype,
        shape=tuple(seen.shape[1:]),
        low=float(seen.min()),
        high=float(seen.max()),
        whole=not seen.is_floating_point(),
    )


def _texts(job: Job) -> dict[str, str]:
    """Return the user's Python files, byte for byte whatever their encoding."""
    if job.keep.what != "model":
        return {}
    return {
        file: (Path(job.folder) / file).read_bytes().decode("utf-8", "surrogateescape")
        for file, _ in job.files
        if file.endswith(".py")
    }
