"""`Press`: the reports of studies as files of their own, each written once for all who want it.

A report of a large study takes minutes: longer than anybody waits for an answer. It is written in a
thread of its own, and kept until something changes in the store; who asks meanwhile is told so.
"""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from hikaku.errors import HikakuError
from hikaku.present.dashboard_words import unwritten
from hikaku.present.report import Words
from hikaku.read.serve.library import Library
from hikaku.record import Results
from hikaku.study.study import Study

PATIENCE = 2.0
"""Seconds until who asked is told that the report is being written."""
GRACE_SECONDS = 30.0
"""So long it is given to those who waited for it though the store has changed since."""
MOST_KEPT = 4
"""Reports that are kept, each of some megabytes."""


@dataclass(frozen=True)
class Written:
    """A report as it was written when its study's mark was this, or the `fault` that prevented it.

    `page` is None where the study was there no more.
    """

    mark: str
    page: str | None
    fault: Words = ""
    at: float = field(default_factory=time.monotonic)

    def is_good(self, mark: str) -> bool:
        """Return whether who asks now, when the mark is this, wants no other.

        A study that trains changes all the time: without some grace nobody would ever see what he
        has waited for, nor why it could not be written.
        """
        is_same = self.mark == mark and not self.fault
        return is_same or time.monotonic() - self.at < GRACE_SECONDS


@dataclass
class Press:
    """Writes reports, one after the other, and each study's by one task whoever asks for it."""

    library: Library
    _kept: dict[tuple[int, str], Written] = field(default_factory=dict)
    _tasks: dict[tuple[int, str], asyncio.Task[None]] = field(default_factory=dict)
    _thread: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1))

    async def report(self, number: int, mark: str) -> Written | None:
        """Return the report of the study, whose mark is this; None while it is being written."""
        which = number, self.library.language
        found = self._kept.get(which)
        if found and found.is_good(mark):
            return found
        if which not in self._tasks:
            self._tasks[which] = asyncio.create_task(self._write(which, mark))
        task = self._tasks[which]
        await asyncio.wait({task}, timeout=PATIENCE)
        return self._kept.get(which) if task.done() else None

    async def _write(self, which: tuple[int, str], mark: str) -> None:
        loop = asyncio.get_running_loop()
        try:
            written = await loop.run_in_executor(self._thread, self._written, which, mark)
        finally:
            del self._tasks[which]
        self._kept.pop(which, None)
        self._kept[which] = written
        for old in list(self._kept)[:-MOST_KEPT]:
            del self._kept[old]

    def _written(self, which: tuple[int, str], mark: str) -> Written:
        number, language = which
        try:
            found = self.library.results(number)
            return Written(mark, _drawn(*found, self.library.where, language) if found else None)
        except HikakuError as error:
            return Written(mark, None, error.text(language))
        # Whatever reading or drawing raises is told; StopIteration, for one, leaves no executor.
        except Exception as error:
            return Written(mark, None, unwritten(f"{type(error).__name__}: {error}"))


def _drawn(study: Study, results: Results, store: str, language: str) -> str:
    # What draws is loaded when the first report is asked for.
    from hikaku.analysis.verdict import compare
    from hikaku.present.build import report
    from hikaku.present.html import page
    from hikaku.present.redo import Origin

    findings = compare(study, results, seen=True)
    return page(report(study, results, findings, Origin(store)), language)
