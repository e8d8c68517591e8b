"""The ablation table: right numbers, bold only where earned, and text that LaTeX can compile."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import fake_study
import pytest

from hikaku.analysis.figures import judged
from hikaku.analysis.numbers import mean_texts
from hikaku.analysis.student import mean_interval
from hikaku.analysis.verdict import compare
from hikaku.present.ablation import Ablation, ablation
from hikaku.present.latex import SHRUNK, escaped, latex
from hikaku.present.markdown import markdown
from hikaku.study.study import BASE

KNOWN = {
    "begin", "end", "centering", "caption", "label", "toprule", "midrule", "bottomrule", "pm",
    "mathbf", "times", "small", "setlength", "tabcolsep", "smallskip", "rightarrow",
    "textbackslash", "textasciitilde", "textasciicircum", "textless", "textgreater",
    "textbar", "textasciigrave", "\\", "&", "%", "$", "#", "_", "{", "}",
}  # fmt: skip  # what any paper can say
PAPER = r"""\documentclass{article}
\usepackage[T1]{fontenc}
\usepackage{booktabs}
\usepackage{graphicx}
\begin{document}
\input{table}
\end{document}
"""
JAPANESE = "% Japanese letters, not in pdfLaTeX: LuaLaTeX with \\usepackage{luatexja}, or upLaTeX"
EUROPEAN = ("λ ≤ 1e-3 → ∞", "naïve – « ąęłþ »", "a name that is longer than a line holds")
NAMES = (r"\input{/etc/passwd}", "a_b & 50 % #1 ~ ^", "$x$", "[t]", "*", "--", "<|>", "`x`")


def table(whole: fake_study.Whole) -> Ablation:
    return ablation(whole.study, whole.results, whole.findings)


def body(text: str) -> list[str]:
    inner = text[text.index(r"\midrule") : text.index(r"\bottomrule")]
    return [line.strip() for line in inner.splitlines()[1:] if line.strip()]


def compiles(text: str) -> None:
    """A strict reader of the little LaTeX that a table needs; anything else is a fault."""
    text = text.replace(SHRUNK, "{").replace("\\end{tabular}%", "\\end{tabular}")
    code = "\n".join(line for line in text.splitlines() if not line.startswith("%"))
    assert set(re.findall(r"\\([A-Za-z]+|.)", code)) <= KNOWN
    plain = re.sub(r"\\([A-Za-z]+|.)", "", code)
    depth = 0
    for sign in plain:
        depth += (sign == "{") - (sign == "}")
        assert depth >= 0
    assert depth == 0
    assert plain.count("$") % 2 == 0 and not set(plain) & set("#%~`<>|")
    outside = "".join(plain.split("$")[::2])
    assert not set(outside) & set("_^")
    assert re.findall(r"\\begin{(\w+)}", code) == re.findall(r"\\end{(\w+)}", code)[::-1]
    columns = re.search(r"\\begin{tabular}{([lr]+)}", code)  # the others head or name in lines
    assert columns
    for line in body(text):
        assert len(re.findall(r"(?<!\\)&", line)) == len(columns[1]) - 1
        assert line.endswith(r"\\") and not line.startswith(("[", "*"))


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_table_is_latex_that_compiles(digits: fake_study.Whole, language: str) -> None:
    compiles(latex(table(digits), language))


@pytest.mark.parametrize("names", [NAMES, fake_study.HOSTILE])
def test_no_name_means_anything_to_latex(names: tuple[str, ...]) -> None:
    compiles(latex(table(fake_study.whole(fake_study.study(names))), "en"))


def test_each_row_has_mean_interval_seeds_effect_and_verdict(digits: fake_study.Whole) -> None:
    row = next(line for line in body(latex(table(digits), "en")) if line.startswith("dropout"))
    values = judged(digits.results, "dropout", digits.study.metric)
    mean, half = mean_texts(*mean_interval(values))
    assert rf"${mean} \pm {half}$" in row and row.split(" & ")[3] == "$5$"
    assert re.search(r"\$\+0\.\d+\$ \$\[\+0\.\d+, \+0\.\d+\]\$ & \$5\$ & helps", row)
    lost = next(line for line in body(latex(table(digits), "en")) if line.startswith("label"))
    assert lost.split(" & ")[3] == "$4$"  # one of its trials diverged


def test_the_best_mean_is_bold_where_its_arm_helps(digits: fake_study.Whole) -> None:
    text = latex(table(digits), "en")
    assert text.count(r"\mathbf") == 1
    assert r"\mathbf" in next(line for line in body(text) if line.startswith("batch-norm"))
    assert markdown(table(digits), "en").count("**") == 2


def test_the_best_mean_is_not_bold_where_nothing_says_that_it_helps(
    digits: fake_study.Whole,
) -> None:
    doubted = [replace(found, verdict="undecided") for found in digits.findings]
    text = latex(ablation(digits.study, digits.results, doubted), "en")
    assert r"\mathbf" not in text
    only = [replace(f, verdict="undecided" if f.variant == "batch-norm" else f.verdict)
            for f in digits.findings]  # fmt: skip  # dropout still helps, and is not the best
    assert r"\mathbf" not in latex(ablation(digits.study, digits.results, only), "en")


def test_hyphens_of_a_text_stay_hyphens_and_dashes_become_dashes() -> None:
    assert escaped("--lr, ---, 4–5, a-b") == "-{}-lr, -{}-{}-, 4--5, a-b"


def test_the_caption_says_what_was_trained_and_over_how_many_seeds(
    digits: fake_study.Whole,
) -> None:
    caption = latex(table(digits), "en").split("\\caption{")[1].split("\n")[0]
    assert "small-cnn on digits, 60 epochs, over 4--5 seeds" in caption
    outside = latex(table(fake_study.outside()), "en")
    assert "my{\\_}train" in outside or "my\\_train.py:train" in outside
    compiles(outside)


def test_what_divergences_decided_says_so_and_all_divergences_are_told() -> None:
    asked = fake_study.study(("dropout", "l2"), seeds=tuple(range(9)))
    lost = (*(("base", seed) for seed in range(8)), ("l2", 8))
    whole = fake_study.whole(asked, fake_study.results(asked, lost))
    assert whole.findings[0].by == "divergence"
    rows, _, caption = markdown(table(whole), "en").partition("\n\n")
    assert rows.splitlines()[3].endswith("| 1 | helps (by divergence) |")
    assert "dropout: diverged at 0 of 9 seeds, base at 8." in caption
    assert "l2: diverged at 1 of 9 seeds, base at 8." in caption
    assert "so that all 2 hold together at 95 %" in caption
    compiles(latex(table(whole), "en"))


def test_what_is_not_compared_with_base_says_with_what() -> None:
    asked = fake_study.study()
    arms = tuple(
        replace(arm, against="l2") if arm.name == "dropout" else arm for arm in asked.variants
    )
    asked = replace(asked, variants=arms)
    found = replace(fake_study.results(asked), bases={"dropout": "l2"})
    text = latex(ablation(asked, found, compare(asked, found)), "en")
    compiles(text)
    assert next(line for line in body(text) if line.startswith("dropout")).endswith(r"& l2 \\")


def test_markdown_is_a_table_of_as_many_cells_in_each_row(hostile: fake_study.Whole) -> None:
    rows, _, caption = markdown(table(hostile), "en").partition("\n\n")
    counts = {len(re.findall(r"(?<!\\)\|", line)) for line in rows.splitlines()}
    assert len(counts) == 1 and "<script" not in rows and caption.endswith("\n")
    assert rows.splitlines()[2].startswith(f"| {BASE} |")


def test_a_study_that_has_not_ended_shows_no_interval() -> None:
    text = latex(table(fake_study.unfinished()), "en")
    compiles(text)
    assert "[" not in text.split(r"\midrule")[1].replace(r"\begin{tabular}[t]", "")
    assert "Effects without brackets have no interval yet." in text


def test_an_effect_without_an_interval_stands_alone() -> None:
    one = fake_study.whole(fake_study.study(("dropout",), seeds=(0,)))
    rows = markdown(table(one), "en").splitlines()
    assert re.fullmatch(r"\| dropout \| .* \| 1 \| [+-][\d.]+ \| 1 \| undecided \|", rows[3])
    assert re.search(r"& \$1\$ & \$[+-][\d.]+\$ & \$1\$ & undecided", latex(table(one), "en"))


def test_the_question_ends_as_a_sentence() -> None:
    asked = replace(fake_study.study(), question="Dropout or not")
    assert "Dropout or not. Trained" in latex(table(fake_study.whole(asked)), "en")


@pytest.mark.parametrize(
    ("name", "needed"),
    [
        ("plain", []),
        ("λ → ∞", []),
        ("naïve", [r"% For letters with accents, in pdfLaTeX: \usepackage[T1]{fontenc}"]),
        ("弱い", [JAPANESE]),
        ("عرب", ["% For ع ر ب: LuaLaTeX or XeLaTeX, with a font that has them (fontspec)"]),
    ],
)
def test_the_first_lines_say_what_its_letters_need(name: str, needed: list[str]) -> None:
    text = latex(table(fake_study.whole(fake_study.study((name,)))), "en")
    assert [line for line in text.splitlines() if line.startswith("%")][1:] == needed


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed here")
@pytest.mark.parametrize(
    "names",
    [NAMES, ("λ ≤ 1e-3 → ∞", "naïve – « ąęłþ »", "a name that is longer than a line holds")],
)
def test_pdflatex_prints_it_within_the_text(names: tuple[str, ...], tmp_path: Path) -> None:
    asked = replace(fake_study.study(names), name=r"a_b%c&d#e", question=" ".join(names))
    (tmp_path / "table.tex").write_text(latex(table(fake_study.whole(asked)), "en"), "utf-8")
    (tmp_path / "paper.tex").write_text(PAPER, "utf-8")
    done = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "paper.tex"],
        cwd=tmp_path, capture_output=True, text=True, errors="replace", timeout=120, check=False,
    )  # fmt: skip  # one command
    assert done.returncode == 0, done.stdout[-2000:]
    assert "Overfull" not in done.stdout and "Missing character" not in done.stdout
