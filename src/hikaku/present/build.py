"""From findings to a `Report`: what is said, and in which order.

Eats a `Study`, its `Results` and `Finding`s. Makes the whole report, for a page, or a brief one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

from hikaku.analysis.answer import answer
from hikaku.analysis.claims import judge
from hikaku.analysis.finding import Finding
from hikaku.analysis.summary import summarize
from hikaku.present.claims import claim_blocks
from hikaku.present.confusion_told import confused_otherwise
from hikaku.present.data_page import data_page
from hikaku.present.examples import examples
from hikaku.present.redo import NOWHERE, Origin, redo
from hikaku.present.report import (
    Block,
    Heading,
    Report,
    Text,
    title,
)
from hikaku.present.sections import confusions, cost, curves, design, forest, lottery, pairs, stops
from hikaku.present.tables import (
    arms_table,
    recipe_table,
    results_table,
)
from hikaku.present.worded import asked, failures, published, verdicts
from hikaku.record import Results
from hikaku.study.study import Study
from hikaku.words import Message, message


def report(
    study: Study, results: Results, findings: Sequence[Finding], origin: Origin = NOWHERE
) -> Report:
    """Return the whole report: verdicts first, then the evidence, then how to redo it."""
    arms = summarize(study, results)
    return Report(
        (
            Heading(title(study.question, study.name), 1),
            *((Text(answer(findings), "answer"),) if findings else ()),
            Text(asked(study)),
            Heading(message("Verdicts")),
            *verdicts(study, results, findings),
            *stops(findings),
            *lottery(study, results, findings),
            *_section(message("Effects"), forest(study, findings), pairs(study, results)),
            Heading(message("Results")),
            results_table(study, results, arms),
            *published(study, results),
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
            *failures(study, results),
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
            Text(asked(study)),
            *verdicts(study, results, findings),
            *(() if findings else (results_table(study, results, summarize(study, results)),)),
            *failures(study, results),
            *forest(study, findings),
        )
    )
