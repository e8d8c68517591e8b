"""A browser is opened when somebody answers, without a secret, and nobody waits for it."""

from __future__ import annotations

import errno
import threading
import time
import webbrowser
from pathlib import Path

import pytest

from hikaku.read.serve import browser
from hikaku.read.serve.browser import browser_at

LINK = "http://127.0.0.1:1/enter?key=secret"


class Window(webbrowser.BaseBrowser):
    """A browser that shows a page until it is closed, as some keep whoever opens them."""

    def __init__(self, name: str = "firefox") -> None:
        super().__init__(name)
        self.opened: list[str] = []
        self.is_open, self.is_closed = threading.Event(), threading.Event()

    def open(self, url: str, new: int = 0, autoraise: bool = True) -> bool:
        self.opened.append(url)
        self.is_open.set()
        return self.is_closed.wait(30)


@pytest.fixture
def window(monkeypatch: pytest.MonkeyPatch) -> Window:
    found = Window()
    monkeypatch.setattr(browser.webbrowser, "get", lambda: found)
    return found


@pytest.mark.fault("F7")
def test_the_browser_is_given_no_secret_that_a_list_of_processes_shows(
    window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(browser.tempfile, "tempdir", str(tmp_path))
    with browser_at(LINK, lambda: True):
        (page,) = tmp_path.iterdir()
        assert window.is_open.wait(30)
        assert window.opened == [page.as_uri()]
        assert "secret" not in window.opened[0] and "key=secret" in page.read_text()
        assert page.stat().st_mode & 0o077 == 0
    window.is_closed.set()
    assert not list(tmp_path.iterdir())


def test_a_browser_that_is_waited_for_holds_nobody_up_and_opens_when_somebody_answers(
    window: Window,
):
    answers = threading.Event()
    with browser_at(LINK, answers.is_set):
        assert not window.is_open.wait(0.3), "nobody answers yet"
        answers.set()
        assert window.is_open.wait(30)
        assert not window.is_closed.is_set(), "it is open still, and here we are"
    window.is_closed.set()


@pytest.mark.parametrize("name", ["w3m", "/usr/bin/lynx", "links", "www-browser"])
def test_a_text_browser_is_not_opened(name: str, window: Window, monkeypatch: pytest.MonkeyPatch):
    window.name = name
    asked = threading.Event()
    monkeypatch.setattr(browser, "is_console", lambda one: asked.set() or IS_CONSOLE(one))
    with browser_at(LINK, lambda: True):
        assert asked.wait(30)
    assert not window.is_open.wait(0.1)


IS_CONSOLE = browser.is_console


def ended(threads: int) -> None:
    """Wait until no more threads than these are left."""
    end = time.monotonic() + 30
    while threading.active_count() > threads:
        assert time.monotonic() < end
        time.sleep(0.01)


def test_where_there_is_no_browser_the_link_is_enough(monkeypatch: pytest.MonkeyPatch):
    threads = threading.active_count()

    def none() -> None:
        raise webbrowser.Error("could not locate runnable browser")

    monkeypatch.setattr(browser.webbrowser, "get", none)
    failed: list[object] = []
    monkeypatch.setattr(threading, "excepthook", failed.append)
    with browser_at(LINK, lambda: True):
        pass
    ended(threads)
    assert failed == []


def test_without_room_for_a_file_the_link_is_enough(monkeypatch: pytest.MonkeyPatch):
    def full(*_: object, **__: object) -> object:
        raise OSError(errno.ENOSPC, "no space left on device")

    monkeypatch.setattr(browser.tempfile, "mkstemp", full)
    with browser_at(LINK, lambda: True):
        pass


def test_where_nobody_ever_answers_nothing_waits_on():
    threads = threading.active_count()
    with browser_at(LINK, lambda: False):
        assert threading.active_count() == threads + 1
    ended(threads)
