"""A report is written once for all who want it, and nobody waits for it without being told."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.request import HTTPCookieProcessor, build_opener

import pytest
from doors import Answer, Door

from hikaku.errors import StoreError
from hikaku.read.serve import press
from hikaku.store import planning
from hikaku.store.store import Store
from load_store import Load, make

REPORT = "/study/1/report"


class Drawing:
    """What draws reports here: it counts them, and draws none until it may."""

    def __init__(self) -> None:
        self.drawn = 0
        self.may = threading.Event()
        self.error: Exception | None = None

    def __call__(self, *_: object) -> str:
        self.drawn += 1
        assert self.may.wait(30)
        if self.error:
            raise self.error
        return f"report {self.drawn}"


@pytest.fixture
def drawing(monkeypatch: pytest.MonkeyPatch) -> Drawing:
    found = Drawing()
    monkeypatch.setattr(press, "_drawn", found)
    monkeypatch.setattr(press, "PATIENCE", 0.1)
    return found


def written(open_door: Door) -> Answer:
    """Ask again and again, as the page does that is shown meanwhile."""
    end = time.monotonic() + 30
    while (answer := open_door.ask(REPORT)).status == 202 and time.monotonic() < end:
        time.sleep(0.05)
    return answer


def test_whoever_asks_is_told_that_it_is_being_written_and_no_reload_writes_it_twice(
    open_door: Door, drawing: Drawing
):
    for _ in range(3):
        answer = open_door.ask(REPORT)
        assert answer.status == 202
        assert 'http-equiv="refresh"' in answer.text and "is being written" in answer.text
        assert "sandbox" not in answer.heads["content-security-policy"]
    drawing.may.set()
    assert written(open_door).text == "report 1"
    assert open_door.ask(REPORT).text == "report 1" and drawing.drawn == 1


def test_a_report_is_written_anew_once_the_store_has_changed_but_for_those_who_waited(
    open_door: Door, drawing: Drawing, folder: Path, monkeypatch: pytest.MonkeyPatch
):
    assert open_door.ask(REPORT).status == 202
    make(folder, Load(trials=20, records=10, studies=1))
    drawing.may.set()
    assert written(open_door).text == "report 1", "who waited sees what was written"
    monkeypatch.setattr(press, "GRACE_SECONDS", 0.0)
    assert written(open_door).text == "report 2"
    assert written(open_door).text == "report 2"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ZeroDivisionError("of <nothing>"), "ZeroDivisionError: of &lt;nothing&gt;"),
        (StopIteration(), "could not be written"),
        (StoreError.of("cannot read it"), "cannot read it"),
    ],
)
def test_what_drawing_raises_is_told_and_it_is_tried_again(
    error: Exception, said: str, open_door: Door, drawing: Drawing, monkeypatch: pytest.MonkeyPatch
):
    drawing.error = error
    assert open_door.ask(REPORT).status == 202
    drawing.may.set()
    answer = written(open_door)
    assert answer.status == 503 and said in answer.text
    drawing.error = None
    monkeypatch.setattr(press, "GRACE_SECONDS", 0.0)
    assert written(open_door).text == "report 2"


def test_who_waits_for_a_report_takes_nobodys_rest(open_door: Door, drawing: Drawing):
    assert open_door.ask("/").status == 200
    found = open_door.library
    found.rested = float("inf")
    assert open_door.ask(REPORT).status == 202
    assert found.rested == float("inf")
    drawing.may.set()
    assert written(open_door).status == 200


def test_no_report_of_one_study_is_given_for_another_of_the_same_number(
    open_door: Door, drawing: Drawing, folder: Path, monkeypatch: pytest.MonkeyPatch
):
    drawing.may.set()
    assert written(open_door).text == "report 1"
    with Store.writing(folder / "store.db") as store:
        store.forget("load-00")
    monkeypatch.setattr(planning, "now", lambda: "2031-01-01T00:00:00+00:00")
    make(folder, Load(trials=20, records=10, studies=1))
    assert written(open_door).text == "report 2"


@pytest.mark.slow
def test_a_report_says_of_when_it_is(open_door: Door):
    assert re.search(
        r"Read from the store: \d{4}-\d\d-\d\d \d\d:\d\d:\d\d", written(open_door).text
    )


ENDS = """
import sys, threading
from hikaku.read.serve import press
press.PATIENCE = 0.1
press._drawn = lambda *_: threading.Event().wait(300)
from hikaku.cli import main
sys.argv = ["hikaku", "serve", "--store", sys.argv[1], "--port", "0", "--no-browser"]
main()
"""


@pytest.mark.slow
def test_the_dashboard_ends_when_told_though_a_report_is_being_written(folder: Path):
    command = [sys.executable, "-u", "-c", ENDS, str(folder / "store.db")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as it:
        assert it.stdout and it.stderr
        link = re.search(r"http://\S+", it.stdout.readline())
        assert link
        came = build_opener(HTTPCookieProcessor())
        came.open(link[0], timeout=30).close()
        with came.open(link[0].partition("/enter")[0] + REPORT, timeout=30) as answer:
            assert answer.status == 202
        it.send_signal(signal.SIGINT)
        it.wait(20)
        assert "Traceback" not in it.stderr.read()


def test_the_report_of_a_study_that_is_forgotten_is_none(
    open_door: Door, drawing: Drawing, folder: Path
):
    drawing.may.set()
    assert written(open_door).status == 200
    with Store.writing(folder / "store.db") as store:
        store.forget("load-00")
    end = time.monotonic() + 30
    while open_door.ask(REPORT).status == 200 and time.monotonic() < end:
        time.sleep(0.05)
    assert open_door.ask(REPORT).status == 404
