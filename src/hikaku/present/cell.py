"""What is seen of a run in a notebook: one display below the cell that is drawn anew as it goes on.

Eats what a run tells of itself. Shows HTML (a bar, a table of the arms, what is worth a line)
beside plain text for where there is none. It is one output however long the run is, so a notebook
that is saved holds its last state alone.
"""

from __future__ import annotations

import html
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any, Protocol

from hikaku.present.board import SIGNS, Board, Room, Row, board
from hikaku.present.report import Words, spoken
from hikaku.present.tally import Planned, ending, name
from hikaku.present.watched import Drawing
from hikaku.record import Measured, Results
from hikaku.study.study import Study
from hikaku.words import Message, message

EVERY_SECONDS = 0.5
MOST_NOTES = 20
"""So many lines are shown; of more, the last ones."""

ROOM = Room(rows=30, marks=40, curve=16, posts=8)
DIM = 'style="opacity: .7"'
LEFT = 'style="text-align: left; white-space: pre; font-family: monospace; padding-right: 1em"'

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


class Cell(Drawing):
    """One output below a notebook's cell: a run as in a terminal, every `EVERY_SECONDS` at most."""

    def __init__(self, show: Screen, language: str, clock: Callable[[], float]) -> None:
        super().__init__(clock)
        self._show = show
        self._language = language
        self._notes: list[str] = []
        self._drawn = float("-inf")
        self._shown: tuple[str, ...] = ()
        self._closed = False

    def planned(self, study: Study, plan: Planned, workers: int, there: Results) -> None:
        """Show how much there is to do."""
        self._run.planned(study, plan, there)
        self.note(self._run.tally.plan(workers))

    def ended(self, arm: str, seed: int, measured: Measured) -> None:
        """Count this trial; say how it ended where it is not done."""
        self._run.ended(arm, seed, measured)
        if measured.outcome.status != "done":
            how = ending(measured.outcome.status)
            self._notes.append(
                self._said(message("{trial}: {status}", trial=name(arm, seed), status=how))
            )
        self.tick()

    def note(self, what: Message) -> None:
        """Show it as a line above the table."""
        self._notes.append(self._said(what))
        self._draw()

    def tick(self) -> None:
        """Draw anew what has changed, unless it was drawn a moment ago."""
        if self._run.clock() - self._drawn >= EVERY_SECONDS:
            self._draw()

    def close(self) -> None:
        """Show what was done, without a table."""
        self._closed = True
        if self._run.tally.total:
            self.note(self._run.tally.summary())

    def _draw(self) -> None:
        self._drawn = self._run.clock()
        notes = self._notes[-MOST_NOTES:]
        lines, texts = [f"<div>{html.escape(line)}</div>" for line in notes], list(notes)
        if self._run.tally.total and not self._closed:
            found = board(self._run, ROOM, self._shown)
            self._shown = found.arms
            whole = self._said(self._run.tally.so_far())
            posts = [f"{self._said(post.texts[0])} {post.share:.0%}" for post in found.posts]
            bar = f'<progress value="{found.share:.4f}" style="width: 16em"></progress>'
            lines += [f"<div>{bar} {html.escape(whole)}</div>", self._table(found)]
            lines += [f"<div {DIM}>{html.escape(line)}</div>" for line in posts]
            texts += [whole, *posts]
        self._show({"text/html": "".join(lines), "text/plain": "\n".join(texts)})

    def _table(self, found: Board) -> str:
        """Return the arms as a table, what is folded below it, and what its letters mean."""
        rows = "".join(map(self._row, found.rows))
        legend = "  ".join(
            f"{sign} {self._said(words)}" for sign, words in (*found.states, *found.signs)
        )
        below = [self._said(found.folded or ""), legend]
        return f"<table>{rows}</table>" + "".join(
            f"<div {DIM}>{html.escape(line)}</div>" for line in below if line
        )

    def _row(self, row: Row) -> str:
        marks = "".join(mark.glyph for mark in row.marks)
        seen = f"{SIGNS[row.sight.verdict]} {row.sight.seeds} {row.sight.text}" if row.sight else ""
        cells = (self._said(row.arm), marks, f"{row.curve.rstrip()} {row.value}", seen)
        return "".join(
            ("<tr>", *(f"<td {LEFT}>{html.escape(cell)}</td>" for cell in cells), "</tr>")
        )

    def _said(self, what: Words) -> str:
        return spoken(what, self._language)
