"""`hikaku export`: what the store holds as a file that others read; trains nothing."""

from __future__ import annotations

import csv
import io
import json
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
    assert done.output == f"Written:\n{tmp_path / 'new' / file}\n"
    assert (tmp_path / "new" / file).read_bytes().startswith(begins)


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
        ((), "give --to: csv, parquet"),
        (("-o", "a.doc"), "give --to"),
        (("--to", "csv", "--figure", "pairs"), "--figure says nothing of csv"),
        (("--to", "tex", "--what", "curves"), "tex"),
        (("--to", "html", "--width", "85"), "--width says nothing of html"),
        (
            ("--to", "svg", "--figure", "grid"),
            "it has: forest, pairs, curves, differences, gaps, lot",
        ),
        (("--to", "svg", "--figure", "curves", "--metric", "rmse"), "no figure of the metric rmse"),
    ],
)
def test_what_cannot_be_is_said(
    stored: fake_study.Whole, words: tuple[str, ...], said: str
) -> None:
    with pytest.raises(Exception, match=said):
        typed(*words)


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
    with pytest.raises((StudyError, EnvironmentFault), match="cannot be written"):
        typed("-o", str(tmp_path / "file" / "a.csv"))
