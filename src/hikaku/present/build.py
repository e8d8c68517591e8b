"""From findings to a `Report`: what is said, and in which order.

Eats a `Study`, its `Results` and `Finding`s. Makes the whole report (for a page) or its tables
(for a terminal, the verdicts last, where the eye is).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hikaku.analysis.finding import Finding
from hikaku.analysis.summary import ArmSummary, summarize
from hikaku.present import pictures
from hikaku.present.report import (
    Block,
    Chart,
    Heading,
    Place,
    Point,
    Points,
    Report,
    Text,
    short,
)
from hikaku.present.tables import (
    arms_table,
    metric_words,
    published_tables,
    recipe_table,
    results_table,
    shown_metrics,
    verdict_table,
)
from hikaku.record import Results
from hikaku.study.study import Study
from hikaku.words import Message, message

MOST_FAILURES = 10
"""So many failed trials are told one by one."""


@dataclass(frozen=True)
class Origin:
    """Where the numbers lie and the command that makes them again; empty where unknown."""

    store: str = ""
    command: str = ""


NOWHERE = Origin()


def report(
    study: Study, results: Results, findings: Sequence[Finding], origin: Origin = NOWHERE
) -> Report:
    """Return the whole report: verdicts first, then the evidence, then how to redo it."""
    arms = summarize(study, results)
    return Report(
        (
            Heading(study.question or study.name, 1),
            Text(_asked(study)),
            Heading(message("Verdicts")),
            *_verdicts(study, results, findings),
            *_forest(study, findings),
            Heading(message("Results")),
            results_table(study, results, arms),
            *_published(study, results),
            *_pairs(study, results),
            *_curves(study, results, arms),
            *_confusions(study, results),
            Heading(message("What was trained")),
            arms_table(study, arms),
            *_failures(study, results),
            recipe_table(study, results),
            *_origin(results, origin),
        )
    )


def brief(study: Study, results: Results, findings: Sequence[Finding]) -> Report:
    """Return what a notebook's cell shows: the verdicts, the chart of effects, what went wrong."""
    arms = summarize(study, results)
    return Report(
        (
            Heading(study.question or study.name),
            Text(_asked(study)),
            *_verdicts(study, results, findings),
            *(() if findings else (results_table(study, results, arms),)),
            *_failures(study, results),
            *_forest(study, findings),
        )
    )


def tables(study: Study, results: Results, findings: Sequence[Finding]) -> Report:
    """Return the tables alone, for a terminal: recipe, arms, results, and last the verdicts."""
    arms = summarize(study, results)
    return Report(
        (
            Heading(study.question or study.name, 1),
            recipe_table(study, results),
            arms_table(study, arms),
            *_failures(study, results),
            *_published(study, results),
            results_table(study, results, arms),
            *_verdicts(study, results, findings),
        )
    )


def _asked(study: Study) -> Message:
    arms, seeds = len(study.arms), len(study.seeds)
    return message(
        "Study {name}: {arms} over {seeds}. Judged is {metric}; the smallest difference worth "
        "having is {worth}.",
        name=short(study.name),
        arms=message("1 arm") if arms == 1 else message("{n} arms", n=arms),
        seeds=message("1 seed") if seeds == 1 else message("{n} paired seeds", n=seeds),
        metric=str(study.metric),
        worth=f"{study.worth:g}",
    )


def _verdicts(study: Study, results: Results, findings: Sequence[Finding]) -> Iterator[Block]:
    if not findings:
        yield Text(message("This study has no variant, so nothing is compared."))
        return
    yield verdict_table(study, results, findings)
    yield Points(tuple(Point(found.sentence, found.verdict, found.cautions) for found in findings))


def _published(study: Study, results: Results) -> Iterator[Block]:
    yield from published_tables(results, [one for one in study.published if one.values])


def _failures(study: Study, results: Results) -> Iterator[Block]:
    told = [
        Point(
            message(
                "{arm}, seed {seed} failed: {error}",
                arm=short(arm.name),
                seed=seed,
                error=end.error,
            ),
            "caution",
        )
        for arm in study.arms
        for seed in results.seeds
        if (end := results.outcome(arm.name, seed)) and end.status == "failed"
    ]
    if len(told) > MOST_FAILURES:
        rest = message("and {n} more failed trials", n=len(told) - MOST_FAILURES)
        told = [*told[:MOST_FAILURES], Point(rest, "caution")]
    if told:
        yield Points(tuple(told))


def _forest(study: Study, findings: Sequence[Finding]) -> Iterator[Block]:
    if picture := pictures.forest(study, findings):
        yield Chart(
            picture,
            message("Effects"),
            message(
                "Effect of each variant on {metric} with its interval; the table of verdicts "
                "holds the same numbers.",
                metric=str(study.metric),
            ),
            message(
                "Thin line: the interval that decides helps or hurts, by leaving 0 out. Thick "
                "line: the one that decides no practical difference, by lying inside the shaded "
                "band of ±{worth}.",
                worth=f"{study.worth:g}",
            ),
        )


def _pairs(study: Study, results: Results) -> Iterator[Block]:
    if picture := pictures.pairs(study, results):
        yield Chart(
            picture,
            message("Seed by seed"),
            message(
                "For each variant and seed, {metric} of base and of the variant, joined by a line.",
                metric=str(study.metric),
            ),
            message(
                "Each line is one seed, under which base and variant saw the same samples in the "
                "same order: lines that all lean one way make a clear difference, however far "
                "apart they start."
            ),
        )


def _curves(study: Study, results: Results, arms: Sequence[ArmSummary]) -> Iterator[Block]:
    for metric in shown_metrics(study, arms):
        if picture := pictures.curves(study, results, metric):
            yield Chart(
                picture,
                message("Learning curves: {metric}", metric=metric_words(metric)),
                message(
                    "Mean {metric} of base and of each variant while training, on train and "
                    "validation.",
                    metric=metric_words(metric),
                ),
                message(
                    "Mean over seeds, with a 95 % band at each epoch, cut where it leaves the "
                    "view; train is a fixed sample of it, in evaluation mode. Diamond: the epoch "
                    "of the best validation loss (median over seeds)."
                ),
            )


def _confusions(study: Study, results: Results) -> Iterator[Block]:
    picture = pictures.confusions(study, results)
    if picture is None:
        return
    yield Chart(
        picture,
        message("Confusion on the test split"),
        message("How often each true class was answered by each class, for every arm."),
        message(
            "Counts summed over seeds, shaded by the share of the true class (by its square "
            "root, so that the few mistakes show)."
        ),
    )
    if picture.left_out:
        yield Text(
            message("Left out, to keep the page small: {arms}", arms=", ".join(picture.left_out))
        )


def _origin(results: Results, origin: Origin) -> Iterator[Block]:
    trained = {
        f"{end.outcome.environment}; {end.outcome.arithmetic}".strip("; ")
        for end in results.trials.values()
    }
    if any(trained):
        ways = "; ".join(sorted(filter(None, trained)))
        yield Text(message("Trained with: {ways}", ways=ways))
    if origin.command:
        yield Place(message("The command that makes this again"), origin.command)
    if origin.store:
        yield Place(message("The store that holds every number"), origin.store)
