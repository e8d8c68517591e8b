"""`Ground`: what the trials of one seed on the same data share, however they train on it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from hikaku.data import builtin, cache
from hikaku.data.odd import has_equal_samples, seen_before
from hikaku.data.prepare import Preparation, fit
from hikaku.data.split import Split, split, word_of
from hikaku.data.task import Task
from hikaku.execution.job import Job
from hikaku.execution.material import formatted_material, material_of, sample_of, tensors
from hikaku.record import OTHER_PIXELS, SEEN, Sheet
from hikaku.techniques.slots import Input
from hikaku.training.evaluate import Reader
from hikaku.training.memory_format import convolves
from hikaku.training.program import Program
from hikaku.training.sample import Sample
from hikaku.training.stack import Material


@dataclass
class Ground:
    """The data of one seed: how it is split and prepared, and, made once, its tensors.

    `rows` names the split: seeds with the same words meet the same samples. `seen` says how many
    test samples equal one to train on, where there are any, and which files stood in for others.
    `few` is how many samples of each split are looked at, None for all.
    """

    task: Task
    parts: Split
    prepare: Preparation
    sample: Sample
    rows: tuple[str, str, str]
    seen: tuple[str, ...]
    few: int | None
    _made: dict[bool, Material] = field(default_factory=dict)

    @property
    def samples(self) -> tuple[int, int, int]:
        """The numbers of samples to train, to validate and to test on."""
        return len(self.parts.train), len(self.parts.validation), len(self.parts.test)

    def batch(self, size: int) -> Input:
        """Return the first samples of train, as the model sees them."""
        return tensors(self.prepare(self.task.rows(self.parts.train[:size])))

    def material(self, program: Program, reader: Reader) -> Material:
        """Return the splits as tensors in the memory format of this program's model."""
        which = convolves(program.eval_model)
        if which not in self._made:
            few = self.few
            kept = Split(*(part[:few] for part in vars(self.parts).values()))
            plain = material_of(self.task, kept, self.prepare, reader)
            self._made[which] = formatted_material(plain, program)
        return replace(self._made[which], reader=reader)

    def keep(self, program: Program, material: Material) -> None:
        """Keep the splits as they are now, on their device: the next trial need not move them."""
        self._made[convolves(program.eval_model)] = material

    def named_classes(self) -> Iterator[Sheet]:
        """Yield the names of the classes, where they say more than the numbers."""
        classes = self.task.classes
        if classes != tuple(map(str, range(len(classes)))):
            yield Sheet("classes", np.array(classes))


def ground_of(job: Job, few: int | None = None) -> Ground:
    """Return the ground of a job's trial, cut to `few` samples of each split where given."""
    task = cache.open_task(Path(job.task))
    parts = split(task, job.work.data, job.seed)
    prepare = fit(task, parts.train)
    sample = sample_of(task, parts, prepare)
    others = (f"{OTHER_PIXELS}{files}" for files in builtin.stood_in(task.notes))
    seen = (*seen_in_training(task, parts), *others) if few is None else ()
    return Ground(task, parts, prepare, sample, named_rows(parts), seen, few)


def named_rows(parts: Split) -> tuple[str, str, str]:
    """Return one word each for the samples of train, validation and test, 16 hexadecimal digits.

    The same samples give the same word: of train and validation in any order, of test in this one,
    for what is kept of each test sample stands in it.
    """
    train, validation, test = (
        word_of(rows) for rows in (np.sort(parts.train), np.sort(parts.validation), parts.test)
    )
    return train, validation, test


def seen_in_training(task: Task, parts: Split) -> tuple[str, ...]:
    """Return the word for test samples that equal a training sample; none where there are none."""
    if not has_equal_samples(task):
        return ()
    count = seen_before(task, parts.train, parts.test)
    return (f"{SEEN}{count} of {len(parts.test)}",) if count else ()
