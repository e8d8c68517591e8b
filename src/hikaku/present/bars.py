"""Progress as bars in a terminal, for `live`."""

from __future__ import annotations

from collections.abc import Callable
from typing import IO

from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, Progress, TaskID, TextColumn
from rich.table import Column
from rich.text import Text

from hikaku.present.report import Words, spoken
from hikaku.present.tally import Planned, Tally, ending, name
from hikaku.study.study import Study
from hikaku.words import Message, message


def terminal(file: IO[str]) -> Console | None:
    """Return the terminal behind `file`; None where there is none that can draw bars."""
    console = Console(file=file, markup=False, emoji=False, highlight=False, soft_wrap=True)
    return console if console.is_terminal and not console.is_dumb_terminal else None


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
        self._tally.begin(study, plan)
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
        count = f"{tally.ended}/{tally.most}  {self._said(tally.times())}"
        self._whole.update(self._all, completed=tally.work, count=count)

    def _said(self, what: Words) -> str:
        return spoken(what, self._language)


def _wide(width: int) -> Column:
    # One width for both tables of bars, so that they stand below each other.
    return Column(no_wrap=True, overflow="ellipsis", min_width=width, max_width=width)
