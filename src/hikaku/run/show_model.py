"""`show model`: the layers of a model on a data set, and where techniques can act in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from hikaku.data.prepare import fit
from hikaku.data.split import Split
from hikaku.draws import Draws
from hikaku.errors import HikakuError
from hikaku.execution.material import sample_of
from hikaku.portrait import Portrait
from hikaku.present.report import Report
from hikaku.present.shown_model import model_json, model_report
from hikaku.run.data import Opened, around
from hikaku.run.gather_data import Notes
from hikaku.study.catalogue import techniques
from hikaku.study.entry import Entry
from hikaku.techniques import registry
from hikaku.techniques.slots import Layers
from hikaku.training.base_model import base_model, calling_for
from hikaku.training.edited import looked_at
from hikaku.training.portrait import portrait

SEED = 0
"""The weights that are drawn do not matter here; a pass needs some."""


@dataclass(frozen=True)
class ShownModel:
    """A model's portrait, to be told or written as JSON."""

    model: str
    data: str
    found: Portrait
    families: dict[str, str]

    def report(self) -> Report:
        """Return it in words and tables."""
        return model_report(self.model, self.data, self.found, self.families)

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return model_json(self.model, self.data, self.found)


def show_model(
    model: str,
    reference: str,
    settings: Iterable[str] = (),
    folder: str = ".",
    watch: Notes | None = None,
) -> ShownModel:
    """Return the portrait of a model on the first samples of a data set to train on.

    Raises as `run.data.around` does, and `StudyError`, with the user's file and line, where the
    model cannot be built or run.
    """
    known = around(reference, folder, settings, model, watch)
    entries = {name: entry for name, entry in techniques().items() if entry.slot == "layers"}
    found = _portrait(known, dict(_built(entries)))
    families = {name: entry.card.family for name, entry in entries.items() if entry.card}
    return ShownModel(str(known.work.model), known.task.name, found, families)


def _portrait(known: Opened, layers: dict[str, Layers]) -> Portrait:
    none = np.arange(0)
    parts = Split(np.arange(known.task.pool), none, none)
    sample = sample_of(known.task, parts, fit(known.task, parts.train))
    model = base_model(known.work.model, sample, Draws(SEED), known.folder)
    calling = calling_for(known.work.model, model, sample)
    with looked_at(sample, SEED):
        return portrait(model, sample.inputs, calling, layers)


def _built(entries: dict[str, Entry]) -> Iterator[tuple[str, Layers]]:
    for name, entry in entries.items():
        try:
            yield name, registry.build(entry.use())
        except HikakuError:
            continue  # A plug-in that cannot be loaded acts nowhere.
