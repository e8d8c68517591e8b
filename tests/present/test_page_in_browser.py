"""A real browser opens the page: every chart is drawn, nothing is asked of the network."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import fake_study
import numpy as np
import pytest

from hikaku.present import html
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


@pytest.fixture
def path(page: str, tmp_path: Path) -> Path:
    found = tmp_path / "report.html"
    found.write_text(page, encoding="utf-8")
    return found


@pytest.mark.fault("F2")
def test_every_chart_is_drawn_without_a_complaint_or_a_request(browser: object, path: Path) -> None:
    visit = Visit(browser, path)
    assert visit.charts() == 6
    visit.page.locator("figure .mark-symbol path").first.hover()
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
    assert visit.charts() == 6
    assert visit.complaints == []
    assert visit.asked == [path.as_uri()]


def test_why_seeds_ended_is_drawn_for_hostile_names_too(browser: object, tmp_path: Path) -> None:
    whole = fake_study.automatic(fake_study.HOSTILE)
    path = html.write(whole.report(), tmp_path / "automatic.html", "en")
    visit = Visit(browser, path, viewport={"width": 360, "height": 800})
    assert visit.charts() == 7
    assert visit.page.get_by_text("Why seeds ended here").is_visible()
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= 360
    assert visit.complaints == []
    assert visit.asked == [path.as_uri()]


def test_without_script_the_still_pictures_are_seen(browser: object, path: Path) -> None:
    visit = Visit(browser, path, java_script_enabled=False)
    stills = visit.page.locator("figure [role=img] > svg")
    assert stills.count() == 6
    assert all(stills.nth(i).bounding_box()["height"] > 100 for i in range(6))


def test_in_a_narrow_window_nothing_scrolls_sideways_but_what_must(
    browser: object, path: Path
) -> None:
    visit = Visit(browser, path, viewport={"width": 360, "height": 800})
    assert visit.charts() == 6
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
