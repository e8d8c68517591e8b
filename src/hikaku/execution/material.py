"""What a trial is made of, as tensors: the splits, and the sample that its model must fit."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils._pytree import tree_map

from hikaku.data.prepare import Preparation, Prepared
from hikaku.data.split import Split
from hikaku.data.task import Task
from hikaku.techniques.slots import Input
from hikaku.training.evaluate import Part, Reader
from hikaku.training.memory_format import Bytes, Samples, convolves, formatted
from hikaku.training.program import Program
from hikaku.training.sample import Sample
from hikaku.training.stack import Material

LARGE_MIB = 64
"""Images that would take more as float32 stay bytes: preparing them anew costs less than this."""
WATCHED = 1000
"""The fixed sample of train has at least this many samples (or is all of train)."""


def sample_of(task: Task, parts: Split, prepare: Preparation) -> Sample:
    """Return what the model must fit, from the training samples alone."""
    counts = (
        np.bincount(task.targets[parts.train], minlength=len(task.classes)) if task.classes else ()
    )
    return Sample(
        shape=task.shape,
        classes=len(task.classes),
        counts=tuple(int(count) for count in counts),
        inputs=tensors(prepare(task.rows(parts.train[:2]))),
        outputs=len(task.classes) or math.prod(task.targets.shape[1:]),
        names=task.classes,
    )


def material_of(task: Task, parts: Split, prepare: Preparation, reader: Reader) -> Material:
    """Return the splits as tensors, with the fixed sample of train that is read on the way.

    The sample is the front of the train split, which holds the classes in proportion.
    """
    count = max(WATCHED, len(parts.validation))
    train, validation, test = (
        part_of(task, part, prepare) for part in (parts.train, parts.validation, parts.test)
    )
    watched = Part(tree_map(lambda x: x[:count], train.x), train.y[:count])
    return Material(train, watched, validation, test, reader)


def formatted_material(material: Material, program: Program) -> Material:
    """Return the material with its images in the memory format that the model works in."""
    if not convolves(program.eval_model):
        return material

    def changed(part: Part) -> Part:
        return Part(formatted(part.x), part.y)

    return replace(
        material,
        train=changed(material.train),
        watched=changed(material.watched),
        validation=changed(material.validation),
        test=changed(material.test),
    )


def part_of(task: Task, index: NDArray[np.int64], prepare: Preparation) -> Part:
    """Return these samples of the task: prepared, or many images as bytes."""
    y = torch.from_numpy(np.ascontiguousarray(prepare.targets(task.targets[index])))
    return Part(inputs_of(task, index, prepare), y)


def inputs_of(task: Task, index: NDArray[np.int64], prepare: Preparation) -> Samples:
    """Return the inputs of these samples."""
    raw = task.inputs
    if not isinstance(raw, np.ndarray) or raw.dtype != np.uint8 or raw.ndim not in (3, 4):
        return tensors(prepare(task.rows(index)))
    if len(index) * raw[0].size * 4 <= LARGE_MIB << 20:
        return tensors(prepare(task.rows(index)))
    like = tensors(prepare(task.rows(index[:1])))
    assert isinstance(like, torch.Tensor)
    return Bytes(np.asarray(raw), index, prepare, like)


def tensors(prepared: Prepared) -> Input:
    """Return prepared rows as tensors."""
    if isinstance(prepared, dict):
        return {name: torch.from_numpy(array) for name, array in prepared.items()}
    return torch.from_numpy(prepared)
