"""Real trials for stacks: a tiny task, its arms at several seeds, alone and together."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import torch
from tiny import recipe
from torch import Tensor
from torch.utils._pytree import tree_map

from hikaku.draws import Draws
from hikaku.execution.lifted import Lifted
from hikaku.records import Record
from hikaku.study.catalogue import models
from hikaku.study.recipe import Evaluation, Use
from hikaku.study.study import Data, Training
from hikaku.techniques.slots import Input
from hikaku.training import metrics
from hikaku.training.alone import Alone
from hikaku.training.evaluate import Part, Reader
from hikaku.training.loop import train
from hikaku.training.program import build
from hikaku.training.sample import Sample
from hikaku.training.size import size
from hikaku.training.stack import Material, Start, Trained
from hikaku.training.state import TrainState

CLASSES, SIDE = 3, 8
MLP = models()["mlp"].use({"hidden": (12, 8)})
CNN = models()["small-cnn"].use({"channels": (4, 3), "dense": 8})
RESIDUAL = Use("resnet9", (("width", 2),))


@dataclass(frozen=True)
class Double(Reader):
    """A reader whose targets are float64, so that the losses are."""

    def soft(self, y: Tensor) -> Tensor:
        return super().soft(y).double()


def start(seed: int = 0, model: Use = MLP, samples: int = 26, **slots: object) -> Start:
    """A trial of 26 samples in batches of 8, the last of an epoch smaller; 50 updates."""
    asked = recipe(
        **{
            "epochs": None,
            "steps": 50,
            "batch_size": 8,
            "evaluate_every": Evaluation(20, "step", 20),
        }
        | slots
    )
    material = material_of(seed, samples)
    sample = Sample((1, SIDE, SIDE), CLASSES, (samples // CLASSES,) * CLASSES, material.train.x[:2])
    work = Training(Data(Use("tiny")), model, asked)
    program, state = build(work, sample, size(asked, samples), seed, str(Path.cwd()))
    # To techniques that name a file, a teacher: at "", their default.
    program = replace(program, facts=replace(program.facts, files={"": taught}))
    return Start(program, state, asked, material, seed)


def taught(x: Input) -> Tensor:
    """Return what a teacher says of a batch: its first pixels."""
    assert isinstance(x, Tensor)
    return x.flatten(1)[:, :CLASSES]


def material_of(seed: int, samples: int) -> Material:
    draws = Draws(seed)
    y = torch.from_numpy(draws.stream("y").integers(0, CLASSES, samples + 20))
    noise = torch.from_numpy(draws.normal("x", 0, (samples + 20, 1, SIDE, SIDE)))
    x = noise + y[:, None, None, None]
    parts = [
        Part(x[rows], y[rows])
        for rows in (slice(samples), slice(9), slice(samples, -10), slice(-10, None))
    ]
    return Material(*parts, Reader(CLASSES, metrics.CLASSIFICATION, metrics.CLASSIFICATION))


def double(one: Start) -> Start:
    """The trial in float64."""

    def cast(value: Tensor) -> Tensor:
        return value.double() if value.is_floating_point() else value

    program = one.program
    for module in (program.train_model, program.eval_model):
        module.double()
    parts = [
        Part(tree_map(cast, part.x), part.y)
        for part in (
            one.material.train,
            one.material.watched,
            one.material.validation,
            one.material.test,
        )
    ]
    reader = Double(one.material.reader.classes, one.material.reader.curve, one.material.reader.end)
    return replace(
        one,
        program=replace(program, constants=tree_map(cast, program.constants)),
        state=TrainState(**tree_map(cast, one.state.tree())),
        material=Material(*parts, reader),
    )


def alone(one: Start, limit: int | None = None) -> Trained:
    ((_, trained),) = train(Alone(one), [one], lambda lane, seen: None, limit)
    return trained


def together(starts: Sequence[Start], limit: int | None = None, **how: object) -> list[Trained]:
    ended = dict(train(Lifted(starts, **how), starts, lambda lane, seen: None, limit))
    return [ended[lane] for lane in range(len(starts))]


def assert_alike(one: Trained, other: Trained) -> None:
    """Losses to 1e-9 and accuracies exactly, of trials computed in float64."""
    assert (one.status, one.step) == (other.status, other.step)
    assert len(one.records) == len(other.records)
    for mine, its in zip(one.records, other.records, strict=True):
        assert place(mine) == place(its)
        within = 0 if "accuracy" in mine.metric else 1e-9
        assert mine.value == pytest.approx(its.value, abs=within, rel=0), place(mine)


def place(record: Record) -> tuple[object, ...]:
    return record.reading, record.step, record.split, record.metric
