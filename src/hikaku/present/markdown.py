"""An ablation table as Markdown, for a README: a table of pipes, its caption below.

Eats an `Ablation`. Makes text in the form that GitHub and most others show.
"""

from __future__ import annotations

from hikaku.analysis.numbers import NOTHING
from hikaku.present.ablation import Ablation, Mean, Row, interval
from hikaku.present.report import Words, spoken
from hikaku.words import joined

SIGNS = {sign: f"\\{sign}" for sign in r"\`*_[]|~$#!"} | {"<": "&lt;", ">": "&gt;", "&": "&amp;"}
"""What means something to Markdown inside a line, and how it is written."""


def markdown(table: Ablation, language: str) -> str:
    """Return the table as Markdown; the best mean is bold where its arm helps."""
    sides = [":--", *["--:"] * (len(table.metrics) + 3), *[":--"] * (1 + table.many_bases)]
    lines = [
        [escaped(head, language) for head in table.heads],
        sides,
        *(_cells(row, table, language) for row in table.rows),
    ]
    pipes = "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
    caption = joined(escaped(words, language) for words in table.caption)
    return f"{pipes}\n\n{caption}\n"


def escaped(words: Words, language: str = "en") -> str:
    """Return the text so that Markdown shows it letter by letter.

    >>> escaped("a|b *c* <d>")
    'a\\\\|b \\\\*c\\\\* &lt;d&gt;'
    """
    return "".join(SIGNS.get(sign, sign) for sign in spoken(words, language))


def _cells(row: Row, table: Ablation, language: str) -> list[str]:
    found = [escaped(row.arm), *map(_mean, row.means), str(row.seeds)]
    contrast = row.contrast
    if contrast is None:
        return [*found, NOTHING, "", "", *([""] if table.many_bases else [])]
    against = [escaped(contrast.against)] if table.many_bases else []
    effect = f"{contrast.effect} {interval(contrast)}".rstrip()
    verdict = escaped(contrast.verdict, language)
    return [*found, effect, str(contrast.pairs), verdict, *against]


def _mean(mean: Mean) -> str:
    middle = f"**{mean.mean}**" if mean.stands_out else mean.mean
    return middle if mean.half == NOTHING else f"{middle} ± {mean.half}"
