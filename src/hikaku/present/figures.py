"""The figures that a study has by their names: those of its report, one by one.

Eats a `Study`, its `Results` and `Finding`s. Makes a `Chart`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from hikaku.analysis.finding import Finding
from hikaku.analysis.summary import summarize
from hikaku.errors import StudyError
from hikaku.present import sections
from hikaku.present.compared import Differences, Gaps, Lots
from hikaku.present.confusion_changes import ConfusionChanges
from hikaku.present.confusion_told import confused_otherwise
from hikaku.present.designs import Heat, Sweep
from hikaku.present.pictures import Confusions, Curves, Forest, Gains, Pairs, Stops
from hikaku.present.report import Block, Chart
from hikaku.record import Results
from hikaku.study.nearest import suggest
from hikaku.study.study import Study
from hikaku.words import message

OF_A_METRIC = (Curves, Differences)
"""Pictures of one metric on the way, whichever is asked for."""


class NoSuchFigure(StudyError):
    """The study has no figure of this name, as far as its results were read."""


@dataclass(frozen=True)
class Told:
    """What figures are made of."""

    study: Study
    results: Results
    findings: Sequence[Finding]

    def only(self, arms: Sequence[str]) -> Told:
        """Return the same of base and these arms alone; verdicts stay those of all.

        Raises `StudyError` for an arm that the study has not.
        """
        names = [arm.name for arm in self.study.arms]
        for name in arms:
            if name not in names:
                raise StudyError.of(
                    suggest(message("this study has no arm '{arm}'.", arm=name[:60]), name, names),
                    where="--arm:",
                    mend=message("it has: {names}", names=", ".join(names)),
                )
        variants = tuple(arm for arm in self.study.variants if arm.name in arms)
        findings = [one for one in self.findings if one.variant in arms]
        return Told(replace(self.study, variants=variants, design=None), self.results, findings)

    def charts(self, name: str, metric: str = "") -> list[Chart]:
        """Return the figures of this name; of curves those of `metric`, "" for the usual ones."""
        kind, section = FIGURES[name]
        blocks = _curves(self, metric) if kind in OF_A_METRIC else section(self)
        return [one for one in blocks if isinstance(one, Chart) and isinstance(one.picture, kind)]


Section = Callable[[Told], Iterator[Block]]

FIGURES: dict[str, tuple[type[Any], Section]] = {
    "forest": (Forest, lambda told: sections.forest(told.study, told.findings)),
    "pairs": (Pairs, lambda told: sections.pairs(told.study, told.results)),
    "curves": (Curves, lambda told: _curves(told)),
    "differences": (Differences, lambda told: _curves(told)),
    "gaps": (Gaps, lambda told: _curves(told)),
    "stops": (Stops, lambda told: sections.stops(told.findings)),
    "lottery": (Lots, lambda told: sections.lottery(told.study, told.results, told.findings)),
    "gains": (Gains, lambda told: sections.cost(told.study, told.results, told.findings)),
    "sweep": (Sweep, lambda told: sections.design(told.study, told.results)),
    "grid": (Heat, lambda told: sections.design(told.study, told.results)),
    "confusions": (Confusions, lambda told: sections.confusions(told.study, told.results)),
    "confusion-changes": (
        ConfusionChanges,
        lambda told: confused_otherwise(told.study, told.results),
    ),
}
"""By its name: what a figure is, and the section of the report in which it stands."""

PAIRED = message("it needs a variant that has ended at a seed at which base has ended")
ON_THE_WAY = message("it needs figures that were measured while training")
ANSWERS = message("it needs a classification whose answers on the test split were kept")
NEEDS = {
    "forest": PAIRED,
    "pairs": PAIRED,
    "curves": ON_THE_WAY,
    "differences": ON_THE_WAY,
    "gaps": message("it needs figures of both train and validation at the end"),
    "stops": message('it needs automatic seeds (seeds = "auto") that were looked at'),
    "lottery": message("it needs a verdict that single runs could contradict"),
    "gains": message("it needs an effect and a cost of the same variant"),
    "sweep": message("it needs a design that varies one setting"),
    "grid": message("it needs a design that varies two settings"),
    "confusions": ANSWERS,
    "confusion-changes": ANSWERS,
}
"""What each figure is not made without."""


def figure(name: str, told: Told, metric: str = "") -> Chart:
    """Return the figure of this name; of curves those of `metric`, "" for the judged.

    Raises `NoSuchFigure` where the study has no such figure, and says which it has.
    """
    charts = told.charts(name)
    if metric and charts:
        return _of_metric(name, told, metric)
    judged = told.study.metric.name  # the judged metric may have no curve
    charts.sort(key=lambda chart: getattr(chart.picture, "metric", "") != judged)
    if charts:
        return charts[0]
    names = ", ".join(one for one in FIGURES if told.charts(one))
    raise NoSuchFigure.of(
        message("this study has no figure of {name}", name=name),
        where="--figure:",
        why=NEEDS[name],
        mend=message("it has: {names}", names=names)
        if names
        else message("run more of it first: `hikaku run`"),
    )


def _of_metric(name: str, told: Told, metric: str) -> Chart:
    measured = _measured(told)
    full = next((one for one in measured if metric in (one, one.rpartition(":")[2])), "")
    if full and (found := told.charts(name, full)):
        return found[0]
    have = [one.rpartition(":")[2] for one in measured if told.charts(name, one)]
    what = message(
        "this study has no {name} of the metric '{metric}'.", name=name, metric=metric[:60]
    )
    raise NoSuchFigure.of(
        suggest(what, metric, have),
        where="--metric:",
        why=message("while this study trained, others were measured"),
        mend=message("one of: {names}", names=", ".join(have)),
    )


def _measured(told: Told) -> tuple[str, ...]:
    """Return every metric that was measured at some end, the judged first."""
    arms = summarize(told.study, told.results)
    read = (name for arm in arms for metrics in arm.measured.values() for name in metrics)
    return tuple(dict.fromkeys((told.study.metric.name, *read)))


def _curves(told: Told, metric: str = "") -> Iterator[Block]:
    study, results = told.study, told.results
    return sections.curves(study, results, summarize(study, results), (metric,) if metric else ())
