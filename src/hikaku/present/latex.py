"""An ablation table as LaTeX, with the rules of the package booktabs.

Eats an `Ablation`. Makes a `table` environment to be put into a paper with `\\input`: it needs
nothing but booktabs, and letters beyond Latin ones an engine that has them (LuaLaTeX, XeLaTeX).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from hikaku.analysis.numbers import NOTHING
from hikaku.present.ablation import Ablation, Contrast, Mean, Row
from hikaku.present.report import Words, spoken

SIGNS = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "&": r"\&", "%": r"\%", "$": r"\$",
    "#": r"\#", "_": r"\_", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}", "`": r"\textasciigrave{}",
    "[": "{[}", "]": "{]}", "*": "{*}", "±": r"$\pm$", "×": r"$\times$", "−": "$-$",
}  # fmt: skip  # a table reads better in few lines
"""What means something to LaTeX, or is in none of its usual fonts, and how it is written.

After the end of a row, `[` and `*` would be read as belonging to that end.
"""
POWER = re.compile(r"e([+-])0*(\d+)")
LATIN = "\u024f"
"""Letters up to this one are in the fonts of every LaTeX; dashes and the ellipsis are, too."""
TYPOGRAPHIC = "–—‘’“”…"


def latex(table: Ablation, language: str) -> str:
    """Return the table as LaTeX; the same table gives the same text.

    Names are escaped, numbers stand in math mode, and the best mean is bold where its arm helps.
    """
    heads = [escaped(head, language) for head in table.heads]
    columns = "l" + "r" * (len(table.metrics) + 3) + "l" * (1 + table.many_bases)
    caption = " ".join(escaped(words, language) for words in table.caption)
    rows = "\n".join(f"    {_line(_cells(row, table, language))}" for row in table.rows)
    body = f"""\
\\begin{{table}}
  \\centering
  \\caption{{{caption}}}
  \\label{{tab:{re.sub("[^A-Za-z0-9]+", "-", table.name).strip("-")}}}
  \\begin{{tabular}}{{{columns}}}
    \\toprule
    {_line(heads)}
    \\midrule
{rows}
    \\bottomrule
  \\end{{tabular}}
\\end{{table}}
"""
    return "".join(f"% {line}\n" for line in _needs(body)) + body


def escaped(words: Words, language: str = "en") -> str:
    """Return the text as LaTeX prints it, letter by letter.

    >>> escaped("50 % of a_b & {c}")
    '50 \\\\% of a\\\\_b \\\\& \\\\{c\\\\}'
    """
    text = "".join(SIGNS.get(sign, sign) for sign in spoken(words, language))
    return text.replace("--", "-{}-")  # two hyphens would be printed as one dash


def _needs(body: str) -> Iterator[str]:
    yield r"In the preamble: \usepackage{booktabs}"
    if any(sign > LATIN and sign not in TYPOGRAPHIC for sign in body):
        yield "Letters beyond Latin ones: LuaLaTeX or XeLaTeX, for Japanese with luatexja or xeCJK"


def _line(cells: list[str]) -> str:
    return " & ".join(cells) + r" \\"


def _cells(row: Row, table: Ablation, language: str) -> list[str]:
    found = [escaped(row.arm), *map(_mean, row.means), f"${row.seeds}$"]
    contrast = row.contrast
    if contrast is None:
        return [*found, "--", "", "", *([""] if table.many_bases else [])]
    against = [escaped(contrast.against)] if table.many_bases else []
    verdict = escaped(contrast.verdict, language)
    return [*found, _effect(contrast), f"${contrast.pairs}$", verdict, *against]


def _mean(mean: Mean) -> str:
    if mean.mean == NOTHING:
        return "--"
    middle = _number(mean.mean)
    middle = rf"\mathbf{{{middle}}}" if mean.stands_out else middle
    return f"${middle}$" if mean.half == NOTHING else rf"${middle} \pm {_number(mean.half)}$"


def _effect(contrast: Contrast) -> str:
    if contrast.effect == NOTHING:
        return "--"
    if contrast.low == NOTHING:
        return f"${_number(contrast.effect)}$"
    low, high = _number(contrast.low), _number(contrast.high)
    return f"${_number(contrast.effect)}$ $[{low}, {high}]$"


def _number(text: str) -> str:
    """Return a number as math mode writes it: a power of ten as such."""
    return POWER.sub(lambda found: rf" \times 10^{{{found[1].strip('+')}{found[2]}}}", text)
