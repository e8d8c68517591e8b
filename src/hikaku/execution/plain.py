"""The plain engine: one trial in this process, on one thread. What workers run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from hikaku.data.prepare import Preparation
from hikaku.data.task import Task
from hikaku.execution import judges
from hikaku.execution.arithmetic import THREADS
from hikaku.execution.device import refuse_without_amx, settled
from hikaku.execution.ground import Ground, ground_of
from hikaku.execution.job import Job
from hikaku.execution.keeping import blueprint_of
from hikaku.execution.machine import environment
from hikaku.execution.reading import opened_files, unkeyed
from hikaku.record import IDLE, READS, Measured, Outcome, Sheet
from hikaku.study.catalogue import is_file_reference
from hikaku.study.metrics import LAST_BATCH
from hikaku.training import metrics
from hikaku.training.alone import train_alone
from hikaku.training.blueprint import Blueprint
from hikaku.training.edited import Models
from hikaku.training.evaluate import Reader
from hikaku.training.idle import first_epoch_is_idle
from hikaku.training.keeping import Keeper
from hikaku.training.named_files import with_files
from hikaku.training.placement import placed_trial
from hikaku.training.program import Program, build
from hikaku.training.saving import NEVER, Saving
from hikaku.training.size import Size, size
from hikaku.training.snapshot import Snapshot
from hikaku.training.stack import Evaluated, Material, Start, Trained
from hikaku.training.state import TrainState


def prepare_process() -> None:
    """Set this process to one thread: a result must not depend on the number of cores.

    And to one way of computing attention: in evaluation, an unedited layer would take a fused one
    that an edited layer cannot.
    """
    torch.set_num_threads(THREADS)
    torch.set_default_dtype(torch.float32)
    torch.set_grad_enabled(True)
    torch.backends.mha.set_fastpath_enabled(False)


def measured(trial: Prepared, trained: Trained, cost: dict[str, float]) -> Measured:
    """Return what a trial left as it goes into the store."""
    outcome = Outcome(
        key=trial.job.key,
        status=trained.status,
        step=trained.step,
        epoch=-(-trained.step // trial.size.steps_per_epoch),
        steps_per_epoch=trial.size.steps_per_epoch,
        parameters=sum(value.numel() for value in trained.state.params.values()),
        arithmetic=str(trial.job.arithmetic),
        environment=f"{environment()}, {torch.backends.cpu.get_cpu_capability()}",
        samples=trial.ground.samples,
        cost=cost,
    )
    split = Sheet("split", np.array(trial.ground.rows))
    sheets = (*trained.sheets, *trial.ground.named_classes(), split)
    reads = (READS + name for name in trial.reads)
    idle = (IDLE,) if first_epoch_is_idle(trial.program) else ()
    if words := (*trained.noticed, *idle, *trial.ground.seen, *reads):
        sheets += (Sheet("noticed", np.array(words)),)
    return Measured(outcome, trained.records, sheets)


@dataclass(frozen=True)
class Prepared:
    """A trial that is ready to train, on its ground.

    `reads` are the files that the model was built from and no key knows of. One that was
    interrupted goes on from its `snapshot`.
    """

    job: Job
    ground: Ground
    blueprint: Blueprint
    program: Program
    state: TrainState
    material: Material
    size: Size
    reads: tuple[str, ...] = ()
    snapshot: Snapshot | None = None

    def train(
        self, hear: Callable[[Evaluated], None], limit: int | None = None, saving: Saving = NEVER
    ) -> Trained:
        """Train it, to its end or to `limit` updates."""
        return train_alone(self.start, hear, limit, saving)

    @property
    def keeper(self) -> Keeper:
        """Who keeps its weights."""
        job, each = self.job, self.size.steps_per_epoch
        place = Path(job.keep_in, job.key)
        return Keeper(job.keep, self.program, self.blueprint, place, each, self.snapshot)

    @property
    def start(self) -> Start:
        """Where its training starts."""
        job = self.job
        given = (self.program, self.state, job.work.recipe, self.material, job.seed)
        return Start(*given, self.snapshot)


def prepared(
    job: Job,
    few: int | None = None,
    ground: Ground | None = None,
    known: Models | None = None,
) -> Prepared:
    """Return the job's trial, cut to `few` samples of each split where given.

    Trials of one seed on the same data may be given one `ground`, and the models that are `known`.
    """
    ground = ground or ground_of(job, few)
    sizes = size(job.work.recipe, ground.samples[0])
    with opened_files() as opened:
        size_of_batch = job.work.recipe.batch_size
        program, state = build(
            *(job.work, ground.sample, sizes, job.seed, job.folder),
            batch=lambda: ground.batch(size_of_batch),
            known=known,
        )
        program = with_files(program, ground.sample, ground.prepare, job.folder)
    reader = reader_of(ground.task, job, ground.prepare)
    # A file of the user's may have set threads and defaults while it was run.
    prepare_process()
    refuse_without_amx(job.arithmetic)
    device, dtype = settled(job.arithmetic.kind), job.arithmetic.dtype
    found = placed_trial(program, state, ground.material(program, reader), device, dtype)
    program, state, material = found
    ground.keep(program, material)
    program = replace(program, micro=job.arithmetic.micro, kernels=job.arithmetic.kernels)
    blueprint = blueprint_of(job, ground.task, ground.prepare, ground.sample)
    trial = (job, ground, blueprint, program, state, material, sizes)
    return Prepared(*trial, reads=unkeyed(opened, job))


def reader_of(task: Task, job: Job, prepare: Preparation) -> Reader:
    """Return what this trial reads: the standing metrics, and those that the study adds."""
    own = tuple((n, judges.load(n, job.folder)) for n in job.extra if is_file_reference(n))
    added = tuple(n for n in job.extra if not is_file_reference(n) and n != LAST_BATCH)
    batch = LAST_BATCH in job.extra
    if not task.classes:
        return Reader(0, metrics.REGRESSION, metrics.REGRESSION, own, prepare, batch=batch)
    standing = tuple(
        name for name in metrics.CLASSIFICATION if name != "top-5" or len(task.classes) > 5
    )
    return Reader(len(task.classes), standing + added, (*standing, "auroc"), own, batch=batch)
