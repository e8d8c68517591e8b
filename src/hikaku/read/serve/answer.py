"""What a study has come to, as the dashboard shows it.

Eats a `Study` and its `Results`. Makes `Shown`, from the same tables and pictures as the report.
"""

from __future__ import annotations

from dataclasses import replace

from hikaku.analysis.summary import summarize
from hikaku.analysis.verdict import compare
from hikaku.present import build, pictures
from hikaku.present.dashboard import Listed, Shown
from hikaku.present.dashboard_words import SAID
from hikaku.present.designs import views
from hikaku.present.pictures import Curves
from hikaku.present.report import Block, Chart, Heading, Table, Text, title
from hikaku.present.tables import arms_table, results_table
from hikaku.record import Results
from hikaku.study.study import Study


def answer(listed: Listed, study: Study, results: Results) -> Shown:
    """Return what a study has come to, by verdicts that a run has shown, and by no other.

    Looking is spending: who reads the store cannot remember a look, so it makes none.
    """
    findings = compare(study, results, seen=True)
    arms = summarize(study, results)
    # Without a variant the results stand for the answer already.
    more = (results_table(study, results, arms),) if findings else ()
    blocks = [
        _explained(block)
        for block in build.brief(study, results, findings).blocks
        if not isinstance(block, Chart | Heading)
    ]
    asked = next(block.text for block in blocks if isinstance(block, Text))
    return Shown(
        listed,
        title(study.question, study.name),
        asked,
        tuple(block for block in blocks if block != Text(asked)),
        (*more, arms_table(study, arms)),
        findings,
        _pictures(study, results),
    )


def _pictures(study: Study, results: Results) -> dict[str, Curves]:
    """Return the curves by metric, with a view for every arm: trials of it may be on their way.

    So they are there without a line, too.
    """
    metrics = dict.fromkeys((study.metric.name, "accuracy", "loss"))
    found = {metric: pictures.curves(study, results, metric) for metric in metrics}
    layout = views(study)
    return {
        metric: replace(one, layout=layout) if one else Curves(metric, layout, ())
        for metric, one in found.items()
    }


def _explained(block: Block) -> Block:
    """Return the block; a table of intervals says how they are drawn, as the chart does."""
    if isinstance(block, Table) and any(cell.bar for row in block.rows for cell in row):
        return replace(block, notes=(SAID["how effects"], *block.notes))
    return block
