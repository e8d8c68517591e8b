"""What the charts of comparisons show beyond their figures, as plain values without colours.

Eats a `Study`, its `Results` and `Finding`s. Makes `Differences`, `Lots` and `Gaps`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from hikaku.analysis.apart import DifferenceCurves, Gap, difference_curves, gap
from hikaku.analysis.figures import judged
from hikaku.analysis.finding import Finding
from hikaku.analysis.lottery import Truth, rounding, single_runs
from hikaku.present.designs import View, Views, views
from hikaku.record import Results
from hikaku.study.metrics import METRICS
from hikaku.study.study import Metric, Study

LOTS = 40
"""So many single runs stand for all: each is one of 40 equally likely ones."""


@dataclass(frozen=True)
class Differences:
    """How each variant's curve goes beside that of the arm it is compared with, seed by seed.

    A curve for each view of `layout`. `better` is None for a metric that only its user knows.
    """

    metric: str
    better: Literal["higher", "lower"] | None
    layout: Views
    curves: tuple[DifferenceCurves, ...]


@dataclass(frozen=True)
class Lot:
    """What one run of each arm would have shown: differences (LOTS,), and which would mislead.

    `misleads` is 1 for those that would, 0 for the others, 0.5 for those that show no difference.
    """

    finding: Finding
    seen: NDArray[np.float64]
    misleads: NDArray[np.float64]


@dataclass(frozen=True)
class Lots:
    """The one-seed lottery of every comparison."""

    lots: tuple[Lot, ...]
    metric: Metric


@dataclass(frozen=True)
class Gaps:
    """Train beside validation at the end: by metric, an entry for each arm."""

    metrics: tuple[tuple[str, tuple[Gap, ...]], ...]

    @property
    def seeds(self) -> str:
        """Over how many seeds the means are: "5", or "4–5"."""
        counts = [one.seeds for _, arms in self.metrics for one in arms]
        return "–".join(dict.fromkeys(map(str, (min(counts), max(counts)))))


def differences(study: Study, results: Results, metric: str) -> Differences | None:
    """Return the picture of variant minus base while they train, None where no seed has both."""
    layout = views(study)
    found = [
        (view, curves)
        for view in layout.views
        if view.arm != view.against
        if (curves := difference_curves(results, view.arm, metric)) is not None
    ]
    if not found:
        return None
    seen: tuple[View, ...] = tuple(view for view, _ in found)
    better = METRICS[metric].better if metric in METRICS else None
    return Differences(
        metric, better, replace(layout, views=seen), tuple(curves for _, curves in found)
    )


def lots(study: Study, results: Results, findings: Sequence[Finding]) -> Lots | None:
    """Return the picture of what single runs would have shown, None where nothing can mislead."""
    found = tuple(
        _lot(one, study, results) for one in findings if not math.isnan(one.lottery.unpaired)
    )
    return Lots(found, study.metric) if found else None


def gaps(study: Study, results: Results, metrics: Sequence[str]) -> Gaps | None:
    """Return the picture of train beside validation, None where no arm has both."""
    found = (
        (name, tuple(one for arm in study.arms if (one := gap(results, arm.name, name))))
        for name in metrics
    )
    known = tuple((name, arms) for name, arms in found if arms)
    return Gaps(known) if known else None


def _lot(finding: Finding, study: Study, results: Results) -> Lot:
    of_seeds = replace(results, seeds=finding.planned)
    values, base_values = (
        judged(of_seeds, arm, study.metric) for arm in (finding.variant, finding.base)
    )
    every = single_runs(values, base_values, study.metric.better)
    # Runs that are there, none between two of them.
    seen = np.quantile(every, (np.arange(LOTS) + 0.5) / LOTS, method="inverted_cdf")
    negligible = finding.verdict == "no-practical-difference"
    truth = Truth(finding.effect, finding.worth, rounding(values, base_values), negligible)
    return Lot(finding, seen, truth.opposed(seen))
