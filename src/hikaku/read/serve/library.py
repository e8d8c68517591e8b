"""`Library`: what the store says now, read a little at a time and kept until it changes.

A guest of the store: each look opens it to read, in short transactions, and closes it. Looking is
paid for by resting: after work of so many seconds nothing is read again for fifty times as long,
so that whoever watches takes at most a fiftieth of one core from a training beside it. Studies rest
by themselves: one that takes long to read does not hold up the list, nor how far a run is.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from hikaku.analysis.summary import summarize
from hikaku.analysis.verdict import compare
from hikaku.errors import HikakuError
from hikaku.present import build, pictures
from hikaku.present.dashboard import Listed, Shown
from hikaku.present.dashboard_words import broken
from hikaku.present.designs import views
from hikaku.present.pictures import Curves
from hikaku.present.report import Chart, Heading, Text, spoken, title
from hikaku.present.tables import arms_table, results_table
from hikaku.read.serve.listing import by_epoch, listing
from hikaku.record import READINGS, Reading, Results
from hikaku.store.live import Live
from hikaku.store.remembered import Entry
from hikaku.store.store import Store
from hikaku.study.metrics import OF_A_CURVE
from hikaku.study.study import Study

LOOK_SECONDS = 1.0
REST = 50
"""So many times as long as a look took, nothing is looked at again."""
PATIENCE = 0.4
"""Seconds: a page that takes longer to read comes without it, and gets it when it is there."""
MOST_KEPT = 40
"""Studies whose pages are kept ready."""

Result = TypeVar("Result")


@dataclass(frozen=True)
class Kept:
    """What was read of a study when its mark was this."""

    mark: str
    shown: Shown
    per_epoch: int = 0
    """Updates in an epoch, 0 before the first trial has ended."""


@dataclass
class Library:
    """What the store says now; `changed` is set, and made anew, whenever that is something else.

    `spent` is the processor's seconds that looking on by itself has taken since the last look, but
    for reading studies again, which is done no more until `rested`, in the loop's seconds.
    """

    where: str
    language: str
    listed: tuple[Listed, ...] = ()
    fault: str = ""
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    spent: float = 0.0
    rested: float = 0.0
    _is_put_off: bool = False
    _seen: tuple[object, Live | None] | None = None
    _entries: tuple[Entry, ...] = ()
    _marks: dict[int, str] = field(default_factory=dict)
    _kept: dict[int, Kept] = field(default_factory=dict)
    _tasks: dict[int, asyncio.Task[None]] = field(default_factory=dict)
    _hands: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1))

    async def look(self, *, counts: bool = False) -> None:
        """Look whether there is something new; the list is read where a file has changed.

        A killed run changes none: that nothing is heard of it any more is seen from its own file.
        Who does not watch but asks, where it does not `counts`, has studies read without a rest.
        """
        self.rested = self.rested if counts else 0.0
        try:
            await self._looked(counts)
        except Exception as error:  # whatever it is: who looks on is told, and it is tried again
            # As a run ends or is upgraded the store may be out of reach for a moment.
            self._seen, self.fault = None, self._said(error)
            self._tell()

    async def _looked(self, counts: bool) -> None:
        pay = self._pay if counts else None
        now = await self._worked(self._state, pay)
        if now == self._seen:
            return
        if self._seen is None or now[0] != self._seen[0]:
            self._entries = await self._worked(self._list, pay)
        self._marks = {entry.number: entry.mark for entry in self._entries}
        self.listed = listing(self._entries, now[1])
        self._kept = {n: kept for n, kept in self._kept.items() if n in self._marks}
        self._seen, self.fault = now, ""
        self._tell()

    async def watch(self, is_wanted: Callable[[], bool]) -> None:
        """Look again and again while somebody wants to know, resting as long as that has cost."""
        while True:
            await asyncio.sleep(max(LOOK_SECONDS, REST * self.spent))
            self.spent = 0.0
            if is_wanted():
                await self.look(counts=True)
                if self._is_put_off and self._is_rested:
                    self._is_put_off = False
                    self._tell()

    @property
    def _is_rested(self) -> bool:
        return asyncio.get_running_loop().time() >= self.rested

    async def study(self, number: int) -> Shown | None:
        """Return what a study has come to; None where there is none.

        What takes long to read is not waited for: `changed` tells when it is there.
        """
        listed = next((one for one in self.listed if one.number == number), None)
        if listed is None:
            return None
        kept = self._kept.get(number)
        if kept is None or kept.mark != self._marks[number]:
            if kept and not self._is_rested:
                self._is_put_off = True
            else:
                await self._waited(listed)
                kept = self._kept.get(number)
        if kept is None:
            return Shown(listed, listed.title)
        return replace(kept.shown, listed=by_epoch(listed, kept.per_epoch))

    async def results(self, number: int) -> tuple[Study, Results] | None:
        """Return a study with all that was measured, for its report."""
        return await self._worked(lambda: self._remembered(number, READINGS))

    async def _waited(self, listed: Listed) -> None:
        """Have a study read, and wait for it a moment."""
        number = listed.number
        if number not in self._tasks:
            reading = self._read(listed, self._marks[number])
            self._tasks[number] = asyncio.create_task(reading)
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(self._tasks[number]), PATIENCE)

    async def _read(self, listed: Listed, mark: str) -> None:
        """Read a study: first what its verdicts rest on, then its curves, which are longer."""
        number = listed.number
        before = self._kept.get(number)
        pay = self._rest if before else None
        shown = Shown(listed, listed.title)
        try:
            shown = await self._worked(lambda: self._answer(listed), pay)
            curves = before.shown.curves if before else None
            per_epoch = before.per_epoch if before else 0
            self._keep(number, Kept(mark, replace(shown, curves=curves), per_epoch))
            new, per_epoch = await self._worked(lambda: self._curves(number), pay)
            self._keep(number, Kept(mark, replace(shown, curves=new), per_epoch))
        except Exception as error:  # whatever it is: it is said, and what there is stays
            self._keep(number, Kept(mark, replace(shown, curves={}, fault=self._said(error))))
        finally:
            del self._tasks[number]

    def _keep(self, number: int, kept: Kept) -> None:
        self._kept.pop(number, None)
        self._kept[number] = kept
        for old in list(self._kept)[:-MOST_KEPT]:
            del self._kept[old]
        self._tell()

    def _tell(self) -> None:
        told, self.changed = self.changed, asyncio.Event()
        told.set()

    def _pay(self, seconds: float) -> None:
        self.spent += seconds

    def _rest(self, seconds: float) -> None:
        now = asyncio.get_running_loop().time()
        self.rested = max(self.rested, now) + REST * seconds

    async def _worked(
        self, work: Callable[[], Result], pay: Callable[[float], None] | None = None
    ) -> Result:
        """Do this in the one thread that reads; `pay` hears how long that took.

        What somebody asks for by opening a page is not paid for.
        """

        def timed() -> tuple[Result | None, Exception | None, float]:
            began = time.thread_time()
            try:
                return work(), None, time.thread_time() - began
            except Exception as error:  # any: one of them, StopIteration, no executor hands on
                return None, error, time.thread_time() - began

        loop = asyncio.get_running_loop()
        result, error, seconds = await loop.run_in_executor(self._hands, timed)
        if pay:
            pay(seconds)
        if error:
            raise error
        return result  # type: ignore[return-value]  # where there is no error, it is what work gave

    def _said(self, error: Exception) -> str:
        if isinstance(error, HikakuError):
            return error.text(self.language)
        return spoken(broken(f"{type(error).__name__}: {error}"), self.language)

    def _state(self) -> tuple[object, Live | None]:
        with Store.reading(self.where) as store:
            database = store.address.database
            return (_version(database), _version(_wal(database))), store.live()

    def _list(self) -> tuple[Entry, ...]:
        with Store.reading(self.where) as store:
            return store.entries()

    def _remembered(
        self, number: int, readings: tuple[Reading, ...] | set[Reading]
    ) -> tuple[Study, Results] | None:
        with Store.reading(self.where) as store:
            return store.remembered(number, readings)

    def _answer(self, listed: Listed) -> Shown:
        found = self._remembered(listed.number, {"last", "best"})
        if found and found[0].metric.of in OF_A_CURVE:
            found = self._remembered(listed.number, {"last", "best", "curve"})
        return answer(listed, *found) if found else Shown(listed, listed.title)

    def _curves(self, number: int) -> tuple[dict[str, Curves], int]:
        found = self._remembered(number, {"curve"})
        if found is None:
            return {}, 0
        study, results = found
        ends = (one.outcome.steps_per_epoch for one in results.trials.values())
        return _pictures(study, results), max((0, *ends))


def _pictures(study: Study, results: Results) -> dict[str, Curves]:
    """Return the curves by metric, with a view for every arm: trials of it may be on their way."""
    found = {
        metric: pictures.curves(study, results, metric)
        for metric in dict.fromkeys((study.metric.name, "accuracy", "loss"))
    }
    layout = views(study)
    return {metric: replace(one, layout=layout) for metric, one in found.items() if one}


def answer(listed: Listed, study: Study, results: Results) -> Shown:
    """Return what a study has come to, by verdicts that a run has shown, and by no other.

    Looking is spending: who reads the store cannot remember a look, so it makes none.
    """
    findings = compare(study, results, seen=True)
    arms = summarize(study, results)
    blocks = [
        block
        for block in build.brief(study, results, findings).blocks
        if not isinstance(block, Chart | Heading)
    ]
    asked = next(block.text for block in blocks if isinstance(block, Text))
    return Shown(
        listed,
        title(study.question, study.name),
        asked,
        tuple(block for block in blocks if block != Text(asked)),
        (results_table(study, results, arms), arms_table(study, arms)),
        findings,
    )


def _wal(database: Path) -> Path:
    return database.with_name(f"{database.name}-wal")


def _version(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size
