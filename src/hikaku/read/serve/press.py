"""`Press`: the reports of studies as files of their own, each written once for all who want it.

A report of a large study takes minutes: longer than anybody waits for an answer. It is written in a
thread of its own, and kept until something changes in the store; who asks meanwhile is told so.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from datetime import datetime

from hikaku.errors import HikakuError
from hikaku.present.dashboard_words import unwritten
from hikaku.present.redo import Origin
from hikaku.present.report import Words
from hikaku.read.serve.hand import Hand
from hikaku.read.serve.library import Library, in_one_line
from hikaku.record import Results
from hikaku.store.remembered import Entry
from hikaku.study.study import Study

PATIENCE = 2.0
"""Seconds until who asked is told that the report is being written."""
GRACE_SECONDS = 30.0
"""So long it is given to those who waited for it though the store has changed since."""
MOST_KEPT = 4
"""Reports that are kept, each of some megabytes."""


@dataclass(frozen=True)
class Written:
    """A report as it was written when the list said this of it, or the `fault` that prevented it.

    `page` is None where the study was there no more.
    """

    entry: Entry
    page: str | None
    fault: Words = ""
    at: float = field(default_factory=time.monotonic)

    def is_good(self, entry: Entry) -> bool:
        """Return whether who asks now, when the list says this, wants no other.

        A study that trains changes all the time: without some grace nobody would ever see what they
        have waited for, nor why it could not be written.
        """
        if self.entry == entry and not self.fault:
            return True
        is_of_this = self.entry.identity == entry.identity
        return is_of_this and time.monotonic() - self.at < GRACE_SECONDS


@dataclass
class Press:
    """Writes reports, one after the other, and each study's by one task whoever asks for it."""

    library: Library
    _kept: dict[tuple[int, str], Written] = field(default_factory=dict)
    _tasks: dict[tuple[int, str], asyncio.Task[None]] = field(default_factory=dict)
    _hand: Hand = field(default_factory=Hand)

    async def report(self, entry: Entry) -> Written | None:
        """Return the report of a study; None while it is being written."""
        which = entry.number, self.library.language
        found = self._kept.get(which)
        if found and found.is_good(entry):
            return found
        if which not in self._tasks:
            self._tasks[which] = asyncio.create_task(self._write(which, entry))
        task = self._tasks[which]
        await asyncio.wait({task}, timeout=PATIENCE)
        found = self._kept.get(which)
        return found if task.done() and found and found.is_good(entry) else None

    async def _write(self, which: tuple[int, str], entry: Entry) -> None:
        try:
            written = await self._hand.do(lambda: self._written(entry, which[1]))
        finally:
            del self._tasks[which]
        self._kept.pop(which, None)
        self._kept[which] = written
        for old in list(self._kept)[:-MOST_KEPT]:
            del self._kept[old]

    def _written(self, entry: Entry, language: str) -> Written:
        origin = Origin(self.library.where, read=f"{datetime.now().astimezone():%Y-%m-%d %H:%M:%S}")
        try:
            found = self.library.results(entry.number)
            return Written(entry, _drawn(*found, origin, language) if found else None)
        except HikakuError as error:
            return Written(entry, None, in_one_line(error, language))
        except Exception as error:  # whatever reading or drawing raises is told
            return Written(entry, None, unwritten(f"{type(error).__name__}: {error}"))


def _drawn(study: Study, results: Results, origin: Origin, language: str) -> str:
    # What draws is loaded when the first report is asked for.
    from hikaku.analysis.verdict import compare
    from hikaku.present.build import report
    from hikaku.present.html import page

    findings = compare(study, results, seen=True)
    return page(report(study, results, findings, origin), language)
