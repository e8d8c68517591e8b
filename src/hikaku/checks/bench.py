"""The tiny training on which a technique is checked: a small network, random images, four steps."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
from safetensors.torch import save
from torch import Tensor

from hikaku import durable
from hikaku.data.prepare import Preparation
from hikaku.draws import Draws
from hikaku.execution.stacked import Lane
from hikaku.study.card import Card
from hikaku.study.catalogue import Catalogue
from hikaku.study.entry import Entry
from hikaku.study.keep import MARK
from hikaku.study.recipe import LIST_SLOTS, Recipe, Use, Value
from hikaku.study.study import Data, Training
from hikaku.techniques import registry
from hikaku.techniques.slots import History
from hikaku.training.base_model import base_model
from hikaku.training.blueprint import Blueprint, Wanted
from hikaku.training.named_files import with_files
from hikaku.training.program import Program, build, moment_at
from hikaku.training.sample import Sample
from hikaku.training.size import Size
from hikaku.training.state import TrainState
from hikaku.training.step import Reading, backward, step

STEPS = 4
BATCH = 8
CLASSES = 3
SHAPE = (2, 8, 8)


TINY = Use("small-cnn", (("channels", (4,)), ("dense", 6)))


class CheckFailed(AssertionError):
    """The technique breaks the contract; the text says how."""


class DoesNotApply(Exception):
    """The check says nothing about this technique; the text says why."""


@dataclass(frozen=True)
class Checked:
    """One check of one technique: passed (True), failed (False) or does not apply (None)."""

    check: str
    passed: bool | None
    detail: str = ""


@dataclass(frozen=True)
class Subject:
    """The technique under the contract: its entry, read as text, and where its file lies."""

    entry: Entry
    folder: str = "."

    @property
    def card(self) -> Card:
        """What it says of itself."""
        assert self.entry.card is not None  # Only a model has none.
        return self.entry.card

    def use(self, **settings: Value) -> Use:
        """Return the technique with these settings and its defaults elsewhere."""
        taught = {one.name: teacher() for one in self.entry.settings if one.names_file}
        known = dict(self.entry.use().settings) | taught | settings
        return Use(self.entry.name, tuple(known.items()))

    def recipe(self, *uses: Use) -> Recipe:
        """Return the tiny recipe with `uses` in the technique's slot (none: without it)."""
        bare = tiny_recipe()
        if not uses:
            return bare
        if self.card.slot in LIST_SLOTS:
            return replace(bare, **{self.card.slot: uses})  # type: ignore[arg-type]  # a slot's name
        return replace(bare, **{self.card.slot: uses[0]})  # type: ignore[arg-type]  # a slot's name

    @property
    def network(self) -> Use:
        """The tiny network, a residual one where the technique acts on residual blocks."""
        if getattr(registry.find(self.entry.name, self.folder), "acts_on_blocks", False):
            return Use("resnet9", (("width", 2),))
        return TINY

    def program(self, recipe: Recipe, seed: int) -> tuple[Program, TrainState]:
        """Return the tiny network under this recipe, ready to train."""
        sample = Sample(SHAPE, CLASSES, (BATCH,) * CLASSES, images(seed, 0))
        work = Training(Data(Use("tiny")), self.network, recipe)
        program, state = build(work, sample, Size(STEPS, 2), seed, self.folder)
        return with_files(program, sample, Preparation(), self.folder), state

    def lane(self, program: Program, state: TrainState, seed: int, number: int) -> Lane:
        """Return what the step number `number` of this trial is given."""
        draws = Draws(seed)
        x = images(seed, number)
        moment = moment_at(program, number, x, draws)
        noise = program.draw_noise(draws, number, BATCH)
        return Lane(program, state, (x, targets(seed, number)), moment, noise)

    def trained(self, recipe: Recipe, seed: int = 0) -> tuple[TrainState, Reading]:
        """Return the state after all steps, and the last reading."""
        return self.further(*self.program(recipe, seed), seed, range(STEPS))

    def further(
        self, program: Program, state: TrainState, seed: int, steps: range
    ) -> tuple[TrainState, Reading]:
        """Return state and reading after these steps more."""
        for number in steps:
            state, read = alone(self.lane(program, state, seed, number))
        return state, read


def tiny_recipe() -> Recipe:
    """Return a recipe of the plainest techniques."""
    catalogue = Catalogue()
    return Recipe(
        optimizer=catalogue.techniques["sgd"].use({"lr": 0.1}),
        loss=catalogue.techniques["cross-entropy"].use(),
        schedule=catalogue.techniques["constant"].use(),
        steps=STEPS,
        batch_size=BATCH,
    )


_FILES: list[TemporaryDirectory[str]] = []
"""The folder of the teacher's file, for as long as this process lives."""


@cache
def teacher() -> str:
    """Return a file of kept weights of the tiny network, for settings that name one.

    It was never trained: what it says differs from what a student says, and that is enough.
    """
    blueprint = Blueprint(
        key="teacher",
        work=Training(Data(Use("tiny")), TINY, tiny_recipe()),
        seed=1,
        inputs={"": Wanted(SHAPE, "float32", SHAPE, -2.0, 2.0, whole=False)},
        kind="classification",
        classes=tuple(map(str, range(CLASSES))),
        outputs=CLASSES,
        preparation=Preparation(),
    )
    model = base_model(TINY, blueprint.sample, Draws(blueprint.seed), ".")
    _FILES.append(TemporaryDirectory(prefix="hikaku-", ignore_cleanup_errors=True))
    path = Path(_FILES[-1].name, "teacher.safetensors")
    durable.write(path, save(model.state_dict(), {MARK: blueprint.text()}))
    return str(path)


def alone(lane: Lane) -> tuple[TrainState, Reading]:
    """Return one step of one lane, by the plain engine's arithmetic."""
    return step(
        lane.program.slots,
        lane.program.forward(lane.noise),
        lane.state,
        lane.batch,
        lane.moment,
        History(),
        backward,
    )


def images(seed: int, number: int) -> Tensor:
    """Return a batch of small random images, the same for the same numbers."""
    return torch.from_numpy(Draws(seed).normal("images", number, (BATCH, *SHAPE)))


def targets(seed: int, number: int) -> Tensor:
    """Return a batch of targets as shares, (batch, classes)."""
    chosen = Draws(seed).stream("targets", number).integers(0, CLASSES, BATCH)
    return torch.from_numpy(np.eye(CLASSES, dtype=np.float32)[chosen])
