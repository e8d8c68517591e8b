"""Nothing that a study, a store or a file is called can act in the report: 100 payloads."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from fake_study import results, study, whole
from hostile import ACTS, MARKUP, WAYS_OUT

from hikaku.present import build, html
from hikaku.present.notebook import fragment
from hikaku.present.pictures import Confusions
from hikaku.present.report import Chart, Report
from hikaku.record import Measured, Results, Sheet
from hikaku.records import Record
from hikaku.study.recipe import Use
from hikaku.study.study import Metric, Published, Study, Training

pytestmark = pytest.mark.fault("F1", "F2", "E7")

PAGE = Path(html.__file__).parent / "page"
LOADING = ("src", "srcset", "href", "xlink:href", "data", "action", "poster", "background")
SHAPES = Counter[tuple[str, tuple[str, ...]]]


class Shapes(HTMLParser):
    """Every element of a page, with the names of its attributes; and all its texts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found, self.loaded = SHAPES(), list[str]()
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found[tag, tuple(sorted(name for name, _ in attrs))] += 1
        self.loaded += [
            value or "" for name, value in attrs if name in ("src", "href", "xlink:href")
        ]

    handle_startendtag = handle_starttag


def everywhere(text: str) -> tuple[Study, Results]:
    """Return a study in which each text that is somebody's to choose is this one."""
    plain = study((text,))
    base = plain.base
    assert isinstance(base, Training)
    use = Use(text, ((text, text),))
    recipe = replace(base.recipe, optimizer=use, loss=use, layers=(use,))
    work = replace(base, model=use, data=replace(base.data, use=use), recipe=recipe)
    asked = replace(
        plain,
        name=text,
        question=text,
        metric=Metric(f"{text}.py:{text}"),
        base=work,
        published=(Published("last", "test", text, (0.5,)),),
    )
    told = results(plain, ((text, 3),)).trials
    return asked, Results(plain.seeds, {at: _renamed(one, text) for at, one in told.items()})


def _renamed(trial: Measured, text: str) -> Measured:
    names = {"accuracy": f"{text}.py:{text}", "loss": "loss"}
    records = tuple(replace(one, metric=names[one.metric]) for one in trial.records)
    status = "failed" if trial.outcome.status == "diverged" else trial.outcome.status
    outcome = replace(trial.outcome, status=status, error=text, environment=text, arithmetic=text)
    sheets = [one for one in trial.sheets if one.name != "classes"]
    classes = Sheet("classes", np.array([f"{text}{n}" for n in range(10)]))
    extra = Record("last", 1, "test", text, 0.5)
    return Measured(outcome, (*records, extra), (*sheets, classes))


def report_of(text: str, *, charts: bool = False) -> Report:
    asked, told = everywhere(text)
    found = whole(asked, told)
    made = build.report(found.study, found.results, found.findings, build.Origin(text, text))
    return Report(tuple(one for one in made.blocks if charts or not isinstance(one, Chart)))


@cache
def harmless() -> SHAPES:
    return Shapes(html.page(report_of("harmless"))).found


def test_there_are_100_payloads_that_differ() -> None:
    assert len(set(MARKUP)) == len(WAYS_OUT) * len(ACTS) == 100


def test_these_eyes_see_what_would_act() -> None:
    for text in MARKUP:
        added = Shapes(f"<p title=''>{text}</p>").found - Shapes("<p title=''></p>").found
        assert added or "'" in text or "{{" in text, text


@pytest.mark.parametrize("text", MARKUP)
def test_a_payload_in_every_text_of_a_study_makes_no_element_and_no_attribute(text: str) -> None:
    report = report_of(text)
    assert Shapes(html.page(report)).found == harmless()
    own = {("div", ("class", "lang")), ("h2", ())}
    assert Shapes(fragment(report)).found.keys() <= harmless().keys() | own


def charts_of(names: Sequence[str]) -> str:
    """Return a page with these names on the axes of charts: of arms, and of classes."""
    asked = study(tuple(f"{text}{n}" for n, text in enumerate(names)), seeds=(0, 1, 2))
    found = whole(asked, results(asked, ()))
    counts = np.eye(len(names), dtype=np.int64)
    matrix = Confusions((("base", counts),), (), tuple(names))
    forest = (block for block in found.report().blocks if isinstance(block, Chart))
    return html.page(Report((next(forest), Chart(matrix, title=names[0], alt=names[0]))))


def test_payloads_on_the_axes_of_charts_make_no_element_and_no_attribute() -> None:
    page = Shapes(charts_of(MARKUP))
    plain = Shapes(charts_of([f"name {n}" for n in range(20)]))
    assert page.found.keys() <= plain.found.keys()
    assert page.loaded == []
    for script in (("script", ()), ("script", ("id", "type"))):
        assert page.found[script] == plain.found[script] == 2


def test_two_classes_whose_names_begin_alike_are_two_rows_of_a_chart() -> None:
    names = [f"a class with a long name, {n}" for n in range(3)]
    assert "a class with a … (3)" in charts_of(names)


def test_the_page_addresses_nothing_outside_itself() -> None:
    page = Shapes(html.page(report_of("https://e.example/a.js", charts=True)))
    assert all(address.startswith("#") for address in page.loaded)


def test_our_script_and_templates_have_no_way_to_make_markup_of_text() -> None:
    script = (PAGE / "report.js").read_text("utf-8")
    for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(",
                 "Function(", "setTimeout(", "fetch(", "import(", "XMLHttpRequest"):  # fmt: skip
        assert word not in script, word
    for path in PAGE.glob("*.j2"):
        text = path.read_text("utf-8")
        assert not re.search(r"\|\s*safe|autoescape|\bon\w+=|javascript:|https?:", text), path.name


def test_the_policy_allows_no_text_to_act_as_script_or_style() -> None:
    policy = html.page(Report(())).split('Content-Security-Policy" content="')[1].split('"')[0]
    parts = dict(part.split(" ", 1) for part in policy.replace("&#39;", "'").split("; "))
    assert parts["default-src"] == parts["base-uri"] == parts["form-action"] == "'none'"
    assert re.fullmatch(r"'sha256-\S+' 'sha256-\S+'", parts["script-src"])
    assert re.fullmatch(r"'sha256-\S+'", parts["style-src"])
    assert parts["img-src"] == "data:"
    assert "unsafe" not in policy


BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "chrome"))), None)


@pytest.fixture(scope="module")
def seen() -> Iterator[object]:
    driver = pytest.importorskip("playwright.sync_api", reason="playwright drives the browser")
    with driver.sync_playwright() as started:
        browser = started.chromium.launch(
            executable_path=BROWSER, args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        browser.close()


@pytest.mark.skipif(BROWSER is None, reason="no Chromium or Chrome on this machine")
@pytest.mark.parametrize("text", ["".join(ACTS[:5]), "".join(WAYS_OUT[1:]) + "".join(ACTS)])
def test_in_a_browser_nothing_runs_and_nothing_is_asked_for(
    seen: object, text: str, tmp_path: Path
) -> None:
    path = html.write(report_of(text, charts=True), tmp_path / "report.html", "en")
    page = seen.new_context().new_page()
    said, asked = list[str](), list[str]()
    page.add_init_script("window.hit = () => console.error('HIT')")
    page.on("console", lambda what: said.append(what.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(path.as_uri())
    page.wait_for_function(
        "document.querySelectorAll('figure .vega-embed svg').length"
        " === document.querySelectorAll('figure').length",
        timeout=15_000,
    )
    assert said == []
    assert asked == [path.as_uri()]
