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

from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, Progress, TaskID, TextColumn
from rich.table import Column
from rich.text import Text

from hikaku.present.cell import Cell, screen
from hikaku.present.report import Words, spoken
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
    console = Console(
        file=file or sys.stderr, markup=False, emoji=False, highlight=False, soft_wrap=True
    )
    told = language or preferred_language()
    found: Watcher
    if quiet:
        found = Silent(console.file, told)
    elif file is None and (show := screen()):
        found = Cell(show, told, clock)
    elif console.is_terminal and not console.is_dumb_terminal:
        found = Bars(console, told, clock)
    else:
        found = Lines(console.file, told, clock)
    try:
        yield found
    finally:
        found.close()


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
        self._tally.begin(plan)
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
                total=self._tally.total,
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
                    total=tally.total,
                    times=tally.times(),
                )
            )

    def close(self) -> None:
        """Say what was done."""
        if self._tally.total:
            self.note(self._tally.summary())


class Bars:
    """Bars in a terminal: one per running trial, and one for the whole run."""

    def __init__(self, console: Console, language: str, clock: Callable[[], float]) -> None:
        self._console = console
        self._language = language
        self._tally = Tally(clock)
        called = TextColumn("{task.description}", markup=False, table_column=_wide(24))
        count = TextColumn("{task.fields[count]}", markup=False)
        self._trials = Progress(called, BarColumn(20), count, console=console)
        self._whole = Progress(called, BarColumn(20), count, console=console)
        self._live = Live(Group(self._trials, self._whole), console=console, transient=True)
        self._tasks: dict[tuple[str, int], TaskID] = {}
        self._all = self._whole.add_task(self._said(message("all trials")), count="", visible=False)

    def planned(self, study: Study, plan: Planned, workers: int) -> None:
        """Say how much there is to do, and show the bars."""
        self._tally.begin(plan)
        self.note(self._tally.plan(workers))
        self._whole.update(self._all, total=self._tally.total, visible=True)
        self._live.start()
        self._show()

    def progress(self, arm: str, seed: int, step: int, steps: int) -> None:
        """Move the bar of this trial."""
        self._tally.running[arm, seed] = step / steps
        if (arm, seed) not in self._tasks:
            called = self._said(name(arm, seed, longest=15))
            self._tasks[arm, seed] = self._trials.add_task(called, count="")
        task = self._tasks[arm, seed]
        count = f"{step}/{steps}" if step else ""
        self._trials.update(task, completed=step, total=steps, count=count)
        self._show()

    def ended(self, arm: str, seed: int, status: str) -> None:
        """Take the bar of this trial away; say how it ended where it is not done."""
        self._tally.running.pop((arm, seed), None)
        self._tally.ended += 1
        if (arm, seed) in self._tasks:
            self._trials.remove_task(self._tasks.pop((arm, seed)))
        if status != "done":
            how = ending(status)
            self.note(message("{trial}: {status}", trial=name(arm, seed), status=how))
        self._show()

    def note(self, what: Message) -> None:
        """Say it on a line above the bars."""
        self._console.print(Text(self._said(what)))

    def tick(self) -> None:
        """Let the clock go on."""
        self._show()

    def close(self) -> None:
        """Take the bars away and say what was done."""
        self._live.stop()
        if self._tally.total:
            self.note(self._tally.summary())

    def _show(self) -> None:
        tally = self._tally
        count = f"{tally.ended}/{tally.total}  {self._said(tally.times())}"
        self._whole.update(self._all, completed=tally.work, count=count)

    def _said(self, what: Words) -> str:
        return spoken(what, self._language)


def _wide(width: int) -> Column:
    # One width for both tables of bars, so that they stand below each other.
    return Column(no_wrap=True, overflow="ellipsis", min_width=width, max_width=width)
