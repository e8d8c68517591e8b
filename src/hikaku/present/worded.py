"""What a study says in words and tables, on a page and in a terminal alike; no pictures.

Apart from `build`, for a terminal answers at once: pictures take as long to load as tables to make.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hikaku.analysis.finding import Finding
from hikaku.analysis.summary import summarize
from hikaku.present.computed import computed
from hikaku.present.report import Block, Heading, Point, Points, Report, Text, short, title
from hikaku.present.savings import savings
from hikaku.present.tables import (
    arms_table,
    published_tables,
    recipe_table,
    results_table,
)
from hikaku.present.tally import clock_time
from hikaku.present.verdict_table import verdict_table
from hikaku.record import Results
from hikaku.study.metric_words import judged_words
from hikaku.study.study import Study
from hikaku.words import Message, message

MOST_FAILURES = 10
"""So many failed trials are told one by one."""

SHORT = 0.1
"""So few minutes are not worth a line."""


def tables(study: Study, results: Results, findings: Sequence[Finding]) -> Report:
    """Return the tables alone, for a terminal: recipe, arms, results, and last the verdicts."""
    arms = summarize(study, results)
    return Report(
        (
            Heading(title(study.question, study.name), 1),
            recipe_table(study, results),
            arms_table(study, arms, computed(study, results)),
            *failures(study, results),
            *published(study, results),
            results_table(study, results, arms),
            *_verdicts_last(study, results, findings),
        )
    )


def _verdicts_last(study: Study, results: Results, findings: Sequence[Finding]) -> Iterator[Block]:
    """Yield the verdicts in words and below them in a table: of many, words fill many screens."""
    if not findings:
        yield from verdicts(study, results, findings)
        return
    yield from _sentences(findings)
    yield verdict_table(study, results, findings)
    yield from _saved(study, results, findings)


def asked(study: Study) -> Message:
    """Return what was compared, over how many seeds, and by what it is judged."""
    arms, seeds = len(study.arms), len(study.seeds)
    counted = message("1 seed") if seeds == 1 else message("{n} paired seeds", n=seeds)
    return message(
        "Study {name}: {arms} over {seeds}. Judged is {metric}; the smallest difference worth "
        "having is {worth}.",
        name=short(study.name),
        arms=message("1 arm") if arms == 1 else message("{n} arms", n=arms),
        seeds=message("up to {seeds}", seeds=counted) if study.auto else counted,
        metric=judged_words(study.metric),
        worth=f"{study.worth:g}",
    )


def verdicts(study: Study, results: Results, findings: Sequence[Finding]) -> Iterator[Block]:
    """Yield the verdicts in a table, and below it in words."""
    if not findings:
        yield Text(message("This study has no variant, so nothing is compared."))
        return
    yield verdict_table(study, results, findings)
    yield from _sentences(findings)
    yield from _saved(study, results, findings)


def _saved(study: Study, results: Results, findings: Sequence[Finding]) -> Iterator[Block]:
    if saved := savings(study, results, findings):
        yield Text(saved)


def _sentences(findings: Sequence[Finding]) -> Iterator[Points]:
    """Yield the verdicts in words, and what is to be known of all variants alike once, below."""
    cautions = _shared([found.cautions for found in findings])
    notes = _shared([found.notes for found in findings])
    yield Points(
        tuple(
            Point(
                found.sentence,
                found.verdict,
                tuple(caution for caution in found.cautions if caution not in cautions),
                (*(note for note in found.notes if note not in notes), *_minutes(found)),
            )
            for found in findings
        )
    )
    if cautions or notes:
        yield Points((Point(message("for all variants:"), "plain", cautions, notes),))


def _shared(lists: Sequence[tuple[Message, ...]]) -> tuple[Message, ...]:
    """Return what stands in every list, of two or more."""
    first, *others = lists
    return tuple(one for one in first if others and all(one in other for other in others))


def _minutes(finding: Finding) -> Iterator[Message]:
    minutes = finding.cost.get("minutes_more", 0.0)
    if minutes >= SHORT:
        time = clock_time(60 * minutes)
        yield message("about {time} of training more, one trial at a time", time=time)


def published(study: Study, results: Results) -> Iterator[Block]:
    """Yield the tables of published figures beside ours, where the study has some."""
    yield from published_tables(results, [one for one in study.published if one.values])


def failures(study: Study, results: Results) -> Iterator[Block]:
    """Yield which trials failed, and how; nothing where none did."""
    arms = dict.fromkeys((*(arm.name for arm in study.arms), *results.bases.values()))
    told = [
        Point(
            message(
                "{arm}, seed {seed} failed: {error}",
                arm=short(arm),
                seed=seed,
                error=end.error,
            ),
            "caution",
        )
        for arm in arms
        for seed in results.seeds
        if (end := results.outcome(arm, seed)) and end.status == "failed"
    ]
    if len(told) > MOST_FAILURES:
        rest = message("and {n} more failed trials", n=len(told) - MOST_FAILURES)
        told = [*told[:MOST_FAILURES], Point(rest, "caution")]
    if told:
        yield Points(tuple(told))
