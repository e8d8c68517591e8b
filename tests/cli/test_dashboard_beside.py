"""A dashboard beside a run tells its links, and whatever becomes of it holds the run up nowhere."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

import pytest

from hikaku.cli import beside
from hikaku.store.store import Store


def said(capfd: pytest.CaptureFixture[str], count: int) -> list[str]:
    """Return the first lines on standard error, as soon as there are so many."""
    text, end = "", time.monotonic() + 30
    while text.count("\n") < count and time.monotonic() < end:
        text += capfd.readouterr().err
        time.sleep(0.02)
    return text.splitlines()


def stands_in(monkeypatch: pytest.MonkeyPatch, code: str) -> list[subprocess.Popen[bytes]]:
    """Have other code in the dashboard's place, "" for itself; return the list of those begun."""
    begun: list[subprocess.Popen[bytes]] = []
    really = subprocess.Popen

    def popen(command: list[str], **how: object) -> subprocess.Popen[bytes]:
        begun.append(really([sys.executable, "-c", code] if code else command, **how))
        return begun[-1]

    monkeypatch.setattr(beside.subprocess, "Popen", popen)
    return begun


@pytest.mark.fault("F12")
def test_its_links_are_printed_one_by_one_and_its_death_is_no_matter(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    begun = stands_in(monkeypatch, "")
    monkeypatch.setenv("HIKAKU_LANG", "en")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, sys.path)))
    monkeypatch.setattr(beside, "START_SECONDS", 30.0)
    with beside.dashboard(str(tmp_path / "store.db"), wanted=True):
        for _ in range(2):
            (line,) = said(capfd, 1)
            (link,) = re.findall(r"http://\S+", line)
            with urlopen(link, timeout=30) as answer:
                assert answer.status == 200
        assert len(said(capfd, 1)) == 1
        begun[0].kill()
        with Store.writing(tmp_path / "store.db") as store:
            assert store.entries() == ()
    assert begun[0].returncode == -signal.SIGKILL


@pytest.mark.fault("F12")
def test_a_dashboard_that_hears_nothing_is_ended_by_force(monkeypatch: pytest.MonkeyPatch):
    begun = stands_in(monkeypatch, "print('link', flush=True); import time; time.sleep(60)")
    with beside.dashboard("store.db", wanted=True):
        begun[0].send_signal(signal.SIGSTOP)
    assert begun[0].returncode == -signal.SIGKILL


@pytest.mark.fault("F12")
def test_where_no_dashboard_starts_that_is_said_and_the_run_goes_on(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
):
    stands_in(monkeypatch, "raise SystemExit(1)")
    with beside.dashboard("store.db", wanted=True):
        assert "did not start" in said(capfd, 1)[0]

    def none(*_: object, **__: object) -> None:
        raise OSError("no more processes")

    monkeypatch.setattr(beside.subprocess, "Popen", none)
    with beside.dashboard("store.db", wanted=True):
        assert "did not start" in said(capfd, 1)[0]
