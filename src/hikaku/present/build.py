"""From findings to a `Report`: what is said, and in which order.

Eats a `Study`, its `Results` and `Finding`s. Makes the whole report (for a page) or its tables
(for a terminal, the verdicts last, where the eye is).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

from hikaku.analysis.answer import answer
from hikaku.analysis.claims import judge
from hikaku.analysis.finding import Finding
from hikaku.analysis.summary import summarize
from hikaku.present.claims import claim_blocks
from hikaku.present.computed import computed
from hikaku.present.confusion_told import confused_otherwise
from hikaku.present.data_page import data_page
from hikaku.present.examples import examples
from hikaku.present.redo import NOWHERE, Origin, redo
from hikaku.present.report import (
    Block,
    Heading,
    Point,
    Points,
    Report,
    Text,
    short,
    title,
)
from hikaku.present.savings import savings
from hikaku.present.sections import confusions, cost, curves, design, forest, lottery, pairs, stops
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


def report(
    study: Study, results: Results, findings: Sequence[Finding], origin: Origin = NOWHERE
) -> Report:
    """Return the whole report: verdicts first, then the evidence, then how to redo it."""
    arms = summarize(study, results)
    return Report(
        (
            Heading(title(study.question, study.name), 1),
            *((Text(answer(findings), "answer"),) if findings else ()),
            Text(_asked(study)),
            Heading(message("Verdicts")),
            *_verdicts(study, results, findings),
            *stops(findings),
            *lottery(study, results, findings),
            *_section(message("Effects"), forest(study, findings), pairs(study, results)),
            Heading(message("Results")),
            results_table(study, results, arms),
            *_published(study, results),
            *_section(message("Learning curves"), curves(study, results, arms)),
            *_section(
                message("Mistakes"),
                confusions(study, results),
                confused_otherwise(study, results),
            ),
            *examples(study, results),
            *cost(study, results, findings),
            *_section(message("Settings"), design(study, results)),
            Heading(message("What was trained")),
            arms_table(study, arms),
            *_failures(study, results),
            recipe_table(study, results),
            *claim_blocks(judge(study, results)),
            *data_page(study, results),
            *redo(study, results, origin),
        )
    )


def _section(title: Message, *parts: Iterator[Block]) -> Iterator[Block]:
    """Yield the blocks of the parts under a heading; nothing where there is none."""
    if blocks := tuple(chain(*parts)):
        yield Heading(title)
        yield from blocks


def brief(study: Study, results: Results, findings: Sequence[Finding]) -> Report:
    """Return what a notebook's cell shows: the verdicts, the chart of effects, what went wrong."""
    return Report(
        (
            Heading(title(study.question, study.name)),
            Text(_asked(study)),
            *_verdicts(study, results, findings),
            *(() if findings else (results_table(study, results, summarize(study, results)),)),
            *_failures(study, results),
            *forest(study, findings),
        )
    )


def tables(study: Study, results: Results, findings: Sequence[Finding]) -> Report:
    """Return the tables alone, for a terminal: recipe, arms, results, and last the verdicts."""
    arms = summarize(study, results)
    return Report(
        (
            Heading(title(study.question, study.name), 1),
            recipe_table(study, results),
            arms_table(study, arms, computed(study, results)),
            *_failures(study, results),
            *_published(study, results),
            results_table(study, results, arms),
            *_verdicts_last(study, results, findings),
        )
    )


def _verdicts_last(study: Study, results: Results, findings: Sequence[Finding]) -> Iterator[Block]:
    """Yield the verdicts in words and below them in a table: of many, words fill many screens."""
    if not findings:
        yield from _verdicts(study, results, findings)
        return
    yield from _sentences(findings)
    yield verdict_table(study, results, findings)
    yield from _saved(study, results, findings)


def _asked(study: Study) -> Message:
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


def _verdicts(study: Study, results: Results, findings: Sequence[Finding]) -> Iterator[Block]:
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


def _published(study: Study, results: Results) -> Iterator[Block]:
    yield from published_tables(results, [one for one in study.published if one.values])


def _failures(study: Study, results: Results) -> Iterator[Block]:
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
