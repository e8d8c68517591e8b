"""What a figure says in words: the caption that a paper would print below it, and its SVG's own.

Eats a `Chart` and what was trained. Makes words.
"""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import escape

from hikaku.analysis.finding import Finding
from hikaku.present.ablation import effects_read, trained
from hikaku.present.pictures import Forest, Gains, Stops
from hikaku.present.report import Chart, Words, spoken
from hikaku.record import Results
from hikaku.study.study import Study
from hikaku.words import message

OF_EFFECTS = (Forest, Gains, Stops)


def caption(
    chart: Chart, study: Study, results: Results, findings: Sequence[Finding]
) -> tuple[Words, ...]:
    """Return the sentences: what is shown, how it is read, at which level, what was trained."""
    shown: list[Words] = [message("{title}.", title=chart.title)]
    if findings and isinstance(chart.picture, OF_EFFECTS):
        shown.append(effects_read(findings))
    return (*shown, chart.note, *trained(study, results))


def described(svg: bytes, chart: Chart, language: str) -> bytes:
    """Return the figure with its title and what it shows, for those who cannot see it."""
    head, _, rest = svg.decode().partition(">")
    title, shown = (escape(spoken(words, language)) for words in (chart.title, chart.alt))
    return f'{head} role="img"><title>{title}</title><desc>{shown}</desc>{rest}'.encode()
