"""What is seen of a run while it runs: a table in a terminal or notebook, lines, or nothing.

Eats what a run tells of itself. Writes to standard error (below the cell, in a notebook), in the
language of the environment; nothing that is done here changes what happens.
"""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO

from hikaku.analysis.course import Course
from hikaku.analysis.numbers import seeds_text
from hikaku.present.board import digits, sight_of
from hikaku.present.cell import Cell, screen
from hikaku.present.report import short, spoken
from hikaku.present.tally import Planned, Tally, ending, name
from hikaku.present.watched import figure
from hikaku.present.watcher import Watcher
from hikaku.record import Measured, Results
from hikaku.study.metric_words import judged_words
from hikaku.study.study import Metric, Study
from hikaku.words import Message, message, preferred_language

EVERY_SECONDS = 5.0
"""Plain lines on the way come at most this often, and in a long run after each twentieth of it."""


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
    # Loading rich takes a while, and who wants no table need not wait for it.
    from hikaku.present.live_table import LiveTable, terminal

    if file is None and (show := screen()):
        return Cell(show, language, clock)
    console = terminal(file or sys.stderr)
    return (
        LiveTable(console, language, clock)
        if console
        else Lines(file or sys.stderr, language, clock)
    )


class Silent(Watcher):
    """Shows no progress; what goes wrong, or makes the run wait, is still said."""

    def __init__(self, file: IO[str], language: str) -> None:
        self._file = file
        self._language = language

    def note(self, what: Message) -> None:
        """Say it on a line, unless it only says what is being done: that ends in three points."""
        if not what.id.endswith(" ..."):
            self._file.write(f"{spoken(what, self._language)}\n")
            self._file.flush()


class Lines(Watcher):
    """Plain lines, for logs and pipes: one per ended trial and look, now and then one between."""

    def __init__(self, file: IO[str], language: str, clock: Callable[[], float]) -> None:
        self._file = file
        self._language = language
        self._tally = Tally(clock)
        self._metric: Metric | None = None
        self._told = 0.0

    def planned(self, study: Study, plan: Planned, workers: int, there: Results) -> None:
        """Say how much there is to do."""
        self._metric = study.metric
        self._tally.begin(study, plan)
        self.note(self._tally.plan(workers))

    def progress(self, arm: str, seed: int, step: int, steps: int) -> None:
        """Remember how far this trial is."""
        self._tally.running[arm, seed] = step / steps
        self.tick()

    def ended(self, arm: str, seed: int, measured: Measured) -> None:
        """Say how this trial ended, with its judged figure."""
        self._tally.running.pop((arm, seed), None)
        self._tally.ended += 1
        self.note(
            message(
                "{ended}/{total} {trial}: {status}",
                ended=self._tally.ended,
                total=self._tally.most,
                trial=name(arm, seed),
                status=self._how(arm, seed, measured),
            )
        )

    def _how(self, arm: str, seed: int, measured: Measured) -> Message:
        how, metric = ending(measured.outcome.status), self._metric
        value = figure(metric, arm, seed, measured) if metric else math.nan
        if metric is None or math.isnan(value):
            return how
        return message(
            "{status}, {metric} {value}",
            status=how,
            metric=judged_words(metric),
            value=digits(value),
        )

    def looked(self, variant: str, went: Course) -> None:
        """Say what the run has seen of this comparison."""
        sight = sight_of(went)
        self.note(
            message(
                "{variant}: {effect} after {seeds}",
                variant=short(variant),
                effect=sight.text,
                seeds=seeds_text(sight.seeds),
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
            self.note(tally.so_far())

    def close(self) -> None:
        """Say what was done."""
        if self._tally.total:
            self.note(self._tally.summary())
