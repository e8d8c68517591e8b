"""What the charts show, as plain values that know nothing of colours or axes.

Eats a `Study`, its `Results` and `Finding`s. Makes `Forest`, `Stops`, `Gains`, `Curves`, `Pairs`
and `Confusions`, which `charts` draws.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from hikaku.analysis.cost import Overhead
from hikaku.analysis.curves import (
    Band,
    PairedValues,
    band,
    best_step,
    confusion,
    last_whole,
    paired_values,
    trained,
)
from hikaku.analysis.finding import Finding
from hikaku.analysis.thin import thin_together
from hikaku.present.compared import Differences, Gaps, Lots
from hikaku.present.confusion_changes import MOST_CELLS, ConfusionChanges
from hikaku.present.designs import Heat, Sweep, View, Views, views
from hikaku.present.functions import Functions
from hikaku.present.lessons import Lesson
from hikaku.present.samples import Mosaic, Traces
from hikaku.record import Results
from hikaku.study.study import BASE, Metric, Study

CURVE_SPLITS = ("train", "validation")

MOST_POINTS = 200
"""A curve of more points is drawn with at most this many (`analysis.thin`)."""


@dataclass(frozen=True)
class Forest:
    """The effect of each variant, with its intervals beside ± `worth`."""

    findings: tuple[Finding, ...]
    metric: Metric
    worth: float


@dataclass(frozen=True)
class Stops:
    """How the intervals of comparisons went, seed by seed, up to where their seeds ended."""

    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Gain:
    """The effect of a variant and what its training costs, as a multiple of base's.

    `low` to `high` is the range of the seeds, as clocks differ from trial to trial; NaN for
    operations, which are counted.
    """

    finding: Finding
    ratio: float
    low: float
    high: float


@dataclass(frozen=True)
class Gains:
    """What each variant brings against what it costs, in "seconds" or "flops"."""

    gains: tuple[Gain, ...]
    metric: Metric
    worth: float
    unit: Literal["seconds", "flops"]


@dataclass(frozen=True)
class Line:
    """The mean curve of one arm on one split with its band, shape (points,), by epoch.

    `n` is over how many seeds the mean is: fewer once some have stopped, so that the line may move
    for that alone. `low` and `high` are NaN where fewer than three seeds are left of more.
    `best` is the epoch of the best validation loss (the median over seeds), NaN where unknown.
    Where one arm of a view has more seeds than both, a line of its stands `beside` the variant of
    that view, of the seeds of both alone.
    """

    arm: str
    split: str
    epochs: NDArray[np.float64]
    mean: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    n: NDArray[np.int64]
    best: float
    beside: str = ""

    @property
    def whole(self) -> int:
        """The position of the last point to which all of its seeds have come."""
        return last_whole(self.n)


@dataclass(frozen=True)
class Curves:
    """How one metric went while training: every arm on the train sample and on validation."""

    metric: str
    layout: Views
    lines: tuple[Line, ...]

    @property
    def loses_seeds(self) -> bool:
        """Whether a line goes on where some of its seeds have stopped."""
        return any(line.whole < len(line.n) - 1 for line in self.lines)

    def sides(self, view: View) -> dict[str, tuple[Line, ...]]:
        """Return the lines of a view, by arm: of what is compared with first, then of its own."""
        return {arm: self._of(arm, view.arm) for arm in (view.against, view.arm)}

    def _of(self, arm: str, beside: str) -> tuple[Line, ...]:
        mine = [line for line in self.lines if line.arm == arm]
        return tuple(
            [line for line in mine if line.beside == beside]
            or [line for line in mine if not line.beside]
        )


@dataclass(frozen=True)
class Pairs:
    """The judged figure of each variant and of what it is compared with, seed by seed.

    `titles` tell the pairs apart. `with_base`: that is base, or a twin of it, everywhere.
    """

    metric: Metric
    pairs: tuple[PairedValues, ...]
    titles: tuple[str, ...]
    with_base: bool = True


@dataclass(frozen=True)
class Confusions:
    """The confusion matrices on the test split, summed over seeds: (arm, counts), rows true.

    `classes` are the names on the axes, none for plain numbers.
    """

    matrices: tuple[tuple[str, NDArray[np.int64]], ...]
    left_out: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()


Picture = (
    Forest
    | Stops
    | Gains
    | Heat
    | Sweep
    | Curves
    | Differences
    | Gaps
    | Lots
    | Pairs
    | Confusions
    | ConfusionChanges
    | Mosaic
    | Traces
    | Functions
    | Lesson
)


def forest(study: Study, findings: Sequence[Finding]) -> Forest | None:
    """Return the picture of all effects, None where no variant has one yet."""
    known = tuple(finding for finding in findings if finding.seeds)
    return Forest(known, study.metric, study.worth) if known else None


def stops(findings: Sequence[Finding]) -> Stops | None:
    """Return the picture of why seeds ended, None where no comparison was looked at in turn."""
    looked = tuple(finding for finding in findings if finding.rule.auto and finding.looks)
    return Stops(looked) if looked else None


def gains(study: Study, findings: Sequence[Finding], costs: Sequence[Overhead]) -> Gains | None:
    """Return the picture of effects against cost, None where no variant has both.

    Cost is training time; where that is held equal, or not told apart in a stack, operations.
    """
    counted = study.equal == "seconds" or any(cost.in_stack for cost in costs)
    unit: Literal["seconds", "flops"] = "flops" if counted else "seconds"
    pairs = zip(findings, costs, strict=True)
    found = (
        Gain(one, cost.seconds_ratio, cost.seconds_low, cost.seconds_high)
        if unit == "seconds"
        else Gain(one, cost.flops_ratio, math.nan, math.nan)
        for one, cost in pairs
    )
    known = tuple(one for one in found if one.ratio > 0 and one.finding.seeds)
    return Gains(known, study.metric, study.worth, unit) if known else None


def curves(study: Study, results: Results, metric: str) -> Curves | None:
    """Return the picture of one metric over training, None where no arm has a curve of it.

    Variants without a curve are left out.
    """
    layout = views(study)
    lines = tuple(
        chain(
            *(_lines(results, arm.name, metric) for arm in study.arms),
            *(_lines_beside(results, view, metric) for view in layout.views),
        )
    )
    drawn = {line.arm for line in lines}
    seen = tuple(view for view in layout.views if view.arm in drawn)
    # Where base alone has a curve, it is shown by itself.
    layout = replace(layout, views=seen or (View(BASE, BASE),))
    return Curves(metric, layout, lines) if lines else None


def pairs(study: Study, results: Results) -> Pairs | None:
    """Return the picture of the paired seeds, None where no variant has a pair."""
    found = [paired_values(results, arm.name, study.metric) for arm in study.compared]
    whole = tuple(pair for pair in found if _both(pair).any())
    if not whole:
        return None
    titles = {view.arm: view.title for view in views(study).views}
    with_base = all(arm.against == BASE for arm in study.compared)
    return Pairs(study.metric, whole, tuple(titles[pair.variant] for pair in whole), with_base)


def confusions(study: Study, results: Results) -> Confusions | None:
    """Return the picture of the confusion matrices, None in regression.

    Once `MOST_CELLS` are filled, later arms are `left_out`, so that a page stays usable.
    """
    drawn: list[tuple[str, NDArray[np.int64]]] = []
    left_out: list[str] = []
    room = MOST_CELLS
    for arm in study.arms:
        counts = confusion(results, arm.name)
        if counts is None:
            continue
        room -= int(np.count_nonzero(counts))
        if room >= 0:
            drawn.append((arm.name, counts))
        else:
            left_out.append(arm.name)
    return Confusions(tuple(drawn), tuple(left_out), results.classes()) if drawn else None


def _lines(results: Results, arm: str, metric: str) -> Iterator[Line]:
    bands = {split: band(results, arm, metric, split) for split in CURVE_SPLITS}
    best = best_step(results, arm) if any(bands.values()) else math.nan
    for split, found in bands.items():
        if found is not None:
            yield _line(found, arm, split, best)


def _lines_beside(results: Results, view: View, metric: str) -> Iterator[Line]:
    """Yield the lines over the seeds of both arms of a view, where one of them has more."""
    against, own = trained(results, view.against), trained(results, view.arm)
    both = tuple(seed for seed in against if seed in own)
    for arm, ended in ((view.against, against), (view.arm, own)):
        if 0 < len(both) < len(ended):
            for line in _lines(replace(results, seeds=both), arm, metric):
                yield replace(line, beside=view.arm)


def _line(found: Band, arm: str, split: str, best: float) -> Line:
    # Where all seeds but two have stopped, the band of those two would hide every curve.
    banded = found.n >= min(3, found.n.max())
    low, high = (np.where(banded, end, np.nan) for end in (found.low, found.high))
    thinned = thin_together((found.mean, low, high), MOST_POINTS)
    kept = np.union1d(thinned, last_whole(found.n))
    return Line(
        arm=arm,
        split=split,
        epochs=found.steps[kept] / found.steps_per_epoch,
        mean=found.mean[kept],
        low=low[kept],
        high=high[kept],
        n=found.n[kept],
        best=best / found.steps_per_epoch,
    )


def _both(pair: PairedValues) -> NDArray[np.bool_]:
    return np.isfinite(pair.values) & np.isfinite(pair.base_values)
