"""A real browser opens the page: every chart is drawn, nothing is asked of the network."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import fake_study
import numpy as np
import pytest

import hikaku as hk
from hikaku.present import html
from hikaku.present.build import report
from hikaku.present.report import Chart, Report
from hikaku.present.samples import Mosaic

BROWSER = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))),
    None,
)
QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip  # switches of one kind

axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe looks for faults")
playwright = pytest.importorskip("playwright.sync_api", reason="playwright drives the browser")
pytestmark = pytest.mark.skipif(BROWSER is None, reason="no Chromium or Chrome on this machine")


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    with playwright.sync_playwright() as driver:
        found = driver.chromium.launch(executable_path=BROWSER, args=list(QUIET))
        yield found
        found.close()


class Visit:
    """One look at a page, with everything that it complained about or asked for."""

    def __init__(self, browser: object, path: Path, **settings: object) -> None:
        self.context = browser.new_context(**settings)
        self.page = self.context.new_page()
        self.complaints: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", lambda said: self.complaints.append(said.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.route(lambda url: not url.startswith("file:"), lambda route: route.abort())
        self.page.goto(path.as_uri())

    def charts(self) -> int:
        self.page.wait_for_function(
            "document.querySelectorAll('figure .vega-embed svg').length"
            " === document.querySelectorAll('figure').length",
            timeout=15_000,
        )
        return self.page.locator("figure .vega-embed svg").count()

    def faults(self) -> list[str]:
        """Return what would keep people from reading the page, as axe-core judges it."""
        found = axe.Axe().run(self.page).response["violations"]
        return [
            f"{fault['id']}: {fault['nodes'][0]['html']}"
            for fault in found
            if fault["impact"] in ("serious", "critical")
        ]


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return the report of a study of 60 trials and more, by its language."""
    whole = fake_study.automatic()
    assert len(whole.results.trials) >= 60
    folder = tmp_path_factory.mktemp("large")
    return {
        language: html.write(whole.report(), folder / f"{language}.html", language)
        for language in ("en", "ja")
    }


@pytest.fixture
def path(page: str, tmp_path: Path) -> Path:
    found = tmp_path / "report.html"
    found.write_text(page, encoding="utf-8")
    return found


@pytest.mark.fault("F2")
def test_every_chart_is_drawn_without_a_complaint_or_a_request(browser: object, path: Path) -> None:
    visit = Visit(browser, path)
    assert visit.charts() == 10
    effects = visit.page.locator("figure", has_text="Effect of each variant")
    effects.locator(".mark-symbol path").first.hover()
    tip = visit.page.locator("#vg-tooltip-element.visible")
    tip.wait_for(timeout=5_000)
    assert "+0.012" in tip.inner_text()
    assert visit.complaints == []
    assert visit.asked == [path.as_uri()]


@pytest.mark.fault("F1", "F2")
def test_hostile_names_are_drawn_too_and_run_nothing(
    browser: object, hostile_page: str, tmp_path: Path
) -> None:
    path = tmp_path / "report.html"
    path.write_text(hostile_page, encoding="utf-8")
    visit = Visit(browser, path)
    visit.page.on("dialog", lambda dialog: visit.complaints.append(dialog.message))
    assert visit.charts() == 10
    assert visit.complaints == []
    assert visit.asked == [path.as_uri()]


def test_why_seeds_ended_is_drawn_for_hostile_names_too(browser: object, tmp_path: Path) -> None:
    whole = fake_study.automatic(fake_study.HOSTILE)
    path = html.write(whole.report(), tmp_path / "automatic.html", "en")
    visit = Visit(browser, path, viewport={"width": 360, "height": 800})
    assert visit.charts() == 11
    assert visit.page.get_by_role("heading", name="Why seeds ended here").is_visible()
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= 360
    assert visit.complaints == []
    assert visit.asked == [path.as_uri()]


def test_without_script_the_still_pictures_are_seen(browser: object, path: Path) -> None:
    visit = Visit(browser, path, java_script_enabled=False)
    stills = visit.page.locator("figure [role=img] > svg")
    assert stills.count() == 10
    assert all(stills.nth(i).bounding_box()["height"] > 100 for i in range(10))
    assert visit.page.locator("table svg.bar").count() == 5


def test_in_a_narrow_window_nothing_scrolls_sideways_but_what_must(
    browser: object, path: Path
) -> None:
    visit = Visit(browser, path, viewport={"width": 360, "height": 800})
    assert visit.charts() == 10
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= 360


def test_images_of_samples_are_seen_though_nothing_may_be_loaded(
    browser: object, tmp_path: Path
) -> None:
    images = np.arange(25 * 64, dtype=np.uint8).reshape(25, 8, 8)
    chart = Chart(Mosaic(images, tuple("abcde" * 5)), title="samples", alt="samples")
    path = html.write(Report((chart,)), tmp_path / "samples.html")
    visit = Visit(browser, path)
    assert visit.charts() == 1
    assert visit.page.locator("figure image").count() == 25
    assert visit.complaints == []


def test_views_of_one_row_and_their_titles_begin_at_one_height(
    browser: object, tmp_path: Path
) -> None:
    # Here a label of the first view in the second row would reach beyond the upper edge.
    names = ("a", "b", "c", "batch-norm", "label-smoothing", "dropout", "early-stopping")
    whole = fake_study.automatic(names, worth=1e-9)
    visit = Visit(browser, html.write(whole.report(), tmp_path / "stops.html", "en"))
    visit.charts()
    tops = visit.page.evaluate(
        """() => [...document.querySelectorAll("figure .vega-embed g.role-scope")]
            .filter(view => /concat_\\d+_group/.test(view.className.baseVal))
            .filter(view => /decided at/.test(view.textContent))
            .map(view => ["path.background", ".role-title text"]
                .map(part => view.querySelector(part).getBoundingClientRect().top))"""
    )
    assert len(tops) == 7
    for row in (tops[:3], tops[3:6]):
        for heights in zip(*row, strict=True):
            assert max(heights) - min(heights) < 0.5


def test_a_study_without_intervals_or_curves_is_drawn_without_a_complaint(
    browser: object, tmp_path: Path
) -> None:
    for number, whole in enumerate((fake_study.unfinished(), fake_study.outside())):
        path = html.write(whole.report(), tmp_path / f"{number}.html", "en")
        visit = Visit(browser, path)
        assert visit.charts() >= 3
        assert visit.complaints == []


@pytest.mark.parametrize(
    ("language", "width", "theme"),
    [("en", 1280, "light"), ("en", 390, "dark"), ("ja", 390, "dark"), ("ja", 1280, "light")],
)
def test_the_report_of_60_trials_opens_whole_and_without_a_serious_fault(
    browser: object, large: dict[str, Path], language: str, width: int, theme: str
) -> None:
    path = large[language]
    window = {"width": width, "height": 900}
    visit = Visit(browser, path, viewport=window, color_scheme=theme)
    assert visit.charts() == 11
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= width
    if (language == "en") == (theme == "dark"):
        # Looking for faults takes longer than all else: in each language, one theme and width.
        assert visit.faults() == []
    assert visit.complaints == []
    assert visit.asked == [path.as_uri()]


def test_with_the_keyboard_alone_one_skips_the_contents_and_scrolls_what_is_wide(
    browser: object, large: dict[str, Path]
) -> None:
    visit = Visit(browser, large["en"], viewport={"width": 390, "height": 900})
    visit.charts()
    keys, focus = visit.page.keyboard, "document.activeElement"
    keys.press("Tab")
    assert visit.page.evaluate(f"{focus}.hash") == "#sections"
    assert visit.page.evaluate(f"{focus}.getBoundingClientRect().top") >= 0
    keys.press("Enter")
    assert visit.page.evaluate(f"{focus}.id") == "sections"
    keys.press("Tab")
    assert visit.page.evaluate(f"{focus}.getAttribute('aria-label')").startswith("Verdicts: ")
    assert visit.page.evaluate(f"getComputedStyle({focus}).outlineStyle") == "solid"
    keys.press("ArrowRight")
    # A function, not a text: the page's own policy lets no text become code.
    visit.page.wait_for_function(f"() => {focus}.scrollLeft > 0", timeout=5_000)
    assert visit.page.evaluate(
        "[...document.querySelectorAll('[tabindex=\"0\"]')]"
        ".every(one => one.scrollWidth > one.clientWidth)"
    )


def test_on_paper_no_chart_is_wider_or_higher_than_a_sheet_and_no_control_is_left(
    browser: object, large: dict[str, Path]
) -> None:
    # A4 between its margins is about 680 × 1000 pixels.
    visit = Visit(browser, large["en"], viewport={"width": 680, "height": 1000})
    visit.charts()
    visit.page.emulate_media(media="print", color_scheme="dark")
    sizes = visit.page.evaluate(
        """[...document.querySelectorAll("figure svg")].map(svg => svg.getBoundingClientRect())
            .map(box => [box.right, box.height])"""
    )
    assert len(sizes) == 11
    assert all(right <= 680 and height <= 1000 for right, height in sizes)
    assert not visit.page.locator("nav").is_visible()
    assert visit.page.evaluate("getComputedStyle(document.body).color") == "rgb(29, 33, 38)"


@pytest.mark.slow
def test_the_report_of_a_real_study_of_60_trials_opens_whole(
    browser: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    variants = [
        {"name": "dropout", "layers": ["dropout"]},
        {"name": "smooth", "loss": "label-smoothing"},
        {"name": "batch-norm", "layers": ["batch-norm"]},
        {"name": "sgd", "optimizer": {"use": "sgd", "lr": 0.1}},
        {"name": "l2", "penalty": ["l2"]},
    ]
    answer = hk.run(
        hk.Study(
            question="Does anything help in four epochs?",
            data={"use": "digits", "train": 200, "validation": 100},
            model="mlp",
            metric="accuracy",
            worth=0.02,
            seeds=10,
            recipe={"epochs": 4, "optimizer": "adam"},
            variants=variants,
        )
    )
    assert len(answer.results.trials) == 60
    found = report(answer.study, answer.results, answer.findings)
    for language, width in (("en", 1280), ("ja", 390)):
        path = html.write(found, tmp_path / f"{language}.html", language)
        visit = Visit(browser, path, viewport={"width": width, "height": 900})
        assert visit.charts() >= 9
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= width
        assert visit.faults() == []
        assert visit.complaints == []
        assert visit.asked == [path.as_uri()]
