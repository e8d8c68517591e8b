"""A store whose writer is killed, or whose disk fails, at every system call that changes a file."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from strace import broken_at_every

CALLS = (("pwrite64",), ("fsync", "fdatasync"), ("ftruncate",), ("unlink",), ("rename",))
"""All that change a file once it is open; builds of SQLite differ in how they flush."""
COMMON = """
import os, shutil, sqlite3, sys
from contextlib import closing
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from store_samples import *
from hikaku.errors import HikakuError
from hikaku.record import Checkpoint
from hikaku.records import Record
from hikaku.store.store import Store

place, old = Path(sys.argv[1]), Path(sys.argv[3])
where, asked = place / "store.db", study(folder=place)

def prepare():
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    shutil.copy(old, where)

def lines(database):
    with closing(sqlite3.connect(database)) as opened:
        assert opened.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return sum(1 for _ in opened.iterdump())

def names():
    return sorted(path.name for path in place.iterdir())
"""
UPGRADE = f"""{COMMON}
def work():
    Store.writing(where).close()

def told():
    with Store.reading(where) as store:
        found = store.results(asked, marks(asked))
        return str(found.spent), sorted((p, t.outcome, t.records) for p, t in found.trials.items())

before = told()

def check(ended):
    assert ended in (0, 1, -9), ended
    assert told() == before
    work()
    assert told() == before
    assert lines(where) > lines(old)
    for name in names():
        assert name in ("store.db", "store.lock") or name.startswith("store.db.v1-backup"), name
        assert "part" not in name
        if "backup" in name:
            assert lines(place / name) == lines(old)
    assert any("backup" in name for name in names())
"""
TRIAL = f"""{COMMON}
def point(step):
    rows = tuple(Record("curve", n, "train", "loss", n / 7) for n in range(step))
    return Checkpoint("mark-base-0", step, f"{{step}}-a.safetensors", "d" * 64, rows)

def stage(store):
    '''Return how far the trial is: not planned, planned, at a checkpoint, or ended.'''
    (done,) = [store.finished(["mark-base-0"])]
    rows = store.checkpoints(["mark-base-0"]).get("mark-base-0", ())
    if done:
        assert not rows
        found = store.results(asked, marks(asked)).trials["base", 0]
        want = measured("mark-base-0", records=9)
        assert (found.outcome, found.records) == (want.outcome, want.records)
        return 5
    assert [row.step for row in rows] in ([], [1], [2, 1], [3, 2]), rows
    assert all(row == point(row.step) for row in rows)
    return 1 + rows[0].step if rows else int(bool(store.studies()))

said = place.parent / "said"

def say(number):
    said.write_text(str(number))

def work():
    say(0)
    with Store.writing(where) as store:
        plan(store, asked)
        say(1)
        for step in (1, 2, 3):
            store.checkpoint(point(step))
            say(1 + step)
        store.add(measured("mark-base-0", records=9))
        say(5)

def prepare():
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()

def check(ended):
    committed = int(said.read_text())
    with Store.reading(where) as store:
        found = stage(store)
    # What was said to be kept is kept; what was under way may be.
    assert found in (committed, committed + 1), (found, committed)
    assert ended == 0 or committed < 5 or found == 5
    with Store.writing(where) as store:
        plan(store, asked)
        assert stage(store) in (max(found, 1),)
        store.checkpoint(point(1)) if found < 2 else None
        store.add(measured("mark-base-0", records=9))
        assert stage(store) == 5
    assert lines(where)
    assert set(names()) == {{"store.db", "store.lock"}}, names()
"""
pytestmark = pytest.mark.slow
STRIDE = int(os.environ.get("HIKAKU_STRIDE", "11"))
"""Of the pages of a commit one is like another: every eleventh; every one with HIKAKU_STRIDE=1."""
VERSION_1 = Path(__file__).parent / "version-1.sql"


@pytest.fixture
def old(tmp_path: Path) -> Path:
    with closing(sqlite3.connect(tmp_path / "old.db")) as database:
        database.executescript(VERSION_1.read_text(encoding="utf-8"))
    return tmp_path / "old.db"


def broken(call: str, how: str, script: str, old: Path) -> int:
    place = old.parent / "place"
    place.mkdir(exist_ok=True)
    (place / "store.db").write_bytes(old.read_bytes())
    stride = STRIDE if call == "pwrite64" else 1
    return broken_at_every(call, how, stride, script, place, Path(__file__).parent, old)


@pytest.mark.fault("B9")
@pytest.mark.parametrize("calls", CALLS, ids=" ".join)
def test_an_upgrade_killed_at_any_call_is_done_whole_the_next_time(
    old: Path, calls: tuple[str, ...]
) -> None:
    assert sum(broken(call, "signal=KILL", UPGRADE, old) for call in calls) > 0


@pytest.mark.fault("A1", "A5")
@pytest.mark.parametrize("calls", CALLS[:-1], ids=" ".join)
def test_a_writer_killed_at_any_call_keeps_what_it_said_and_no_half(
    old: Path, calls: tuple[str, ...]
) -> None:
    assert sum(broken(call, "signal=KILL", TRIAL, old) for call in calls) > 0


@pytest.mark.fault("B1", "B3")
@pytest.mark.parametrize(("calls", "error"), [(CALLS[0], "ENOSPC"), (CALLS[1], "EIO")])
def test_a_disk_that_fails_at_any_call_costs_nothing_that_was_said(
    old: Path, calls: tuple[str, ...], error: str
) -> None:
    assert sum(broken(call, f"error={error}", TRIAL, old) for call in calls) > 0
