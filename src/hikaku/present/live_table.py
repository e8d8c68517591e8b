"""A run as a table in a terminal: arms by seeds, curves, what was seen so far, who trains what.

Fits into the window that there is, and is drawn anew a few times a second at most, and only where
something has changed. What is worth a line is written above it and stays.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import IO

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from hikaku.present.board import board
from hikaku.present.live_lines import lines_of, shape_of
from hikaku.present.report import Words, spoken
from hikaku.present.tally import Planned, ending, name
from hikaku.present.watched import Drawing
from hikaku.record import Measured, Results
from hikaku.study.study import Study
from hikaku.words import Message, message

EVERY_SECONDS = 0.5
SHARE = 0.005
"""So much of the time of one core drawing may take; where it takes longer it comes less often."""

ASCII = str.maketrans("·▄■×▲▼○◆▁▂▃▅▆▇█━─…≤", "._#x^voU.,:-=+#=-~<")
"""What is drawn where a terminal has no other letters."""


def terminal(file: IO[str]) -> Console | None:
    """Return the terminal behind `file`; None where there is none that can draw."""
    console = Console(file=file, markup=False, emoji=False, highlight=False, soft_wrap=True)
    return console if console.is_terminal and not console.is_dumb_terminal else None


class LiveTable(Drawing):
    """A table in a terminal that is drawn anew as the run goes on."""

    def __init__(self, console: Console, language: str, clock: Callable[[], float]) -> None:
        super().__init__(clock)
        self._console = console
        self._language = language
        self._live = Live(console=console, transient=True, auto_refresh=False)
        self._due = float("-inf")
        self._shown: tuple[str, ...] = ()
        self._lines: list[Text] = []

    def planned(self, study: Study, plan: Planned, workers: int, there: Results) -> None:
        """Say how much there is to do, and show the table."""
        self._run.planned(study, plan, there)
        self.note(self._run.tally.plan(workers))
        if self._run.tally.total:
            self._live.start()
            self.tick()

    def ended(self, arm: str, seed: int, measured: Measured) -> None:
        """Show how this trial ended; say it on a line where it is not done."""
        self._run.ended(arm, seed, measured)
        status = measured.outcome.status
        if status != "done":
            how = ending(status)
            self.note(message("{trial}: {status}", trial=name(arm, seed), status=how))
        self.tick()

    def note(self, what: Message) -> None:
        """Say it on a line above the table."""
        # Words are never broken: a path that is longer than a line can still be copied whole.
        self._console.print(Text(self._said(what), overflow="ignore"), soft_wrap=False)

    def tick(self) -> None:
        """Draw what has changed, unless it was drawn a moment ago."""
        now = self._run.clock()
        if not self._live.is_started or now < self._due:
            return
        began = time.process_time()
        self._draw()
        self._due = now + max(EVERY_SECONDS, (time.process_time() - began) / SHARE)

    def _draw(self) -> None:
        shape = shape_of(self._run, *self._console.size, self._language)
        found = board(self._run, shape.room, self._shown)
        self._shown = found.arms
        lines = list(lines_of(found, shape, self._language))
        if not self._console.encoding.lower().startswith("utf"):
            lines = [Text(line.plain.translate(ASCII)) for line in lines]
        if lines != self._lines:
            self._lines = lines
            self._live.update(Group(*lines), refresh=True)

    def close(self) -> None:
        """Take the table away and say what was done."""
        self._live.stop()
        if self._run.tally.total:
            self.note(self._run.tally.summary())

    def _said(self, what: Words) -> str:
        return spoken(what, self._language)
