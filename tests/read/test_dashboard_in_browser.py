"""A real browser watches while a real study trains: a verdict changes without a reload."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from doors import Door, door

BROWSER = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))),
    None,
)
playwright = pytest.importorskip("playwright.sync_api", reason="playwright drives the browser")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(BROWSER is None, reason="no Chromium or Chrome on this machine"),
]

STUDY = """
format = 1
question = "Does a far too small rate hurt?"
metric = "accuracy"
worth = 0.01
model = "mlp"
seeds = "auto"
[budget]
seeds = 6
[data]
use = "digits"
train = 300
[recipe]
optimizer = { use = "adam", lr = 0.01 }
epochs = 20
[[variant]]
name = "asleep"
optimizer = { use = "adam", lr = 1e-7 }
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "sleepy.toml").write_text(STUDY)
    return tmp_path


@pytest.fixture
def opened(place: Path) -> Iterator[Door]:
    with door(place / "store.db") as found:
        yield found


@pytest.fixture
def page(opened: Door) -> Iterator[object]:
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=BROWSER, args=["--no-sandbox", "--disable-gpu"]
        )
        found = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        yield found
        browser.close()


def started(place: Path) -> subprocess.Popen[bytes]:
    """Start the study as a user would, with the same hikaku as this test's."""
    words = ["run", "sleepy.toml", "--store", "store.db", "--workers", "1", "--engine", "plain"]
    own = {"HIKAKU_LANG": "en", "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    return subprocess.Popen(
        [sys.executable, "-m", "hikaku", *words],
        cwd=place, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ | own,
    )  # fmt: skip  # one command


def heard(page: object) -> tuple[list[str], list[str]]:
    """Return what a page complains about, and the addresses that it asks for, as they come."""
    complaints, asked = list[str](), list[str]()
    page.on("console", lambda said: complaints.append(said.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    return complaints, asked


def typed_to(page: object, name: str) -> None:
    """Follow a link by the keyboard alone."""
    while page.evaluate("document.activeElement.textContent") != name:
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")


def test_a_verdict_changes_before_ones_eyes(page: object, opened: Door, place: Path):
    complaints, asked = heard(page)
    page.goto(opened.link)
    page.wait_for_url(f"http://{opened.host}/")
    page.get_by_text("The store holds no study yet.").wait_for()
    page.evaluate("window.untouched = true")
    run = started(place)
    try:
        page.get_by_role("table").get_by_role("link", name="sleepy").wait_for(timeout=120_000)
        assert page.evaluate("window.untouched") is True
        typed_to(page, "sleepy")
        page.wait_for_url(f"http://{opened.host}/study/1")
        page.evaluate("window.untouched = true")
        verdict = page.locator("#answer td .verdict")
        verdict.get_by_text("undecided").wait_for()
        verdict.get_by_text("hurts").wait_for(timeout=120_000)
        assert page.evaluate("window.untouched") is True
        assert run.wait(120) == 0
        page.locator("#running .run").wait_for(state="detached", timeout=60_000)
    finally:
        run.kill()
        run.wait()
    page.locator(".views svg path.variant").first.wait_for(state="attached")
    assert page.locator("#state").inner_text() == "up to date"
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.goto(f"http://{opened.host}/compare?s=1")
    page.get_by_role("heading", name="Compare studies").wait_for()
    assert complaints == []
    assert all(url.startswith((f"http://{opened.host}/", "data:,")) for url in asked)


def test_a_page_is_not_called_up_to_date_while_the_store_cannot_be_read(
    page: object, opened: Door, place: Path
):
    page.goto(opened.link)
    page.wait_for_url(f"http://{opened.host}/")
    state = page.locator("#state")
    state.get_by_text("up to date", exact=True).wait_for()
    (place / "store.db").write_bytes(b"nothing of the kind" * 100)
    state.get_by_text("not up to date").wait_for()
    page.locator("#fault").get_by_text("not a store, or a damaged one").wait_for()
    (place / "store.db").unlink()
    state.get_by_text("up to date", exact=True).wait_for()


def test_a_page_is_not_called_up_to_date_while_what_it_shows_is_old(page: object, opened: Door):
    page.goto(opened.link)
    page.wait_for_url(f"http://{opened.host}/")
    state = page.locator("#state")
    state.get_by_text("up to date", exact=True).wait_for()
    push = "(text) => hear({ data: JSON.stringify({ studies: text }) })"
    page.evaluate(push, '<p class="note stale">Verdicts and curves as of 08:00:00.</p>')
    assert state.inner_text() == "not up to date"
    page.evaluate(push, "")
    assert state.inner_text() == "up to date"


def test_what_is_pushed_again_and_again_does_not_grow_the_page(
    page: object, opened: Door, place: Path
):
    page.goto(opened.link)
    page.wait_for_url(f"http://{opened.host}/")
    page.get_by_text("The store holds no study yet.").wait_for()
    grown = page.evaluate(
        """() => {
            const rows = (n) => `<tr><td>${n}</td></tr>`.repeat(1 + (n % 7));
            const text = (n) => JSON.stringify({ studies: `<table>${rows(n)}</table>` });
            const push = (n) => hear({ data: text(n) });
            for (let n = 0; n < 7; n += 1) push(n);
            const before = document.getElementsByTagName("*").length;
            for (let n = 0; n < 2001; n += 1) push(n);
            push(6);
            return document.getElementsByTagName("*").length - before;
        }"""
    )
    assert grown == 0
