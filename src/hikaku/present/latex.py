"""An ablation table as LaTeX, with the rules of the package booktabs.

Eats an `Ablation`. Makes a `table` environment to be put into a paper with `\\input`. Its first
lines say what it needs: booktabs, graphicx and, for letters that pdfLaTeX has not, another engine.
One that is wider than the text is made as small as the text is wide.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from hikaku.analysis.numbers import NOTHING
from hikaku.present.ablation import Ablation, Contrast, Mean, Row
from hikaku.present.report import Words, spoken
from hikaku.words import joined, wrapped

SIGNS = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "&": r"\&", "%": r"\%", "$": r"\$",
    "#": r"\#", "_": r"\_", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}", "`": r"\textasciigrave{}",
    "[": "{[}", "]": "{]}", "*": "{*}", "−": "$-$",
    "–": "--", "—": "---", "‘": "`", "’": "'", "“": "``", "”": "''", "…": r"\ldots{}",
}  # fmt: skip  # a table reads better in few lines
"""What means something to LaTeX, or is in none of its usual fonts, and how it is written.

After the end of a row, `[` and `*` would be read as belonging to that end.
"""
_MATHEMATICAL = """
α alpha β beta γ gamma δ delta ε varepsilon ζ zeta η eta θ theta ι iota κ kappa λ lambda μ mu ν nu
ξ xi π pi ρ rho σ sigma τ tau υ upsilon φ varphi χ chi ψ psi ω omega Γ Gamma Δ Delta Θ Theta
Λ Lambda Ξ Xi Π Pi Σ Sigma Υ Upsilon Φ Phi Ψ Psi Ω Omega ± pm × times ÷ div · cdot → rightarrow
← leftarrow ↔ leftrightarrow ⇒ Rightarrow ↑ uparrow ↓ downarrow ≤ leq ≥ geq ≠ neq ≈ approx
≡ equiv ∞ infty √ surd ∂ partial ∇ nabla ∈ in ∑ sum ∏ prod
"""
MATHEMATICAL = {sign: rf"$\{name}$" for sign, name in re.findall(r"(\S) (\w+)", _MATHEMATICAL)}
"""Letters and signs of mathematics, which every LaTeX has there and few have among its letters."""

NO_LIGATURE = "\u200c"
"""Between two hyphens of a text: LaTeX would print them as one dash."""
POWER = re.compile(r"e([+-])0*(\d+)")
EUROPEAN = re.compile("[\u00a0-\u017f]")
"""Letters of the encoding T1, nearly all; the usual one of pdfLaTeX, OT1, lacks some."""
LACKING = "ĦħĸĿŀŉŦŧſ"
JAPANESE = re.compile("[\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]")
MOST_NAMED = 8

WRITTEN = SIGNS | MATHEMATICAL | {NO_LIGATURE: "{}"}

SHRUNK = r"\resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{%"
"""Opens a box that is no wider than the text of the paper."""

HEAD, NAME = 16, 30
"""The heads of columns and the names of arms are broken into lines of so many letters."""


def latex(table: Ablation, language: str) -> str:
    """Return the table as LaTeX; the same table gives the same text.

    Names are escaped, numbers stand in math mode, and the best mean is bold where its arm helps.
    """
    heads = [_stacked(head, language, HEAD, "[b]") for head in table.heads]
    columns = "l" + "r" * (len(table.metrics) + 3) + "l" * (1 + table.many_bases)
    caption = joined(escaped(words, language) for words in table.caption)
    rows = "\n".join(f"    {_line(_cells(row, table, language))}" for row in table.rows)
    body = f"""\
\\begin{{table}}
  \\centering
  \\small
  \\setlength{{\\tabcolsep}}{{4pt}}
  \\caption{{{caption}}}
  \\label{{tab:{re.sub("[^A-Za-z0-9]+", "-", table.name).strip("-")}}}
  \\smallskip
  {SHRUNK}
  \\begin{{tabular}}{{{columns}}}
    \\toprule
    {_line(heads)}
    \\midrule
{rows}
    \\bottomrule
  \\end{{tabular}}%
  }}
\\end{{table}}
"""
    return "".join(f"% {line}\n" for line in _needs(body)) + body


def escaped(words: Words, language: str = "en") -> str:
    """Return the text as LaTeX prints it, letter by letter.

    >>> escaped("50 % of a_b & {c}")
    '50 \\\\% of a\\\\_b \\\\& \\\\{c\\\\}'
    """
    apart = re.sub("-(?=-)", f"-{NO_LIGATURE}", spoken(words, language))
    return "".join(WRITTEN.get(sign, sign) for sign in apart)


def _needs(body: str) -> Iterator[str]:
    yield r"In the preamble: \usepackage{booktabs} \usepackage{graphicx}"
    other = dict.fromkeys(sign for sign in body if not (sign.isascii() or _is_european(sign)))
    if JAPANESE.search("".join(other)):
        yield r"Japanese letters, not in pdfLaTeX: LuaLaTeX with \usepackage{luatexja}, or upLaTeX"
    rare = [sign for sign in other if not JAPANESE.match(sign)]
    if rare:
        named = " ".join(rare[:MOST_NAMED]) + (" ..." if len(rare) > MOST_NAMED else "")
        yield f"For {named}: LuaLaTeX or XeLaTeX, with a font that has them (fontspec)"
    if not other and EUROPEAN.search(body):
        yield r"For letters with accents, in pdfLaTeX: \usepackage[T1]{fontenc}"


def _is_european(sign: str) -> bool:
    return bool(EUROPEAN.match(sign)) and sign not in LACKING


def _stacked(words: Words, language: str, longest: int, place: str) -> str:
    """Return the text in lines of at most so many columns, where a word allows it."""
    lines = wrapped(spoken(words, language), longest)
    if len(lines) < 2:
        return escaped(words, language)
    side = "l" if longest == NAME else "r"
    inner = r" \\ ".join(escaped(line) for line in lines)
    return rf"\begin{{tabular}}{place}{{@{{}}{side}@{{}}}}{inner}\end{{tabular}}"


def _line(cells: list[str]) -> str:
    return " & ".join(cells) + r" \\"


def _cells(row: Row, table: Ablation, language: str) -> list[str]:
    found = [_stacked(row.arm, language, NAME, "[t]"), *map(_mean, row.means), f"${row.seeds}$"]
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
