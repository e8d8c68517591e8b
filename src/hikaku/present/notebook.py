"""A report as a piece of a notebook: verdicts and one chart in the output of a cell.

Eats a `Report`. Makes HTML with everything inside and no script, in the colours of the notebook.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace

from markupsafe import Markup

from hikaku.present.blocks import needs
from hikaku.present.html import Drawn, shown_blocks
from hikaku.present.page_files import source, template
from hikaku.present.report import Report
from hikaku.words import preferred_language

_OWN_NAME = re.compile(r'(\bid="|\bhref="#|url\(#)([\w-]+)')


def fragment(report: Report, language: str | None = None) -> str:
    """Return the report as HTML that stands in a page of others': a cell's output.

    `language` is that of the environment unless given.
    """
    language = language or preferred_language()
    blocks = [
        (kind, _still(block) if isinstance(block, Drawn) else block)
        for kind, block in shown_blocks(report.blocks, language)
    ]
    return template("notebook.html.j2").render(
        **needs(language),
        style=Markup(source("notebook.css")),
        blocks=blocks,
    )


def _still(drawn: Drawn) -> Drawn:
    """Return the chart as its picture alone, with names that no other output's pictures have."""
    own = hashlib.sha256(drawn.still.encode()).hexdigest()[:8]
    still = _OWN_NAME.sub(rf"\1h{own}-\2", drawn.still)
    return replace(drawn, id=f"h{own}", still=Markup(still), spec=Markup(""))
