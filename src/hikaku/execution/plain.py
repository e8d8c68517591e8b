"""The plain engine: one trial in this process, on one thread. What workers run."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
import torch

from hikaku.data import cache
from hikaku.data.odd import has_equal_samples, seen_before
from hikaku.data.prepare import Preparation, fit
from hikaku.data.split import Split, split
from hikaku.data.task import Task
from hikaku.errors import StudyError
from hikaku.execution import judges
from hikaku.execution.arithmetic import THREADS
from hikaku.execution.device import settled
from hikaku.execution.job import Job
from hikaku.execution.keeping import blueprint_of, keeper_of
from hikaku.execution.machine import environment
from hikaku.execution.material import formatted_material, material_of, sample_of
from hikaku.execution.memory import peak_memory_mib, reset_peak_memory
from hikaku.execution.reading import opened_files, unkeyed
from hikaku.execution.unchanged import check_files
from hikaku.record import READS, SEEN, Measured, Outcome, Sheet
from hikaku.study.catalogue import is_file_reference
from hikaku.training import metrics
from hikaku.training.blueprint import Blueprint
from hikaku.training.evaluate import Reader
from hikaku.training.flops import flops_of
from hikaku.training.loop import Evaluated, Material, Trained, train
from hikaku.training.placement import placed_trial
from hikaku.training.program import Program, build
from hikaku.training.repeatable import refuse_unrepeatable
from hikaku.training.sample import Sample
from hikaku.training.size import Size, size
from hikaku.training.state import TrainState
from hikaku.words import message

FEW = 16
"""Samples of each split that a dry run looks at."""


def prepare_process() -> None:
    """Set this process to one thread: a result must not depend on the number of cores.

    And to one way of computing attention: in evaluation, an unedited layer would take a fused one
    that an edited layer cannot.
    """
    torch.set_num_threads(THREADS)
    torch.set_default_dtype(torch.float32)
    torch.set_grad_enabled(True)
    torch.backends.mha.set_fastpath_enabled(False)


def run_trial(job: Job, report: Callable[[int, int], None]) -> Measured:
    """Return everything that this trial measures, calling `report(update, updates)` on the way.

    Raises `Paused` where a file of the user's is no longer the one that the key was made from.
    """
    started = time.perf_counter()
    reset_peak_memory()
    check_files(job)
    trial = prepared(job)
    sizes = trial.size
    with keeper_of(job, trial.program, trial.blueprint, sizes) as keeper:

        def hear(seen: Evaluated) -> None:
            keeper.hear(seen)
            report(seen.update, seen.updates)

        trained = trial.train(hear)
        check_files(job)
        keeper.finish(trained)
    cost = {"seconds": time.perf_counter() - started, "peak_mib": peak_memory_mib()}
    outcome = Outcome(
        key=job.key,
        status=trained.status,
        step=trained.step,
        epoch=-(-trained.step // sizes.steps_per_epoch),
        steps_per_epoch=sizes.steps_per_epoch,
        parameters=sum(value.numel() for value in trained.state.params.values()),
        arithmetic=str(job.arithmetic),
        environment=f"{environment()}, {torch.backends.cpu.get_cpu_capability()}",
        samples=trial.samples,
        cost=cost | trial.counted(trained.step),
    )
    sheets = (*trained.sheets, *trial.named_classes(), Sheet("split", np.array(trial.rows)))
    if words := (*trained.noticed, *trial.seen, *(READS + name for name in trial.reads)):
        sheets += (Sheet("noticed", np.array(words)),)
    return Measured(outcome, trained.records, sheets)


def dry_run(job: Job) -> None:
    """Raise what is wrong with this arm: build it, make two updates, read and judge it once.

    A few samples of each split are enough for that, but for two whole batches to train on.
    """
    check_files(job)
    few = max(FEW, 2 * job.work.recipe.batch_size)
    trial = prepared(job, few)
    refuse_nothing(trial)
    refuse_unrepeatable(job.work, trial.sample, job.seed, job.folder)
    prepare_process()
    trial.train(lambda seen: None, limit=2)


def refuse_nothing(trial: Prepared) -> None:
    """Raise `StudyError` where a trial makes no update."""
    if trial.size.steps < 1:
        raise StudyError.of(
            message("recipe: there is nothing to train"),
            why=message("{n} training samples give no update", n=trial.samples[0]),
            mend=message("raise data.train, recipe.epochs or recipe.steps"),
        )


@dataclass(frozen=True)
class Prepared:
    """A trial that is ready to train; `samples` counts train, validation and test.

    `rows` names the split: seeds with the same words meet the same samples. `seen` says how many
    test samples equal one to train on, where there are any. `reads` are the files that the model
    was built from and no key knows of, `sample` what it was built for.
    """

    job: Job
    blueprint: Blueprint
    program: Program
    state: TrainState
    material: Material
    size: Size
    samples: tuple[int, int, int]
    rows: tuple[str, str, str]
    classes: tuple[str, ...]
    sample: Sample
    seen: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()

    def named_classes(self) -> Iterator[Sheet]:
        """Yield the names of the classes, where they say more than the numbers."""
        if self.classes != tuple(map(str, range(len(self.classes)))):
            yield Sheet("classes", np.array(self.classes))

    def counted(self, steps: int) -> dict[str, float]:
        """Return the "flops" of the first `steps` updates; nothing where they cannot be counted."""
        recipe, data = self.job.work.recipe, self.material.data
        flops = flops_of(self.program, self.state, data, recipe, steps)
        return {} if flops is None else {"flops": flops}

    def train(self, hear: Callable[[Evaluated], None], limit: int | None = None) -> Trained:
        """Train it, to its end or to `limit` updates."""
        job = self.job
        return train(
            self.program,
            self.state,
            job.work.recipe,
            self.material,
            job.seed,
            hear,
            limit,
        )


def prepared(job: Job, few: int | None = None) -> Prepared:
    """Return the job's trial with its data, cut to `few` samples of each split where given."""
    task = cache.open_task(Path(job.task))
    parts = split(task, job.work.data, job.seed)
    sizes = size(job.work.recipe, len(parts.train))
    prepare = fit(task, parts.train)
    sample = sample_of(task, parts, prepare)
    with opened_files() as opened:
        program, state = build(job.work, sample, sizes, job.seed, job.folder)
    reader = reader_of(task, job, prepare)
    # A file of the user's may have set threads and defaults while it was run.
    prepare_process()
    kept = Split(parts.train[:few], parts.validation[:few], parts.test[:few])
    material = formatted_material(material_of(task, kept, prepare, reader), program)
    program, state, material = placed_trial(program, state, material, settled(job.arithmetic.kind))
    samples = (len(parts.train), len(parts.validation), len(parts.test))
    blueprint = blueprint_of(job, task, prepare, sample)
    seen = seen_in_training(task, parts) if few is None else ()
    return Prepared(
        *(job, blueprint, program, state, material, sizes, samples),
        *(named_rows(parts), task.classes, sample),
        seen=seen,
        reads=unkeyed(opened, job),
    )


def named_rows(parts: Split) -> tuple[str, str, str]:
    """Return one word each for the samples of train, validation and test, 16 hexadecimal digits.

    The same samples give the same word: of train and validation in any order, of test in this one,
    for what is kept of each test sample stands in it.
    """
    train, validation, test = (
        sha256(rows.astype("<i8").tobytes()).hexdigest()[:16]
        for rows in (np.sort(parts.train), np.sort(parts.validation), parts.test)
    )
    return train, validation, test


def seen_in_training(task: Task, parts: Split) -> tuple[str, ...]:
    """Return the word for test samples that equal a training sample; none where there are none."""
    if not has_equal_samples(task):
        return ()
    count = seen_before(task, parts.train, parts.test)
    return (f"{SEEN}{count} of {len(parts.test)}",) if count else ()


def reader_of(task: Task, job: Job, prepare: Preparation) -> Reader:
    """Return what this trial reads: the standing metrics, and those that the study adds."""
    own = tuple((n, judges.load(n, job.folder)) for n in job.extra if is_file_reference(n))
    added = tuple(name for name in job.extra if not is_file_reference(name))
    if not task.classes:
        return Reader(0, metrics.REGRESSION, metrics.REGRESSION, own, prepare)
    standing = tuple(
        name for name in metrics.CLASSIFICATION if name != "top-5" or len(task.classes) > 5
    )
    return Reader(len(task.classes), standing + added, (*standing, "auroc"), own)
