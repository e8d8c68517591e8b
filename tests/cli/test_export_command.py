"""`hikaku export`: what the store holds as a file that others read; trains nothing."""

from __future__ import annotations

import csv
import errno
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import get_args

import fake_study
import pytest
from click.testing import CliRunner, Result

from hikaku.cli import export as command
from hikaku.cli import hikaku
from hikaku.errors import EnvironmentFault, StoreError, StudyError
from hikaku.present import export, figures, tidy
from hikaku.present.report import Chart
from hikaku.read.results import Known

READ = "hikaku.read.export"


@pytest.fixture
def stored(monkeypatch: pytest.MonkeyPatch) -> fake_study.Whole:
    """A store that holds five finished seeds of the study digits, whatever study is asked for."""
    whole = fake_study.whole()
    known = Known(whole.study, whole.results, whole.findings)
    monkeypatch.setattr(f"{READ}.told", lambda *asked: known)
    monkeypatch.setattr(f"{READ}.known", lambda *asked: known)
    return whole


def typed(*words: str) -> Result:
    done = CliRunner().invoke(hikaku, ["export", "digits", *words], standalone_mode=False)
    if done.exception:
        raise done.exception
    return done


def test_the_options_are_what_can_be_done() -> None:
    assert export.FORMS == command.FORMS and (*figures.FIGURES,) == command.FIGURES
    (what,) = (one for one in command.export.params if one.name == "what")
    assert tuple(what.type.choices) == get_args(tidy.What)  # type: ignore[attr-defined]  # a choice


@pytest.mark.parametrize(
    ("file", "begins"),
    [
        ("a.csv", b"study,arm,seed"),
        ("a.parquet", b"PAR1"),
        ("a.json", b'{\n  "format": 1'),
        ("a.tex", b"% In the preamble"),
        ("a.md", b"| arm |"),
        ("a.svg", b"<svg "),
        ("a.png", b"\x89PNG"),
        ("a.pdf", b"%PDF"),
        ("a.PDF", b"%PDF"),
    ],
)
def test_the_end_of_the_name_says_as_what(
    stored: fake_study.Whole, tmp_path: Path, file: str, begins: bytes
) -> None:
    done = typed("-o", str(tmp_path / "new" / file))
    assert done.stdout == f"Written:\n{tmp_path / 'new' / file}\n"
    assert (tmp_path / "new" / file).read_bytes().startswith(begins)


def test_rows_that_nobody_chose_are_said_on_the_error_stream(
    stored: fake_study.Whole, tmp_path: Path
) -> None:
    file = str(tmp_path / "curves.csv")
    assert "`--what curves` writes those on the way" in " ".join(typed("-o", file).stderr.split())
    for words in (("-o", file, "--what", "trials"), ("--to", "csv"), ("-o", f"{file}.json")):
        assert not typed(*words).stderr


def test_without_a_file_it_is_standard_output_alone(stored: fake_study.Whole) -> None:
    rows = list(csv.DictReader(io.StringIO(typed("--to", "csv", "--what", "findings").output)))
    assert [row["variant"] for row in rows] == [found.variant for found in stored.findings]
    assert typed("--to", "pdf").stdout_bytes.startswith(b"%PDF")


def test_the_json_is_that_of_results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = fake_study.whole()
    known = Known(whole.study, whole.results, whole.findings)
    monkeypatch.setattr(f"{READ}.told", lambda *asked: known)
    monkeypatch.setattr("hikaku.read.results.told", lambda *asked: known)
    told = CliRunner().invoke(hikaku, ["results", "digits", "--json"], standalone_mode=False)
    assert json.loads(typed("--to", "json").output) == json.loads(told.output)


def test_html_is_the_report_or_one_chart(stored: fake_study.Whole) -> None:
    whole, one = typed("--to", "html").output, typed("--to", "html", "--figure", "pairs").output
    assert whole.count("<figure") > 3 and one.count("<figure") == 1


def test_the_report_says_how_to_make_it_again_and_where_its_numbers_lie(
    stored: fake_study.Whole,
) -> None:
    page = typed("--to", "html", "--seeds", "5", "--store", "some/where.db").output
    # The trials of this store are said to be plain, which another engine would train anew.
    assert "hikaku run digits --seeds 5 --engine plain" in page
    assert "some/where.db" in page


def test_curves_are_of_the_judged_metric_or_of_another(stored: fake_study.Whole) -> None:
    mine, other = (typed("--to", "svg", "--figure", "curves", *more).output
                   for more in ((), ("--metric", "loss")))  # fmt: skip  # two of one kind
    assert 'aria-label="accuracy"' in mine and 'aria-label="loss (logarithmic)"' in other


@pytest.mark.parametrize("name", ["differences", "gaps", "lottery"])
def test_every_chart_of_the_report_is_a_figure(stored: fake_study.Whole, name: str) -> None:
    shown = {type(one.picture) for one in stored.report().blocks if isinstance(one, Chart)}
    assert shown <= {kind for kind, _ in figures.FIGURES.values()}
    assert typed("--to", "svg", "--figure", name).output.startswith("<svg ")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ("--figure", "forest"),
            "--to: it is not said as what to export\\n  mend: give --to: html, svg, png, pdf$",
        ),
        (
            ("--figure", "forest", "-o", "a.doc"),
            "why: it ends in none of: .html, .svg, .png, .pdf, .htm\\n.* --to: html, svg",
        ),
        ((), "--to: it is not said as what to export\\n  mend: give --to: csv, parquet"),
        (
            ("-o", "a.doc"),
            "-o a.doc: .*\\n  why: it ends in none of: .tex, .*\\n  mend: .* --to: csv",
        ),
        (
            ("--to", "latex", "-o", "y.csv"),
            "-o y.csv: --to says latex, and the file's name csv\\n  why: .*\\n  mend: .* -o y.tex$",
        ),
        (("--to", "svg", "--metric", "loss"), "--metric says nothing of forest\\n.*\\n.* curves"),
        (("--to", "html", "--arm", "l2"), "--arm says nothing of html"),
        (("--to", "svg", "--figure", "grid", "--arm", "l2"), "--arm says nothing of grid"),
        (
            ("--to", "svg", "--arm", "dropuot"),
            "no arm 'dropuot'. Did you mean 'dropout'.*\\n.*base, ",
        ),
        (("--to", "csv", "--figure", "pairs"), "--figure says nothing of csv"),
        (("--to", "tex", "--what", "curves"), "tex"),
        (("--to", "html", "--width", "85"), "--width says nothing of html"),
        (
            ("--to", "svg", "--figure", "grid"),
            "why: it needs a design that varies two settings\\n"
            "  mend: it has: forest, pairs, curves, differences, gaps, lot",
        ),
        (
            ("--to", "svg", "--figure", "curves", "--metric", "rmse"),
            "--metric: this study has no curves of the metric 'rmse'.\\n.*\\n.*: accuracy, loss",
        ),
    ],
)
def test_what_cannot_be_is_said(
    stored: fake_study.Whole, words: tuple[str, ...], said: str
) -> None:
    with pytest.raises(Exception, match=said):
        typed(*words)


def test_a_figure_that_is_not_there_names_those_that_all_records_would_give(
    stored: fake_study.Whole, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those read to draw a forest say nothing of curves, which the study has."""
    trials = {
        at: replace(one, records=tuple(row for row in one.records if row.reading != "curve"))
        for at, one in stored.results.trials.items()
    }
    ends = replace(stored.results, trials=trials)
    only = Known(stored.study, ends, stored.findings)
    monkeypatch.setattr(f"{READ}.told", lambda *asked: only)
    with pytest.raises(StudyError, match="it has: forest, pairs, curves"):
        typed("--to", "svg", "--figure", "stops")
    monkeypatch.setattr(f"{READ}.known", lambda *asked: only)
    with pytest.raises(StudyError, match=r"measured while training\n.*forest, pa"):
        typed("--to", "svg", "--figure", "curves")


def test_a_figure_shows_the_arms_that_are_chosen(stored: fake_study.Whole) -> None:
    drawn = typed("--to", "svg", "--arm", "l2", "--arm", "dropout").stdout
    assert 'aria-label="dropout"' in drawn and 'aria-label="batch-norm"' not in drawn
    drawn = typed("--to", "svg", "--figure", "confusions", "--arm", "l2").stdout
    assert 'aria-label="base"' in drawn and 'aria-label="dropout"' not in drawn


def test_a_figure_brings_its_caption_beside_standard_output(stored: fake_study.Whole) -> None:
    done = typed("--to", "svg")
    assert "<title>Effect of each variant</title><desc>Effect of each" in done.stdout
    assert done.stderr.startswith("A caption for it:\nEffect of each variant. Effect: mean of")
    assert "±0.01. Trained: small-cnn on digits, 60 epochs, over 4–5 seeds." in done.stderr
    # Of chosen arms it tells the seeds of those alone.
    one = typed("--to", "svg", "--arm", "l2").stderr
    assert "60 epochs, over 5 seeds." in one
    assert typed("--to", "csv").stderr == ""


def test_letters_that_latex_has_not_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = fake_study.whole(fake_study.study(("弱い",)))
    known = Known(whole.study, whole.results, whole.findings)
    monkeypatch.setattr(f"{READ}.told", lambda *asked: known)
    assert typed("--to", "latex").stderr.startswith("caution: not every LaTeX has its letters")
    assert typed("--to", "markdown").stderr == ""


def test_no_terminal_is_sent_what_is_no_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    with pytest.raises(StudyError, match="png is no text for a terminal"):
        command.check_place("png", None)
    command.check_place("png", Path("a.png"))
    command.check_place("csv", None)


def test_a_store_that_holds_nothing_of_it_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="holds nothing of this study yet"):
        typed("--to", "csv", "--store", str(tmp_path / "none.db"))


def test_a_place_that_cannot_be_written_is_said(stored: fake_study.Whole, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EnvironmentFault, match="cannot be written"):
        typed("-o", str(tmp_path / "file" / "a.csv"))


def test_a_full_disk_is_no_fault_of_the_study(
    stored: fake_study.Whole, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, content: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("hikaku.durable.write", full)
    with pytest.raises(EnvironmentFault, match=r"No space left.*\n.*make room") as caught:
        typed("-o", str(tmp_path / "a.csv"))
    assert caught.value.exit_code == 6
