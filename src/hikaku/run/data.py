"""Data and models as a command names them, opened exactly as a study would open them.

`hikaku show` has no study. So it asks for the smallest one around what was named: references,
settings and mistakes then mean the same as there.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from hikaku.data.cache import open_task
from hikaku.data.task import Task
from hikaku.errors import DataError
from hikaku.execution.loading import decoded
from hikaku.run.gather_data import Notes, fetched, progress, read
from hikaku.study.catalogue import datasets
from hikaku.study.decode import from_mapping
from hikaku.study.study import Study, Training, trained
from hikaku.words import message

SMALLEST = {
    "format": 1,
    "metric": "loss",
    "worth": 1.0,
    "model": "mlp",
    "recipe": {"optimizer": "sgd", "epochs": 1},
}
"""A study but for its data; its metric fits every kind of targets."""


@dataclass(frozen=True)
class Opened:
    """The data set that was named, and what a study around it would train."""

    task: Task
    work: Training
    folder: str


def opened(
    reference: str,
    folder: str = ".",
    settings: Iterable[str] = (),
    watch: Notes | None = None,
) -> Task:
    """Return the data set `reference`: a name, a file, a folder, or `my_data.py:load`.

    `settings` and `watch` are as for `around`, which also says what is raised.
    """
    return around(reference, folder, settings, watch=watch).task


def around(
    reference: str,
    folder: str = ".",
    settings: Iterable[str] = (),
    model: str = "mlp",
    watch: Notes | None = None,
) -> Opened:
    """Return the data set and the model, opened as a study in `folder` would open them.

    `settings` are written as a study's overrides: `data.target=price`, `model.width=64`. Where no
    `data.kind` is set and the targets cannot be classes, they are taken as values, with a note.
    `watch` hears how fetching and reading go on. Raises `StudyError` where a reference or a setting
    is wrong, `DataError` where the data cannot be had or are wrong.
    """
    changes = tuple(settings)
    try:
        return _opened(_study(reference, model, folder, changes), watch)
    except DataError as error:
        if reference in datasets() or any("data.kind" in change for change in changes):
            raise
        changes = (*changes, "data.kind=regression")
        return _as_values(_study(reference, model, folder, changes), error)


def _study(reference: str, model: str, folder: str, changes: Iterable[str]) -> Study:
    tables = {**SMALLEST, "data": reference, "model": model}
    return from_mapping(tables, name="show", folder=Path(folder).absolute(), overrides=changes)


def _opened(study: Study, watch: Notes | None) -> Opened:
    work = trained(study.base)
    heard = [progress(watch, said) for said in (fetched, read)] if watch else []
    return Opened(open_task(decoded(work.data.use, study.folder, *heard)), work, study.folder)


def _as_values(study: Study, refused: DataError) -> Opened:
    """Return the data with values for targets; raise what was refused where they are none.

    One value for all of them is none to predict either.
    """
    try:
        found = _opened(study, None)
    except DataError:
        raise refused from None
    targets = found.task.targets
    if (targets == targets[:1]).all():
        raise refused
    note = message(
        'taken as values to predict (kind = "regression"), because they cannot be classes: {why}',
        why=refused.faults[0].what,
    )
    return replace(found, task=replace(found.task, notes=(*found.task.notes, note)))
