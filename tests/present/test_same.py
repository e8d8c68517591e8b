"""A page is drawn again only where it would say something else, or is not there whole."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import fake_study
import pytest

from hikaku.api import Answer
from hikaku.present.same import mark, says_the_same
from hikaku.record import Results


@pytest.fixture
def answer() -> Answer:
    whole = fake_study.whole()
    return Answer(whole.study, whole.results, whole.findings, store="a", command="b")


def test_a_page_that_says_the_same_is_not_touched(answer: Answer, tmp_path: Path) -> None:
    page = answer.report(tmp_path / "report.html")
    page.write_text(page.read_text("utf-8") + "<!-- untouched -->", "utf-8")
    again = replace(answer, results=fake_study.whole().results, trained=3)
    assert again.report(page) == page
    assert page.read_text("utf-8").endswith("<!-- untouched -->")


def test_a_page_is_drawn_again_where_anything_of_the_report_differs(
    answer: Answer, tmp_path: Path
) -> None:
    page = answer.report(tmp_path / "report.html")
    before = page.read_text("utf-8")
    trials = dict(answer.results.trials)
    place = ("base", answer.results.seeds[0])
    first, *others = trials[place].records
    trials[place] = replace(trials[place], records=(replace(first, value=0.123), *others))
    other = replace(answer, results=Results(answer.results.seeds, trials))
    assert other.report(page).read_text("utf-8") != before
    assert answer.report(page).read_text("utf-8") == before
    assert replace(answer, command="c").report(page).read_text("utf-8") != before


def test_a_page_elsewhere_that_says_the_same_is_copied(answer: Answer, tmp_path: Path) -> None:
    known = answer.report(tmp_path / "known.html")
    known.write_text(known.read_text("utf-8") + "<!-- copied -->", "utf-8")
    page = answer.report(tmp_path / "new" / "report.html", known=known)
    assert page.read_bytes() == known.read_bytes()
    other = replace(answer, command="c").report(tmp_path / "other.html", known=known)
    assert "<!-- copied -->" not in other.read_text("utf-8")
    nowhere = answer.report(tmp_path / "third.html", known=tmp_path / "nowhere.html")
    assert "<!-- copied -->" not in nowhere.read_text("utf-8")


def test_a_file_that_is_no_page_is_written_over(answer: Answer, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    for content in (b"", b"\xff\xfe", b"something else"):
        page.write_bytes(content)
        assert answer.report(page).read_text("utf-8").startswith("<!doctype html>")


def test_the_language_is_part_of_the_mark() -> None:
    report = fake_study.whole().report()
    assert mark(report, "en") == mark(fake_study.whole().report(), "en") != mark(report, "ja")
    assert not says_the_same(Path("there is none"), report, "en")


def test_looking_whether_a_page_is_the_same_loads_nothing_that_draws() -> None:
    code = "import sys, hikaku.present.same\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"altair", "vl_convert", "jinja2"} & {
        name.partition(".")[0] for name in done.stdout.split()
    }
