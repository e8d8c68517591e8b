"""Two hundred clients that dawdle hold up neither others nor the run that is looked at."""

from __future__ import annotations

import os
import socket
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from dashboard_figures import guest
from hikaku.store.store import Store
from hikaku.study.decode import load
from hikaku.study.sources import fingerprints
from load_store import Load, trial, written

CROWD = 200


@pytest.mark.fault("F9")
def test_two_hundred_who_dawdle_hold_up_neither_others_nor_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, sys.path)))
    asked = load(written(tmp_path, 0, Load(trials=20, studies=1)))
    marks = fingerprints(asked)
    keys = {(mark, seed): f"{mark}{seed}" for mark in marks.values() for seed in asked.seeds}
    with Store.writing(tmp_path / "store.db") as run:
        run.plan(asked, marks, keys)
        with guest(tmp_path / "store.db") as one:
            host, port = one.host.split(":")
            crowd = [socket.create_connection((host, int(port))) for _ in range(CROWD)]
            # A third says nothing, a third is slow to ask, and a third hears no answer.
            whole = f"GET /events/ HTTP/1.1\r\nHost: {one.host}\r\nCookie: {one.cookie}\r\n\r\n"
            for line in crowd[::3]:
                with suppress(OSError):
                    line.sendall(whole.encode())
            began, spent = time.monotonic(), one.processor
            for done, (place, key) in enumerate(keys.items(), 1):
                assert run.add(trial(key, place[1], 20))
                for line in crowd[1::3]:
                    with suppress(OSError):
                        line.send(b"G")
                seconds, text = one.ask("/")
                assert f"{done}/{len(keys)}".encode() in text
                assert seconds < 5
                time.sleep(0.2)
            assert (one.processor - spent) / (time.monotonic() - began) < 0.5
            for line in crowd:
                line.close()
    with Store.reading(tmp_path / "store.db") as after:
        assert after.finished(keys.values()) == frozenset(keys.values())
