"""`show data`: a data set in numbers, and what looks odd in it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from hikaku.data.odd import odd
from hikaku.data.profile import Profile, profile
from hikaku.data.split import Sizes, measure
from hikaku.errors import DataError
from hikaku.present.report import Report
from hikaku.present.shown_data import Beside, data_json, data_report
from hikaku.run.data import Opened, around
from hikaku.run.gather_data import Notes
from hikaku.words import Message


@dataclass(frozen=True)
class ShownData:
    """A data set in numbers, to be told or written as JSON."""

    found: Profile
    beside: Beside

    def report(self) -> Report:
        """Return it in words and tables."""
        return data_report(self.found, self.beside)

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return data_json(self.found, self.beside)


def show_data(
    reference: str, settings: Iterable[str], folder: str = ".", watch: Notes | None = None
) -> ShownData:
    """Return the data set `reference` in numbers; raises as `run.data.around` does."""
    known = around(reference, folder, settings, watch=watch)
    found = profile(known.task)
    sizes, faults = _sizes(known)
    cautions = (*found.cautions, *odd(known.task), *faults)
    # A reader may have noted some of it already.
    said = {str(caution) for caution in cautions}
    notes = tuple(note for note in known.task.notes if str(note) not in said)
    return ShownData(found, Beside(sizes, notes, cautions))


def _sizes(known: Opened) -> tuple[Sizes | None, tuple[Message, ...]]:
    """Return how a study would divide the data, and why it could not."""
    try:
        return measure(known.task, known.work.data), ()
    except DataError as error:
        return None, tuple(fault.what for fault in error.faults)
