"""In a terminal: 80 columns, colours only where they are wanted, names that cannot act."""

from __future__ import annotations

import io
import re

import fake_study
import pytest
from fake_study import Whole
from rich.cells import cell_len

from hikaku.analysis.finding import WORDS
from hikaku.analysis.numbers import effect_texts
from hikaku.present.report import Column, Place, Point, Points, Report, Table, Text
from hikaku.present.terminal import WIDTH, console, render, show, text
from hikaku.words import CLOSING, columns, say

ESCAPE = re.compile(r"\x1b\[[0-9;]*m")
NAMES = ("dropout", "x" * 300, "とても長い名前の手法を試してみる実験その一" * 3, "w o r d s " * 20)


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let rich believe that it writes to a colour terminal of 200 columns."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.delenv("NO_COLOR", raising=False)


def in_terminal(report: Report, language: str = "en") -> str:
    file = io.StringIO()
    render(report, console(file), language)
    return file.getvalue()


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("names", [("dropout", "label-smoothing", "early-stopping"), NAMES])
def test_no_line_is_wider_than_80_columns(names: tuple[str, ...], language: str) -> None:
    lines = text(fake_study.whole(fake_study.study(names)).tables(), language).splitlines()
    assert max(map(cell_len, lines)) <= WIDTH


@pytest.mark.usefixtures("terminal")
@pytest.mark.parametrize("names", [("dropout", "label-smoothing", "early-stopping"), NAMES])
def test_no_line_is_wider_than_80_columns_in_a_wide_terminal(names: tuple[str, ...]) -> None:
    written = in_terminal(fake_study.whole(fake_study.study(names)).tables())
    assert max(cell_len(line) for line in ESCAPE.sub("", written).splitlines()) <= WIDTH


def test_the_numbers_of_the_study_are_never_cut(digits: Whole) -> None:
    written = text(digits.tables(), "en")
    for finding in digits.findings:
        effect = f"{finding.effect:+.3f}"
        assert re.search(rf"{finding.variant} .*{re.escape(effect)}", written), effect
    assert "…" not in written


@pytest.mark.parametrize("length", range(30, 42))
def test_a_sentence_of_wide_characters_is_wrapped_and_never_cut(length: int) -> None:
    for before in ("", "a"):
        sentence = f"{before}{'あ' * length}、 {'い' * 20}"
        written = text(Report((Points((Point(sentence),)),)), "ja")
        assert "".join(written.split()) == "-" + sentence.replace(" ", "")


def test_outside_a_terminal_nothing_but_text_is_written(digits: Whole) -> None:
    written = in_terminal(digits.tables())
    assert "\x1b" not in written
    assert not [line for line in written.splitlines() if line != line.rstrip()]


@pytest.mark.usefixtures("terminal")
def test_a_terminal_gets_colours_and_rules(digits: Whole) -> None:
    written = in_terminal(digits.tables())
    assert re.search(r"\x1b\[1;32mhelps", written)
    assert "────" in written


@pytest.mark.usefixtures("terminal")
def test_no_color_is_honoured(digits: Whole, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    codes = {
        code
        for found in ESCAPE.findall(in_terminal(digits.tables()))
        for code in re.findall(r"\d+", found)
    }
    assert codes <= {"0", "1", "2"}  # bold and dim are no colours


@pytest.mark.usefixtures("terminal")
def test_plain_text_is_plain_even_where_colours_are_forced(digits: Whole) -> None:
    assert "\x1b" not in text(digits.tables(), "en")


@pytest.mark.fault("E7")
def test_a_hostile_name_comes_out_as_text(hostile: Whole) -> None:
    written = text(hostile.tables(), "en")
    assert "<script>alert(1)</script>" in written
    assert "[bold red]loud[/]" in written
    assert ":smile:" in written
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u202a-\u202e\u2066-\u2069]", written)


@pytest.mark.usefixtures("terminal")
def test_a_path_stands_on_a_line_of_its_own_and_is_never_broken() -> None:
    path = "a folder/" + "deep/" * 60 + "report [x].html"
    written = ESCAPE.sub("", in_terminal(Report((Place("Report", path),))))
    assert written.splitlines() == ["Report:", path]


def test_the_verdicts_come_last(digits: Whole) -> None:
    written = text(digits.tables(), "en")
    assert written.index("The base recipe") < written.index("Results") < written.index("Verdicts")


def test_the_verdict_words_are_japanese_where_japanese_is_asked(digits: Whole) -> None:
    written = text(digits.tables(), "ja")
    assert "効果あり" in written
    assert "実用上の差なし" in written


def test_show_writes_to_standard_output(digits: Whole, capsys: pytest.CaptureFixture[str]) -> None:
    show(digits.tables(), "en")
    assert capsys.readouterr().out == text(digits.tables(), "en")


@pytest.mark.parametrize("length", range(60, 78))
def test_a_percentage_is_never_torn_apart(length: int) -> None:
    sentence = f"{'x' * length} of 95 % of all cases"
    written = text(Report((Text(sentence), Points((Point(sentence),)))), "en")
    assert " ".join(written.split()) == f"{sentence} - {sentence}"
    assert not [line for line in written.splitlines() if line.strip().startswith("%")]


def test_a_long_name_is_broken_where_its_words_end(digits: Whole) -> None:
    name = "batch-norm-before-every-activation-of-it"
    written = text(fake_study.whole(fake_study.study((name, "l2"))).tables(), "en")
    table = written[written.index("Verdicts:") :].splitlines()
    assert table[2].split()[:2] == ["batch-norm-before-every-", "no"]
    assert table[3].split() == ["activation-of-it", "difference"]
    assert table[4].startswith("l2 ")


def test_of_many_verdicts_the_table_stands_below_what_is_said_of_each(digits: Whole) -> None:
    written = text(digits.tables(), "en")
    assert written.index("- batch-norm helps") < written.index("Verdicts: effect")


@pytest.mark.usefixtures("terminal")
@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("width", [30, 40, 60, 80, 120])
@pytest.mark.parametrize("names", [("dropout", "l2", "とても長い名前の手法その一"), NAMES])
def test_no_terminal_is_too_narrow_for_verdicts_and_effects(
    width: int, language: str, names: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    whole = fake_study.whole(fake_study.study(names))
    lines = ESCAPE.sub("", in_terminal(whole.tables(), language)).splitlines()
    assert max(map(cell_len, lines)) <= min(width, WIDTH)
    table = lines[next(n for n, line in enumerate(lines) if line.startswith(("Verd", "判定:"))) :]
    told = "".join("".join(table).split())
    for finding in whole.findings:
        assert effect_texts(finding.effect, finding.ci_low, finding.ci_high)[0] in told
        # A word may be broken; what stands beside it in the same line comes between its parts.
        word = say(WORDS[finding.verdict], language).split()[0]
        assert any(word[:8] in line for line in table), word


def test_notes_below_a_japanese_table_fill_their_lines() -> None:
    note = "FLOPs: 訓練の演算数の base に対する比。" * 6
    table = Table(columns=(Column("a"),), rows=(), notes=(note,))
    lines = text(Report((table,)), "ja").splitlines()
    noted = lines[next(n for n, line in enumerate(lines) if line.startswith("FLOPs")) :]
    assert all(WIDTH - 12 < columns(line) <= WIDTH for line in noted[:-1])
    assert not [line for line in noted if line[0] in CLOSING]
