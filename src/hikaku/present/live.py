"""What is seen of a run while it runs: bars in a terminal, a notebook's display, lines, or nothing.

Eats what a run tells of itself. Writes to standard error (below the cell, in a notebook), in the
language of the environment; nothing that is done here changes what happens.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, Protocol

from hikaku.present.cell import Cell, screen
from hikaku.present.report import spoken
from hikaku.present.tally import Planned, Tally, ending, name
from hikaku.study.study import Study
from hikaku.words import Message, message, preferred_language

EVERY_SECONDS = 5.0
"""Plain lines on the way come at most this often, and in a long run after each twentieth of it."""


class Watcher(Protocol):
    """Somebody who looks on while a study runs."""

    def planned(self, study: Study, plan: Planned, workers: int) -> None:
        """Hear what is going to be trained, and by how many workers."""
        ...

    def progress(self, arm: str, seed: int, step: int, steps: int) -> None:
        """Hear that a trial has begun (step 0) or come this far."""
        ...

    def ended(self, arm: str, seed: int, status: str) -> None:
        """Hear that a trial has ended: done, diverged or failed."""
        ...

    def note(self, what: Message) -> None:
        """Hear something that is worth a line."""
        ...

    def tick(self) -> None:
        """Hear that nothing has happened for a moment."""
        ...

    def close(self) -> None:
        """Hear that nothing more will come."""
        ...


@contextmanager
def watcher(
    quiet: bool = False,
    file: IO[str] | None = None,
    language: str | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[Watcher]:
    """Yield the watcher that fits `file`, and close it whatever happens.

    Without a `file` it is a notebook's display where we run in one, else standard error.
    """
    told = language or preferred_language()
    found = _fitting(quiet, file, told, clock)
    try:
        yield found
    finally:
        found.close()


def _fitting(
    quiet: bool, file: IO[str] | None, language: str, clock: Callable[[], float]
) -> Watcher:
    if quiet:
        return Silent(file or sys.stderr, language)
    # Loading rich takes a while, and who wants no bars need not wait for it.
    from hikaku.present.bars import Bars, terminal

    if file is None and (show := screen()):
        return Cell(show, language, clock)
    console = terminal(file or sys.stderr)
    return Bars(console, language, clock) if console else Lines(file or sys.stderr, language, clock)


class Silent:
    """Shows no progress; what goes wrong, or makes the run wait, is still said."""

    def __init__(self, file: IO[str], language: str) -> None:
        self._file = file
        self._language = language

    def planned(self, study: Study, plan: Planned, workers: int) -> None:
        """Say nothing."""

    def progress(self, arm: str, seed: int, step: int, steps: int) -> None:
        """Say nothing."""

    def ended(self, arm: str, seed: int, status: str) -> None:
        """Say nothing."""

    def note(self, what: Message) -> None:
        """Say it on a line, unless it only says what is being done: that ends in three points."""
        if not what.id.endswith(" ..."):
            self._file.write(f"{spoken(what, self._language)}\n")
            self._file.flush()

    def tick(self) -> None:
        """Say nothing."""

    def close(self) -> None:
        """Say nothing."""


class Lines:
    """Plain lines, for logs and pipes: one per ended trial, and now and then one on the way."""

    def __init__(self, file: IO[str], language: str, clock: Callable[[], float]) -> None:
        self._file = file
        self._language = language
        self._tally = Tally(clock)
        self._told = 0.0

    def planned(self, study: Study, plan: Planned, workers: int) -> None:
        """Say how much there is to do."""
        self._tally.begin(study, plan)
        self.note(self._tally.plan(workers))

    def progress(self, arm: str, seed: int, step: int, steps: int) -> None:
        """Remember how far this trial is."""
        self._tally.running[arm, seed] = step / steps
        self.tick()

    def ended(self, arm: str, seed: int, status: str) -> None:
        """Say how this trial ended."""
        self._tally.running.pop((arm, seed), None)
        self._tally.ended += 1
        self.note(
            message(
                "{ended}/{total} {trial}: {status}",
                ended=self._tally.ended,
                total=self._tally.most,
                trial=name(arm, seed),
                status=ending(status),
            )
        )

    def note(self, what: Message) -> None:
        """Say it on a line."""
        self._file.write(f"{spoken(what, self._language)}\n")
        self._file.flush()
        self._told = self._tally.clock()

    def tick(self) -> None:
        """Say how far the run is, if nothing was said for a while."""
        tally = self._tally
        patience = max(EVERY_SECONDS, tally.seconds / 20)
        if tally.running and tally.clock() - self._told >= patience:
            self.note(
                message(
                    "{ended}/{total} trials, {times}",
                    ended=tally.ended,
                    total=tally.most,
                    times=tally.times(),
                )
            )

    def close(self) -> None:
        """Say what was done."""
        if self._tally.total:
            self.note(self._tally.summary())
