"""The figures that a study has by their names: those of its report, one by one.

Eats a `Study`, its `Results` and `Finding`s. Makes a `Chart`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
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
from hikaku.study.study import Study
from hikaku.words import message

Section = Callable[[Study, Results, Sequence[Finding]], Iterator[Block]]

FIGURES: dict[str, tuple[type[Any], Section]] = {
    "forest": (Forest, lambda study, results, findings: sections.forest(study, findings)),
    "pairs": (Pairs, lambda study, results, findings: sections.pairs(study, results)),
    "curves": (Curves, lambda study, results, findings: _curves(study, results)),
    "differences": (Differences, lambda study, results, findings: _curves(study, results)),
    "gaps": (Gaps, lambda study, results, findings: _curves(study, results)),
    "stops": (Stops, lambda study, results, findings: sections.stops(findings)),
    "lottery": (Lots, sections.lottery),
    "gains": (Gains, sections.cost),
    "sweep": (Sweep, lambda study, results, findings: sections.design(study, results)),
    "grid": (Heat, lambda study, results, findings: sections.design(study, results)),
    "confusions": (
        Confusions,
        lambda study, results, findings: sections.confusions(study, results),
    ),
    "confusion-changes": (
        ConfusionChanges,
        lambda study, results, findings: confused_otherwise(study, results),
    ),
}
"""By its name: what a figure is, and the section of the report in which it stands."""


def figure(
    name: str, study: Study, results: Results, findings: Sequence[Finding], metric: str = ""
) -> Chart:
    """Return the figure of this name; of curves those of `metric`, "" for the judged.

    Raises `StudyError` where the study has no such figure, and says which it has.
    """
    charts = _charts(name, study, results, findings)
    asked = metric or study.metric.name
    found = [chart for chart in charts if getattr(chart.picture, "metric", "") == asked]
    if not metric:  # of most figures there is one, and the judged metric may have no curve
        found = found or charts
    if found:
        return found[0]
    names = (one for one in FIGURES if _charts(one, study, results, findings))
    said = message("the metric {metric}", metric=metric) if metric else name
    raise StudyError.of(
        message("this study has no figure of {name}", name=said),
        mend=message("it has: {names}", names=", ".join(names) or "-"),
    )


def _charts(name: str, study: Study, results: Results, findings: Sequence[Finding]) -> list[Chart]:
    kind, section = FIGURES[name]
    blocks = section(study, results, findings)
    return [one for one in blocks if isinstance(one, Chart) and isinstance(one.picture, kind)]


def _curves(study: Study, results: Results) -> Iterator[Block]:
    return sections.curves(study, results, summarize(study, results))
