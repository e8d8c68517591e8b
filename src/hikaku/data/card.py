"""`card`: a data set in short, as a report tells of it.

Eats a `Task`. Makes a `DataCard`. No input is read, only targets, so it costs next to nothing.
"""

from __future__ import annotations

import numpy as np

from hikaku.data.builtin import BUILTINS
from hikaku.data.profile import parts
from hikaku.data.task import Task
from hikaku.exhibits import DataCard, Shape


def card(task: Task, reference: str) -> DataCard:
    """Return what a report tells of this data set, which a study names by `reference`."""
    shapes = task.shape if isinstance(task.shape, dict) else {"": task.shape}
    named = BUILTINS.get(reference)
    groups = 0 if task.groups is None else len(np.unique(task.groups[: task.pool]))
    return DataCard(
        name=task.name,
        kind=task.kind,
        classes=task.classes,
        parts=tuple(parts(task)),
        shapes=tuple(Shape(name, shapes[name], str(array.dtype)) for name, array in task.arrays),
        fingerprint=task.fingerprint,
        scale=task.scale,
        standardize=task.standardize,
        groups=groups,
        columns=len(task.columns),
        summary=named.summary if named else "",
        source=named.source if named else "",
        licence=named.licence if named else "",
        notes=task.notes,
    )
