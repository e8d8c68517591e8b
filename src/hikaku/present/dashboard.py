"""The pages of the dashboard, as regions that are sent again when they change.

Eats what the reading wing found out. Makes HTML in which every text is escaped, without styles or
scripts of its own, so that a page may forbid both.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from markupsafe import Markup

from hikaku.analysis.finding import WORDS, Finding
from hikaku.analysis.numbers import NOTHING, effect_texts
from hikaku.present import dashboard_words, strokes
from hikaku.present.blocks import needs
from hikaku.present.dashboard_words import SAID
from hikaku.present.interval_bar import bars
from hikaku.present.page_files import source, template
from hikaku.present.pictures import Curves
from hikaku.present.report import Bar, Block, Cell, Words, short
from hikaku.present.strokes import Points
from hikaku.present.tally import Tally, name
from hikaku.study.metric_words import metric_words

BAR_WIDTH = 480
"""Pixels of an interval in the picture of effects; where there is less room it shrinks."""
MOST_FLIGHTS = 32
"""So many trials on their way are named; the others are counted."""

MOST_COMPARED = 6
"""So many studies stand side by side."""

Regions = dict[str, str]
"""By the id of its place on the page, the HTML inside of it."""


@dataclass(frozen=True)
class Flight:
    """A trial on its way, `share` of it done, from 0 to 1.

    `curves` are its own by metric, on validation, by epoch.
    """

    arm: str
    seed: int
    share: float
    curves: Mapping[str, Points] = field(default_factory=dict)


@dataclass(frozen=True)
class Run:
    """A run on its way: so many of its trials have ended, and these are at it, for so long now.

    `left` are the seconds until its budget ends, None where that has no minutes.
    """

    total: int
    at_most: bool
    ended: int
    seconds: float
    flights: tuple[Flight, ...] = ()
    left: float | None = None

    @property
    def tally(self) -> Tally:
        """Return what counts it as the terminal does."""
        running = {(one.arm, one.seed): one.share for one in self.flights}
        ends = math.inf if self.left is None else self.seconds + self.left
        return Tally(
            lambda: self.seconds, total=self.total, at_most=self.at_most, ends=ends,
            ended=self.ended, running=running,
        )  # fmt: skip

    @property
    def share(self) -> float:
        """Return how much of the run is done, from 0 to 1."""
        return min(1.0, self.tally.work / self.total) if self.total else 1.0


@dataclass(frozen=True)
class Listed:
    """A study in the list, by its number in the store; `name` tells it from its namesakes."""

    number: int
    name: str
    question: Words
    arms: int
    trials: int
    done: int
    last_run: str
    run: Run | None = None

    @property
    def title(self) -> Words:
        """What heads its page: its question, or its name where it asks none."""
        return self.question or self.name


@dataclass(frozen=True)
class Shown:
    """What a study has come to: its blocks without charts, its findings, and its curves.

    `answer` stands above the curves, `tables` below. `curves` is by metric, None until they are
    read, and without a line where no trial has ended. `late` says of when all this is, where the
    store has come further; `fault` is said above it where the study cannot be read.
    """

    listed: Listed
    title: Words
    asked: Words = ""
    answer: tuple[Block, ...] = ()
    tables: tuple[Block, ...] = ()
    findings: tuple[Finding, ...] = ()
    curves: Mapping[str, Curves] | None = None
    late: Words = ""
    fault: str = ""


@dataclass(frozen=True)
class Row:
    """A line of the picture of effects."""

    variant: str
    bar: Bar
    verdict: Cell
    effect: str


def list_regions(listed: Sequence[Listed], fault: str, language: str) -> Regions:
    """Return the regions of the first page: what is running, and all studies.

    `fault` says why the store cannot be read now, "" where it can: then it is not called empty.
    """
    rendered = partial(_rendered, language=language)
    running = tuple(one for one in listed if one.run)
    return {
        "running": rendered("running", runs=running),
        "studies": rendered("studies", listed=tuple(listed), fault=fault),
    }


def fault_region(fault: Words, language: str) -> Regions:
    """Return the region that says on every page why it may be out of date, "" where it is not."""
    return {"fault": _rendered("trouble", language, fault=fault)}


def study_regions(shown: Shown, metric: str, language: str) -> Regions:
    """Return the regions of one study's page; `metric` is the one whose curves are drawn."""
    rendered = partial(_rendered, language=language)
    run = shown.listed.run
    pictures = shown.curves or {}
    metrics = tuple(one for one in pictures if pictures[one].lines or _live(shown, one))
    chosen = metric if metric in metrics else next(iter(metrics), "")
    views = strokes.views(pictures[chosen], _live(shown, chosen)) if chosen else ()
    return {
        "running": rendered("running", runs=(shown.listed,) if run else ()),
        "asked": rendered("asked", shown=shown),
        "answer": rendered("answer", blocks=_named(shown.answer)),
        "curves": rendered(
            "curves", shown=shown, metrics=metrics, chosen=chosen, views=views,
            named=metric_words, wide=strokes.WIDTH, high=strokes.HEIGHT, plot=strokes.PLOT,
            all=_reported(pictures[chosen]) if chosen else 0,
        ),
        "tables": rendered("answer", blocks=_named(shown.tables)),
    }  # fmt: skip


def compared_regions(shown: Sequence[Shown], listed: Sequence[Listed], language: str) -> Regions:
    """Return the regions of the page on which studies stand side by side."""
    rendered = partial(_rendered, language=language)
    variants = dict.fromkeys(found.variant for one in shown for found in one.findings)
    chosen = [one.listed.number for one in shown]
    by_name = [{found.variant: found for found in one.findings} for one in shown]
    grid = [(variant, [found.get(variant) for found in by_name]) for variant in variants]
    return {
        "compared": rendered(
            "compared", shown=tuple(shown), grid=grid, cell=_cell, chosen=chosen,
            rows={one.listed.number: effects(one.findings) for one in shown},
        ),
        "choice": rendered(
            "choice", listed=tuple(listed), chosen=chosen, most=MOST_COMPARED
        ),
    }  # fmt: skip


def effects(findings: Iterable[Finding]) -> tuple[Row, ...]:
    """Return the rows of the picture of effects; a variant without a pair yet has an empty one."""
    found = tuple(findings)
    return tuple(
        Row(short(one.variant), bar, *_cell(one))
        for one, bar in zip(found, bars(found), strict=True)
    )


def page(title: str, regions: Regions, language: str) -> str:
    """Return a whole page with these regions in it."""
    return template("dashboard.html.j2").render(
        title=title,
        # Each region was rendered by a template that escapes every text.
        regions={name: Markup(html) for name, html in regions.items()},
        said=SAID,
        **needs(language),
    )


def entering(language: str) -> str:
    """Return the page that a one-time link opens; it goes on to the list of studies by itself."""
    return template("entering.html.j2").render(said=SAID, **needs(language))


def writing(language: str) -> str:
    """Return the page that stands for a report until it is written: it asks again by itself."""
    return template("writing.html.j2").render(said=SAID, **needs(language))


def refusal(what: Words, language: str) -> str:
    """Return a page that says why there is nothing to see."""
    return template("refusal.html.j2").render(what=what, **needs(language))


def style() -> str:
    """Return the style sheet of all pages: the report's, and what only these have."""
    return source("report.css") + source("dashboard.css")


def _reported(picture: Curves) -> int:
    """Return how many views the report draws: of each arm of which a trial has ended."""
    drawn = {line.arm for line in picture.lines}
    return sum(view.arm in drawn for view in picture.layout.views)


def _live(shown: Shown, metric: str) -> dict[str, list[Points]]:
    """Return the curves of trials on their way by arm."""
    found: dict[str, list[Points]] = {}
    for flight in shown.listed.run.flights if shown.listed.run else ():
        if points := flight.curves.get(metric):
            found.setdefault(flight.arm, []).append(points)
    return found


def _cell(finding: Finding) -> tuple[Cell, str]:
    effect, low, high = effect_texts(finding.effect, finding.ci_low, finding.ci_high)
    known = finding.ci_low <= finding.ci_high
    text = f"{effect} [{low}, {high}]" if known else effect if finding.seeds else NOTHING
    return Cell(WORDS[finding.verdict], finding.verdict), text


def _named(blocks: Iterable[Block]) -> tuple[tuple[str, Block], ...]:
    return tuple((type(block).__name__, block) for block in blocks)


def _rendered(region: str, language: str, **values: Any) -> str:
    names = {
        "said": SAID, "words": dashboard_words, "trial": name, "short": short,
        "bar_width": BAR_WIDTH, "most_flights": MOST_FLIGHTS,
    }  # fmt: skip
    module = template("regions.html.j2").make_module(names | needs(language))
    return str(getattr(module, region)(**values))
