"""`show schedule`: the learning rate over a training, as the technique itself gives it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from hikaku.draws import Draws
from hikaku.errors import StudyError
from hikaku.present.lessons import Rates, figure
from hikaku.present.report import Chart, Column, Heading, Report, Table, Text, cells
from hikaku.run.data import SMALLEST
from hikaku.study.decode import from_mapping
from hikaku.study.recipe import Use
from hikaku.study.study import trained
from hikaku.techniques import registry
from hikaku.techniques.slots import Facts, History, Moment
from hikaku.training.step_draws import StepDraws
from hikaku.user_code import line_of, said
from hikaku.words import message

MOST_POINTS = 2000
"""So many updates of a training are asked for, the first and the last among them."""

ROWS = 8
"""About so many of them are told."""


@dataclass(frozen=True, eq=False)
class ShownSchedule:
    """The factors (points,) on the rate `lr` at some updates (points,) of a training."""

    use: Use
    lr: float
    epochs: int
    steps_per_epoch: int
    steps: NDArray[np.int64]
    factors: NDArray[np.float64]

    def report(self) -> Report:
        """Return some of the rates, and all of them as a picture."""
        picture = Rates(self.steps / self.steps_per_epoch, self.lr * self.factors)
        title = message("Learning rate under {use}", use=str(self.use))
        chart = Chart(picture, title, message("the learning rate over the epochs"))
        return Report((Heading(title, level=1), self._table(), *self._note(), chart))

    def as_json(self) -> dict[str, Any]:
        """Return every factor that was asked for."""
        return {
            "format": 1,
            "schedule": str(self.use),
            "lr": self.lr,
            "epochs": self.epochs,
            "steps_per_epoch": self.steps_per_epoch,
            "steps": self.steps.tolist(),
            "factors": self.factors.tolist(),
        }

    def _table(self) -> Table:
        return Table(
            columns=(
                Column(message("update"), "number"),
                Column(message("epoch"), "number"),
                Column(message("factor"), "number"),
                Column(message("learning rate"), "number"),
            ),
            rows=tuple(
                cells(
                    f"{self.steps[at] + 1:,}",
                    figure(self.steps[at] / self.steps_per_epoch),
                    figure(self.factors[at]),
                    figure(self.lr * self.factors[at]),
                )
                for at in self._told()
            ),
        )

    def _told(self) -> list[int]:
        """Return the places of the first and last update, the highest rate, and some between."""
        last = len(self.steps) - 1
        spread = np.linspace(0, last, ROWS).round().astype(int).tolist()
        return sorted({*spread, int(self.factors.argmax())})

    def _note(self) -> Iterator[Text]:
        if np.ptp(self.factors) == 0:
            yield Text(
                message(
                    "The rate stays as it is. A schedule that follows the scores has none to "
                    "follow here."
                )
            )


def show_schedule(
    name: str,
    settings: Iterable[str],
    lr: float,
    epochs: int,
    steps_per_epoch: int,
    folder: str = ".",
) -> ShownSchedule:
    """Return how the schedule `name`, of the catalogue or a user's file, moves the rate `lr`.

    `settings` are the schedule's: "warmup=10". Nothing is trained, so a schedule that asks for
    scores sees none. Raises `StudyError` for a name, setting or number that is wrong, and with the
    user's line where their code fails.
    """
    use = _use(name, settings, lr, epochs, folder)
    if steps_per_epoch < 1:
        raise StudyError.of(
            message("must be at least 1, not {value}", value=steps_per_epoch),
            where="--steps-per-epoch:",
            mend=message("write how many updates an epoch has"),
        )
    steps = epochs * steps_per_epoch
    asked = np.unique(np.linspace(0, steps - 1, min(steps, MOST_POINTS)).round().astype(np.int64))
    facts = Facts(
        classes=0,
        class_counts=(),
        decays=frozenset(),
        lr=lr,
        epochs=epochs,
        steps=steps,
        steps_per_epoch=steps_per_epoch,
    )
    factors = _factors(use, asked, facts, folder)
    return ShownSchedule(use, lr, epochs, steps_per_epoch, asked, factors)


def _factors(use: Use, asked: NDArray[np.int64], facts: Facts, folder: str) -> NDArray[np.float64]:
    """Return the factor of each update that is asked for. Raises `StudyError` where one fails."""
    try:
        schedule = registry.build(use, folder)
        factors = [float(schedule.rate(_moment(int(at), facts), History())) for at in asked]
    except StudyError:
        raise
    except Exception as error:
        raise StudyError.of(
            message("the schedule failed: {error}", error=said(error)),
            where=line_of(error),
            mend=message("nothing is trained here: a schedule that follows scores finds none"),
        ) from error
    if not all(map(math.isfinite, factors)):
        raise StudyError.of(
            message("a factor of the schedule is no number"),
            where=use.name[:60],
            mend=message("see to it that every update has a finite rate"),
        )
    return np.array(factors)


def _use(name: str, settings: Iterable[str], lr: float, epochs: int, folder: str) -> Use:
    """Return the schedule with its settings, decoded as in the smallest study around it."""
    recipe = {
        "optimizer": {"use": "sgd", "lr": lr},
        "epochs": epochs,
        "schedule": {"use": name},
    }
    study = from_mapping(
        {**SMALLEST, "data": "digits", "recipe": recipe},
        name="show",
        folder=Path(folder).absolute(),
        overrides=tuple(f"recipe.schedule.{setting}" for setting in settings),
    )
    return trained(study.base).recipe.schedule


def _moment(step: int, facts: Facts) -> Moment:
    return Moment(
        step=step,
        epoch=step // facts.steps_per_epoch,
        progress=step / facts.steps,
        x=torch.zeros(1),
        draws=StepDraws(Draws(0), step),
        facts=facts,
    )
