"""`Listed`: a store as a list of studies, each told as it was last planned."""

from __future__ import annotations

import os
from dataclasses import replace

from hikaku.record import Results
from hikaku.records import READINGS
from hikaku.store import live, reader, remembered
from hikaku.store.database import Database
from hikaku.store.live import Live
from hikaku.store.reader import Readings, StudyRow
from hikaku.store.remembered import Entry
from hikaku.study.study import Study


class Listed(Database):
    """What is asked of a store by those who know no study of it yet; nothing here changes it."""

    def studies(self) -> tuple[StudyRow, ...]:
        """Return every study, the latest run first."""
        with self._transaction() as connection:
            rows = reader.studies(connection)
        home = self.address.database.parent
        return tuple(replace(row, folder=os.path.normpath(home / row.folder)) for row in rows)

    def entries(self) -> tuple[Entry, ...]:
        """Return the list of all studies, with their numbers, the latest run first."""
        with self._transaction() as connection:
            return remembered.entries(connection)

    def remembered(
        self, number: int, readings: Readings = READINGS
    ) -> tuple[Study, Results] | None:
        """Return the study of this number as it was last planned, and what was measured of it.

        None where there is none. Its files need not be there any more: what is trained is told by
        what was written as it was planned. Otherwise as `results`.
        """
        with self._transaction() as connection:
            asked = remembered.asked(connection, number, self.address.database.parent)
            return (asked.study, reader.results(connection, asked, readings)) if asked else None

    def naming(self, name: str) -> dict[int, Study]:
        """Return by number the studies, as last planned, whose text holds this name.

        It may be the name of anything in them: of a technique, a model, data, an arm. The latest
        run comes first.
        """
        with self._transaction() as connection:
            return remembered.naming(connection, name, self.address.database.parent)

    def live(self) -> Live | None:
        """Return how far the run is that is writing to this store; None where none is."""
        return live.read(self.address.live)
