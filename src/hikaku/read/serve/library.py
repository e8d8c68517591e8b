"""`Library`: what the store says now, read a little at a time and kept until it changes.

A guest of the store: each look opens it to read, in short transactions, and closes it. Looking is
paid for by resting: after work of so many seconds nothing is read again for fifty times as long,
so that whoever watches takes at most a fiftieth of one core from a training beside it. Studies rest
by themselves, and have a thread of their own: one that takes long to read does not hold up the
list, nor how far a run is.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

from hikaku.errors import HikakuError
from hikaku.present.dashboard import Listed, Shown
from hikaku.present.dashboard_words import broken, late
from hikaku.present.report import Words, spoken
from hikaku.read.serve.answer import answer
from hikaku.read.serve.hand import Hand
from hikaku.read.serve.listing import listing
from hikaku.record import Results
from hikaku.records import READINGS, Reading
from hikaku.store.live import Live
from hikaku.store.remembered import Entry
from hikaku.store.store import Store
from hikaku.study.study import Study

LOOK_SECONDS = 1.0
SETTLED_NS = 2 * 10**9
"""So long after their files have changed, what is read may still be what was there before."""
REST = 50
"""So many times as long as a look took, nothing is looked at again."""
PATIENCE = 0.15
"""Seconds: a page that takes longer to read comes without it, and gets it when it is there."""
RETRY_SECONDS = 5.0
"""So long after a study could not be read it is tried again."""
LATE_SECONDS = 5.0
"""A page that is behind the store for less is not called old."""
MOST_KEPT = 40
"""Studies whose pages are kept ready."""

Result = TypeVar("Result")
Version = tuple[tuple[tuple[int, int, int], ...], int]


@dataclass(frozen=True)
class Kept:
    """What was read of a study when the list said this of it, and when that was."""

    entry: Entry
    shown: Shown
    read: datetime


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
    _seen: tuple[Version, Live | None] | None = None
    _home: Path = Path()
    _entries: dict[int, Entry] = field(default_factory=dict)
    _kept: dict[int, Kept] = field(default_factory=dict)
    _behind: dict[int, float] = field(default_factory=dict)
    _tasks: dict[int, asyncio.Task[None]] = field(default_factory=dict)
    _eyes: Hand = field(default_factory=Hand)
    _hand: Hand = field(default_factory=Hand)

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
        now = await self._worked(self._state, pay, self._eyes)
        # A change reaches the files some time before it is committed: a fresh one is read again.
        # One from the future, as a file server's clock may have it, is none.
        is_fresh = 0 <= time.time_ns() - now[0][1] < SETTLED_NS
        if now == self._seen:
            return
        if self._seen is None or now[0] != self._seen[0]:
            self._home, found = await self._worked(self._list, pay, self._eyes)
            self._entries = {entry.number: entry for entry in found}
        self.listed = listing(tuple(self._entries.values()), now[1], self._home)
        self._seen, self.fault = None if is_fresh else now, ""
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
        kept = self._known(number)
        if kept is None or kept.entry != self._entries[number]:
            if kept and not self._is_rested:
                self._is_put_off = True
            else:
                await self._waited(listed)
                kept = self._known(number)
        if kept is None:
            return Shown(listed, listed.title)
        return replace(kept.shown, listed=listed, late=self._late(number, kept))

    def _late(self, number: int, kept: Kept) -> Words:
        """Say when this was read, where the store has been further for more than a moment."""
        if kept.entry == self._entries.get(number):
            self._behind.pop(number, None)
            return ""
        now = asyncio.get_running_loop().time()
        since = self._behind.setdefault(number, now)
        rest = max(0.0, self.rested - now)
        if now + rest - since < LATE_SECONDS:
            return ""
        return late(kept.read, _now() + timedelta(seconds=rest) if rest else None)

    def _known(self, number: int) -> Kept | None:
        """Return what was read of a study; a number may have been another's before."""
        kept, entry = self._kept.get(number), self._entries.get(number)
        return kept if kept and entry and kept.entry.identity == entry.identity else None

    def entry(self, number: int) -> Entry | None:
        """Return what changes whenever something of a study does; None where there is none."""
        return self._entries.get(number)

    def results(self, number: int) -> tuple[Study, Results] | None:
        """Return a study with all that was measured, for its report; it may take long."""
        return self._remembered(number, READINGS)

    async def _waited(self, listed: Listed) -> None:
        """Have a study read, and wait for it a moment; who asks meanwhile does not wait."""
        number = listed.number
        if number in self._tasks:
            return
        self._tasks[number] = asyncio.create_task(self._read(listed, self._entries[number]))
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(self._tasks[number]), PATIENCE)

    async def _read(self, listed: Listed, entry: Entry) -> None:
        """Read a study, and keep what it has come to."""
        before, began = self._known(listed.number), _now()
        try:
            found = await self._worked(
                lambda: self._come_to(listed), self._rest if before else None
            )
            kept = Kept(entry, found, began)
        except Exception as error:  # whatever it is: it is said, what there is stays
            known = before or Kept(entry, Shown(listed, listed.title, curves={}), began)
            shown = replace(known.shown, fault=self._said(error))
            kept = replace(known, entry=replace(entry, mark=""), shown=shown)
            self._try_again()
        finally:
            del self._tasks[listed.number]
        self._keep(listed.number, kept)

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

    def _try_again(self) -> None:
        """Have what could not be read, which bears no mark, read again in a while."""
        self._is_put_off = True
        self.rested = max(self.rested, asyncio.get_running_loop().time() + RETRY_SECONDS)

    def _rest(self, seconds: float) -> None:
        now = asyncio.get_running_loop().time()
        self.rested = max(self.rested, now) + REST * seconds

    async def _worked(
        self,
        work: Callable[[], Result],
        pay: Callable[[float], None] | None = None,
        hand: Hand | None = None,
    ) -> Result:
        """Do this in the thread that reads studies, or in another; `pay` hears how long it took.

        What somebody asks for by opening a page is not paid for.
        """

        def timed() -> tuple[Result | None, Exception | None, float]:
            began = time.thread_time()
            try:
                return work(), None, time.thread_time() - began
            except Exception as error:  # whatever it is: who asked gets it
                return None, error, time.thread_time() - began

        result, error, seconds = await (hand or self._hand).do(timed)
        if pay:
            pay(seconds)
        if error:
            raise error
        return result  # type: ignore[return-value]  # where there is no error, it is what work gave

    def _said(self, error: Exception) -> str:
        if isinstance(error, HikakuError):
            return in_one_line(error, self.language)
        return spoken(broken(f"{type(error).__name__}: {error}"), self.language)

    def _state(self) -> tuple[Version, Live | None]:
        with Store.reading(self.where) as store:
            return _version(store.address.database), store.live()

    def _list(self) -> tuple[Path, tuple[Entry, ...]]:
        with Store.reading(self.where) as store:
            return store.address.database.parent, store.entries()

    def _remembered(
        self, number: int, readings: tuple[Reading, ...] | set[Reading]
    ) -> tuple[Study, Results] | None:
        with Store.reading(self.where) as store:
            return store.remembered(number, readings)

    def _come_to(self, listed: Listed) -> Shown:
        found = self._remembered(listed.number, {"last", "best", "curve"})
        if found is None:
            return Shown(listed, listed.title, curves={})
        return answer(listed, *found)


def in_one_line(error: HikakuError, language: str) -> str:
    """Return what an error says, which a terminal has in lines."""
    return "; ".join(line.strip() for line in error.text(language).splitlines())


def _now() -> datetime:
    """Return the time of this machine's zone."""
    return datetime.now().astimezone()


def _version(database: Path) -> Version:
    """Return what tells whether the files of a database have changed, and when they did."""
    paths = (database, database.with_name(f"{database.name}-wal"))
    found = []
    for path in paths:
        with suppress(OSError):
            found.append(path.stat())
    tells = tuple((one.st_ino, one.st_mtime_ns, one.st_size) for one in found)
    return tells, max((one.st_mtime_ns for one in found), default=0)
