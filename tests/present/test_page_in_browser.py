"""A real browser opens the page: every chart is drawn, nothing is asked of the network."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from fake_study import Whole

from hikaku.present import html

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


@pytest.fixture(scope="module")
def page(digits: Whole, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return html.write(digits.report(), tmp_path_factory.mktemp("page") / "report.html", "en")


@pytest.fixture(scope="module")
def hostile_page(hostile: Whole, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return html.write(hostile.report(), tmp_path_factory.mktemp("page") / "report.html", "ja")


def test_every_chart_is_drawn_without_a_complaint_or_a_request(browser: object, page: Path) -> None:
    visit = Visit(browser, page)
    assert visit.charts() == 5
    assert visit.complaints == []
    assert visit.asked == [page.as_uri()]


def test_hostile_names_are_drawn_too_and_run_nothing(browser: object, hostile_page: Path) -> None:
    visit = Visit(browser, hostile_page)
    visit.page.on("dialog", lambda dialog: visit.complaints.append(dialog.message))
    assert visit.charts() == 5
    assert visit.complaints == []
    assert visit.asked == [hostile_page.as_uri()]


def test_the_pointer_is_answered_with_the_numbers(browser: object, page: Path) -> None:
    visit = Visit(browser, page)
    visit.charts()
    visit.page.locator("figure .mark-symbol path").first.hover()
    tip = visit.page.locator("#vg-tooltip-element.visible")
    tip.wait_for(timeout=5_000)
    assert "+0.012" in tip.inner_text()
    assert visit.complaints == []


def test_without_script_the_still_pictures_are_seen(browser: object, page: Path) -> None:
    visit = Visit(browser, page, java_script_enabled=False)
    stills = visit.page.locator("figure [role=img] > svg")
    assert stills.count() == 5
    assert all(stills.nth(i).bounding_box()["height"] > 100 for i in range(5))


@pytest.mark.parametrize("width", [360, 1100])
def test_the_page_never_scrolls_sideways(browser: object, page: Path, width: int) -> None:
    visit = Visit(browser, page, viewport={"width": width, "height": 800})
    visit.charts()
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= width
