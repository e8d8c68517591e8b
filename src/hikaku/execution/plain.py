"""The plain engine: one trial in this process, on one thread. What workers run."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from hikaku.data import cache
from hikaku.data.split import Split, split
from hikaku.data.task import Task
from hikaku.errors import StudyError
from hikaku.execution import judges
from hikaku.execution.arithmetic import THREADS
from hikaku.execution.job import Job
from hikaku.execution.machine import environment
from hikaku.record import Measured, Outcome
from hikaku.training import metrics
from hikaku.training.evaluate import Part, Reader
from hikaku.training.loop import Course, Material, evaluate, judged, train
from hikaku.training.memory_format import convolves, images
from hikaku.training.program import Program, Sample, build, size
from hikaku.words import message

FEW = 16
"""Samples of each split that a dry run looks at."""

WATCHED = 1000
"""The fixed sample of train has at least this many samples (or is all of train)."""


def prepare_process() -> None:
    """Set this process to one thread: a result must not depend on the number of cores."""
    torch.set_num_threads(THREADS)
    torch.set_grad_enabled(True)


def run_trial(job: Job, report: Callable[[int, int], None]) -> Measured:
    """Return everything that this trial measures, calling `report(update, updates)` on the way."""
    started = time.perf_counter()
    reset_peak_memory()
    task = cache.open_task(Path(job.task))
    parts = split(task, job.work.data, job.seed)
    reader = reader_of(task, job)
    work_size = size(job.work.recipe, len(parts.train))
    program, state = build(job.work, sample_of(task, parts), work_size, job.seed, job.folder)
    material = formatted_material(material_of(task, parts), program)
    trained = train(program, state, job.work.recipe, material, reader, job.seed, report)
    outcome = Outcome(
        key=job.key,
        status="done" if trained.status == "done" else "diverged",
        step=trained.step,
        epoch=-(-trained.step // work_size.steps_per_epoch),
        steps_per_epoch=work_size.steps_per_epoch,
        parameters=sum(value.numel() for value in state.params.values()),
        arithmetic=str(job.arithmetic),
        environment=environment(),
        samples=(len(parts.train), len(parts.validation), len(parts.test)),
        cost={"seconds": time.perf_counter() - started, "peak_mib": peak_memory_mib()},
    )
    return Measured(outcome, trained.records, trained.sheets)


def dry_run(job: Job) -> int:
    """Return the number of parameters of this arm; raise what is wrong with it before training.

    Builds the model, and reads and judges it on a few samples as training would.
    """
    task = cache.open_task(Path(job.task))
    parts = split(task, job.work.data, job.seed)
    work_size = size(job.work.recipe, len(parts.train))
    if work_size.steps < 1 or len(parts.train) < 2:
        raise StudyError.of(
            message("recipe: there is nothing to train"),
            why=message("{n} training samples give no update", n=len(parts.train)),
            mend=message("raise data.train, recipe.epochs or recipe.steps"),
        )
    sample = sample_of(task, parts)
    program, state = build(job.work, sample, work_size, job.seed, job.folder)
    few = Split(parts.train[:FEW], parts.validation[:FEW], parts.test[:FEW])
    material = formatted_material(material_of(task, few), program)
    check_outputs(program.predict(state.weights, material.train.x), len(task.classes) or 1)
    course = Course()
    evaluate(program, state.weights, material, reader_of(task, job), course, 0)
    judged(program, state, state.weights, course)
    return sum(value.numel() for value in state.params.values())


def check_outputs(outputs: torch.Tensor, wanted: int) -> None:
    """Raise where a model's outputs are not (batch, wanted)."""
    if outputs.dim() != 2 or outputs.shape[1] != wanted:
        raise StudyError.of(
            message("model: its output has the shape {found}", found=tuple(outputs.shape)),
            why=message("this data needs (batch, {wanted})", wanted=wanted),
            mend=message("give the model's last layer {wanted} outputs", wanted=wanted),
        )


def sample_of(task: Task, parts: Split) -> Sample:
    """Return what the model must fit, from the training samples alone."""
    inputs = torch.from_numpy(task.scaled(task.inputs[parts.train[:2]]))
    counts = np.bincount(task.targets[parts.train], minlength=len(task.classes))
    return Sample(
        shape=tuple(inputs.shape[1:]),
        classes=len(task.classes),
        counts=tuple(int(count) for count in counts) if task.classes else (),
        inputs=inputs,
    )


def material_of(task: Task, parts: Split) -> Material:
    """Return the splits as tensors, with the fixed sample of train that is read on the way.

    The sample is the front of the train split, which holds the classes in proportion.
    """
    count = max(WATCHED, len(parts.validation))
    train = part_of(task, parts.train)
    watched = Part(train.x[:count], train.y[:count])
    return Material(train, watched, part_of(task, parts.validation), part_of(task, parts.test))


def formatted_material(material: Material, program: Program) -> Material:
    """Return the material with its images in the memory format that the model works in."""
    parts = (material.train, material.watched, material.validation, material.test)
    if not convolves(program.eval_model):
        return material
    return Material(*(Part(images(part.x), part.y) for part in parts))


def part_of(task: Task, index: NDArray[np.int64]) -> Part:
    """Return these samples of the task, inputs scaled, as tensors."""
    return Part(
        torch.from_numpy(task.scaled(task.inputs[index])),
        torch.from_numpy(np.ascontiguousarray(task.targets[index])),
    )


def reader_of(task: Task, job: Job) -> Reader:
    """Return what this trial reads: the standing metrics, and those that the study adds."""
    own = tuple((name, judges.load(name, job.folder)) for name in job.extra if ".py:" in name)
    added = tuple(name for name in job.extra if ".py:" not in name)
    if not task.classes:
        return Reader(0, metrics.REGRESSION, metrics.REGRESSION, own)
    standing = tuple(
        name for name in metrics.CLASSIFICATION if name != "top-5" or len(task.classes) > 5
    )
    return Reader(len(task.classes), standing + added, (*standing, "auroc"), own)


def reset_peak_memory() -> None:
    """Start the peak anew, where the system (Linux) allows it."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return


def peak_memory_mib() -> float:
    """Return this process's largest resident memory since the last reset, in MiB."""
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20  # macOS counts bytes
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024
