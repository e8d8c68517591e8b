"""A small builder of studies and results for tests: numbers in, one figure or curve per trial."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

import numpy as np

from hikaku.analysis.paired import Paired
from hikaku.record import Measured, Outcome, Results, Sheet, Spent
from hikaku.records import Record
from hikaku.study.recipe import Recipe, Use
from hikaku.study.study import Arm, Data, Metric, Study, Training

End = float | Literal["diverged", "failed", "blank"] | None
"""A figure; how a trial ended without one ("blank" is finished); None: it has not ended."""

WORK = Training(
    Data(Use("digits")),
    Use("mlp"),
    Recipe(Use("sgd"), Use("cross-entropy"), Use("constant"), epochs=3),
)
ACCURACY = Metric("accuracy")
LOSS = Metric("loss", better="lower", of_better="lower")


def paired(differences: Sequence[float], resolution: float = 0.0) -> Paired:
    """Return these differences as those of seeds 0, 1, …"""
    return Paired(tuple(range(len(differences))), tuple(differences), resolution)


def trial(
    figures: Mapping[tuple[str, str, str], float] | None = None,
    curves: Mapping[tuple[str, str], Sequence[tuple[int, float]]] | None = None,
    confusion: Sequence[Sequence[int]] | None = None,
    status: Literal["done", "diverged", "failed"] = "done",
    seconds: float = 1.0,
    samples: tuple[int, int, int] = (0, 0, 0),
) -> Measured:
    """One trial: `figures` by (reading, split, metric), `curves` by (split, metric)."""
    ends = [Record(at[0], 30, at[1], at[2], value) for at, value in (figures or {}).items()]
    points = [
        Record("curve", step, split, metric, value)
        for (split, metric), curve in (curves or {}).items()
        for step, value in curve
    ]
    sheets = () if confusion is None else (Sheet("confusion", np.array(confusion)),)
    cost = {"seconds": seconds, "attempts": 1.0, "peak_mib": 10 * seconds}
    outcome = Outcome("key", status, 30, 3, 10, 1234, "plain", "here", "", samples, cost)
    return Measured(outcome, (*points, *ends), sheets)


def study_of(
    variants: Sequence[str], seeds: int = 5, metric: Metric = ACCURACY, worth: float = 0.01
) -> Study:
    """A study of these variants over the seeds 0, 1, …; no arm is ever trained."""
    arms = tuple(Arm(name, WORK) for name in variants)
    return Study("s", "?", metric, worth, tuple(range(seeds)), WORK, arms)


def compared(
    base: Sequence[End],
    metric: Metric = ACCURACY,
    worth: float = 0.01,
    most: int | None = None,
    **variants: Sequence[End],
) -> tuple[Study, Results]:
    """A study and its results from one end per seed and arm.

    With `most` its seeds are automatic with that many as their budget, so that they end there or
    at the horizon of 20, whichever comes later; the ends may be fewer.
    """
    study = study_of(list(variants), most or len(base), metric, worth)
    study = replace(study, auto=most is not None)
    trials = {
        (arm, seed): _ended(end, metric)
        for arm, ends in {"base": base, **variants}.items()
        for seed, end in enumerate(ends)
        if end is not None
    }
    return study, Results(study.seeds, trials)


def bound_to(results: Results, spent: Spent, variant: str = "a") -> Results:
    """These results, the variant's comparison bound to this since a verdict of it was shown."""
    return replace(results, spent={**results.spent, variant: (spent,)})


def _ended(end: float | str, metric: Metric) -> Measured:
    if end == "blank":
        return trial()
    if isinstance(end, str):
        return trial(status=end)
    if metric.of in ("last", "best"):
        return trial({(metric.of, metric.split, metric.name): end})
    # A curve that reaches the target at step `end`.
    return trial(curves={(metric.split, metric.name): [(0, 0.0), (int(end), 1.0)]})
