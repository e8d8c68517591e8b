"""What is seen of a run in a notebook: one display below the cell that is drawn anew as it goes on.

Eats what a run tells of itself. Shows HTML (a bar, the trials on the way, what is worth a line)
beside plain text for where there is none. It is one output however long the run is, so a notebook
that is saved holds its last state alone.
"""

from __future__ import annotations

import html
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any, Protocol

from hikaku.present.report import Words, spoken
from hikaku.present.tally import Planned, Tally, ending, name
from hikaku.study.study import Study
from hikaku.words import Message, message

EVERY_SECONDS = 0.5
MOST_NOTES = 20
"""So many lines are shown; of more, the last ones."""

MOST_TRIALS = 8
"""So many trials on the way are told one by one."""

Bundle = dict[str, str]
"""The same content by MIME type; whoever shows it takes the richest that it can show."""


class Screen(Protocol):
    """Where one output is shown, and shown anew."""

    def __call__(self, bundle: Bundle) -> None:
        """Show this in place of what was shown before."""
        ...


def screen() -> Screen | None:
    """Return a display of the notebook that we run in; None elsewhere, in a terminal too."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    if getattr(shell, "kernel", None) is None:
        return None
    return _Display()


class _Display:
    """One display of IPython's, made when there is something to see."""

    def __init__(self) -> None:
        self._handle: Any = None

    def __call__(self, bundle: Bundle) -> None:
        if self._handle is None:
            display = import_module("IPython.display").display
            self._handle = display(bundle, raw=True, display_id=True)
        else:
            self._handle.update(bundle, raw=True)


class Cell:
    """One output below a notebook's cell, drawn anew at most every `EVERY_SECONDS`."""

    def __init__(self, show: Screen, language: str, clock: Callable[[], float]) -> None:
        self._show = show
        self._language = language
        self._tally = Tally(clock)
        self._notes: list[str] = []
        self._drawn = float("-inf")
        self._closed = False

    def planned(self, study: Study, plan: Planned, workers: int) -> None:
        """Show how much there is to do."""
        self._tally.begin(study, plan)
        self.note(self._tally.plan(workers))

    def progress(self, arm: str, seed: int, step: int, steps: int) -> None:
        """Move this trial on."""
        self._tally.running[arm, seed] = step / steps
        self.tick()

    def ended(self, arm: str, seed: int, status: str) -> None:
        """Count this trial; say how it ended where it is not done."""
        self._tally.running.pop((arm, seed), None)
        self._tally.ended += 1
        if status != "done":
            how = ending(status)
            self._notes.append(
                self._said(message("{trial}: {status}", trial=name(arm, seed), status=how))
            )
        self.tick()

    def note(self, what: Message) -> None:
        """Show it as a line above the bar."""
        self._notes.append(self._said(what))
        self._draw()

    def tick(self) -> None:
        """Draw anew what has changed, unless it was drawn a moment ago."""
        if self._tally.clock() - self._drawn >= EVERY_SECONDS:
            self._draw()

    def close(self) -> None:
        """Show what was done, without a bar."""
        self._closed = True
        if self._tally.total:
            self.note(self._tally.summary())

    def _draw(self) -> None:
        self._drawn = self._tally.clock()
        notes, way = self._notes[-MOST_NOTES:], self._on_the_way()
        lines = [f"<div>{html.escape(line)}</div>" for line in notes]
        if way:
            share = self._tally.work / self._tally.total
            bar = f'<progress value="{share:.4f}" style="width: 16em"></progress>'
            lines.append(f"<div>{bar} {html.escape(way[0])}</div>")
            lines += [f'<div style="opacity: .7">{html.escape(line)}</div>' for line in way[1:]]
        self._show({"text/html": "".join(lines), "text/plain": "\n".join([*notes, *way])})

    def _on_the_way(self) -> list[str]:
        """Return how far the whole is, then each trial on the way; nothing when all is over."""
        tally = self._tally
        if not tally.total or self._closed:
            return []
        whole = message(
            "{ended}/{total} trials, {times}",
            ended=tally.ended,
            total=tally.most,
            times=tally.times(),
        )
        running = list(tally.running.items())[:MOST_TRIALS]
        trials = [f"{self._said(name(*trial))} {share:.0%}" for trial, share in running]
        return [self._said(whole), *trials]

    def _said(self, what: Words) -> str:
        return spoken(what, self._language)
