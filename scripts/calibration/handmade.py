"""Studies and results made by hand, for the real code to judge: numbers in, one figure a trial."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hikaku.analysis.course import Course, Figures, course
from hikaku.analysis.rule import ALPHA, Rule
from hikaku.record import Measured, Outcome, Results
from hikaku.records import Record
from hikaku.study.recipe import Recipe, Use
from hikaku.study.study import BASE, HORIZON, Arm, Data, Metric, Study, Training

ACCURACY = Metric("accuracy")
LOSS = Metric("loss", better="lower", of_better="lower")
WORK = Training(
    Data(Use("digits")),
    Use("mlp"),
    Recipe(Use("sgd"), Use("cross-entropy"), Use("constant"), epochs=3),
)


def judged(
    variant: Sequence[float],
    base: Sequence[float],
    rule: Rule,
    alpha: float = ALPHA,
    diverged: Sequence[tuple[bool, bool]] | None = None,
) -> Course:
    """Return the real course of one comparison, of as many seeds as there are figures.

    `diverged` says, seed by seed, whether variant and base diverged.
    """
    lost = diverged or [(False, False)] * len(variant)
    seeds = rule.seeds[: len(variant)]
    ends = {
        seed: ("diverged" if one else "done", "diverged" if other else "done")
        for seed, (one, other) in zip(seeds, lost, strict=True)
    }
    pairs = zip(variant, base, lost, strict=True)
    figures = [(_kept(v, gone[0]), _kept(b, gone[1])) for v, b, gone in pairs]
    found = Figures(ACCURACY, dict(zip(seeds, figures, strict=True)), ends)
    return course(found, rule, alpha)


def _kept(figure: float, diverged: bool) -> float:
    return float("nan") if diverged else float(figure)


def study_of(
    variants: Sequence[str], worth: float, metric: Metric = ACCURACY, seeds: int = HORIZON
) -> Study:
    """Return a study of these variants with automatic seeds; no arm of it is ever trained."""
    arms = tuple(Arm(name, WORK) for name in variants)
    return Study("s", "?", metric, worth, tuple(range(seeds)), WORK, arms, auto=True)


def results_of(arms: Mapping[str, Sequence[float]], metric: Metric = ACCURACY) -> Results:
    """Return the results of arms by name, `base` among them, one figure a seed from 0 on."""
    trials = {
        (arm, seed): _trial(float(figure), metric)
        for arm, figures in arms.items()
        for seed, figure in enumerate(figures)
    }
    return Results(tuple(range(len(arms[BASE]))), trials)


def _trial(figure: float, metric: Metric) -> Measured:
    outcome = Outcome("key", "done", 30, 3, 10, 1234, "plain", "here", cost={"seconds": 1.0})
    return Measured(outcome, (Record("last", 30, metric.split, metric.name, figure),))
