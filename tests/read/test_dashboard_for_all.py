"""Everybody can read and use every page: axe finds no fault, and the keyboard is enough."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial

import pytest
from doors import Door, door

from hikaku.store.store import Store
from hikaku.study.decode import load
from hikaku.study.sources import fingerprints
from load_store import Load, make, written

BROWSER = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))),
    None,
)
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe looks for faults")
playwright = pytest.importorskip("playwright.sync_api", reason="playwright drives the browser")
pytestmark = pytest.mark.skipif(BROWSER is None, reason="no Chromium or Chrome on this machine")

SIZE = Load(trials=140, records=20, studies=7)
PAGES = ("/", "/study/1", "/study/8", "/compare?s=1&s=2&s=3", "/compare?s=1&s=2&s=3&s=4&s=5&s=6")
HERE = "document.activeElement"
MOST_TABS = 60
"""Twice round the longest page: one that is not painted yet hears no key, and none is lost then."""


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    """Yield a dashboard of seven studies that are done and one that trains."""
    folder = tmp_path_factory.mktemp("for-all")
    make(folder, SIZE)
    asked = load(written(folder, SIZE.studies, SIZE))
    marks = fingerprints(asked)
    keys = {(mark, seed): f"{mark}{seed}" for mark in marks.values() for seed in asked.seeds}
    with Store.writing(folder / "store.db") as run:
        run.plan(asked, marks, keys)
        with door(folder / "store.db") as found:
            yield found


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    with playwright.sync_playwright() as driver:
        found = driver.chromium.launch(
            executable_path=BROWSER, args=["--no-sandbox", "--disable-gpu"]
        )
        yield found
        found.close()


@pytest.fixture
def page(browser: object, opened: Door) -> Iterator[object]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    found = context.new_page()
    found.goto(opened.link)
    found.wait_for_url(f"http://{opened.host}/")
    yield found
    context.close()


def typed_to(page: object, link: str) -> None:
    """Go to the link that leads there by Tab alone, see that one sees where one is, and follow."""
    for _ in range(MOST_TABS):
        if page.evaluate(f"({HERE}.getAttribute('href') ?? '').startsWith('{link}')"):
            break
        page.keyboard.press("Tab")
    else:
        raise AssertionError(f"no Tab leads to {link}")
    assert page.evaluate(f"getComputedStyle({HERE}).outlineStyle") != "none"
    page.keyboard.press("Enter")


def faults(page: object) -> list[str]:
    """Return what would keep people from reading the page, as axe-core judges it."""
    found = axe.Axe().run(page).response["violations"]
    return [
        f"{page.url} {fault['id']}: {node['html']} {node['failureSummary']}"
        for fault in found
        if fault["impact"] in ("serious", "critical")
        for node in fault["nodes"][:2]
    ]


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_nothing_serious(page: object, opened: Door, scheme: str, width: int):
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    found = []
    for path in PAGES:
        page.goto(f"http://{opened.host}{path}")
        page.locator("#state").get_by_text("up to date", exact=True).wait_for()
        page.get_by_text("The study is being read").wait_for(state="detached")
        found += faults(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    assert found == []


def test_metrics_comparison_and_report_are_reached_by_the_keyboard(page: object, opened: Door):
    home = f"http://{opened.host}"
    typed_to(page, "/study/1")
    page.wait_for_url(f"{home}/study/1")
    page.locator(".choices").wait_for()
    typed_to(page, "/study/1?metric=loss")
    page.wait_for_url(f"{home}/study/1?metric=loss")
    page.locator(".choices a[aria-current]").get_by_text("loss").wait_for()
    typed_to(page, "/compare")
    page.wait_for_url(f"{home}/compare")
    typed_to(page, "/compare?s=1")
    page.wait_for_url(f"{home}/compare?s=1")
    typed_to(page, "/compare?s=1&s=2")
    page.wait_for_url(f"{home}/compare?s=1&s=2")
    page.get_by_role("columnheader", name="load-01").wait_for()
    typed_to(page, "/study/2")
    page.wait_for_url(f"{home}/study/2")
    page.locator("#asked a").wait_for()
    typed_to(page, "/study/2/report")
    # The page that stands in for it asks again by itself until it is there.
    page.locator("#sections").wait_for()
    assert page.url == f"{home}/study/2/report"


def test_a_page_that_finds_no_room_or_is_refused_says_so_and_listens_again(
    page: object, opened: Door
):
    state = page.locator("#state")
    page.clock.install()
    asked = f"GET /events/ HTTP/1.1\r\nHost: {opened.host}\r\nCookie: {opened.cookie}\r\n\r\n"
    page.goto("about:blank")
    with ExitStack() as crowd:
        said = ""
        while "full" not in said:
            line = socket.create_connection(("127.0.0.1", opened.port), timeout=30)
            crowd.enter_context(line).sendall(asked.encode())
            told = crowd.enter_context(line.makefile(encoding="utf-8"))
            said = next(text for text in told if text.startswith("event: "))
        page.goto(f"http://{opened.host}/")
        state.get_by_text("as many pages are open as can be").wait_for()
    heard_again(page)
    for status, said in ((503, "connection lost"), (401, "the dashboard has ended")):
        for path in ("**/events/", "**/style.css"):
            page.route(path, partial(answered, status))
        page.evaluate("rest(); listen()")
        state.get_by_text(said).wait_for()
        page.unroute_all()
        heard_again(page)


def answered(status: int, route: object) -> None:
    route.fulfill(status=status)


def heard_again(page: object) -> None:
    state = page.locator("#state")
    for _ in range(20):
        page.clock.fast_forward(15_000)
        page.wait_for_timeout(100)
        if state.inner_text() == "up to date":
            return
    raise AssertionError(state.inner_text())
