import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from store_samples import keys, marks, measured, plan, study, train

from hikaku.errors import HikakuError, StoreBusy
from hikaku.store.store import Store
from hikaku.words import Message

HELD = """
import sys
from store_samples import *
with Store.writing(sys.argv[1]) as store:
    print("open", flush=True)
    sys.stdin.readline()
"""
ADDING = """
import sys
from store_samples import *
asked = study(seeds=range(5000))
with Store.writing(sys.argv[1]) as store:
    plan(store, asked)
    for key in keys(asked).values():
        store.add(measured(key, records=50))
        print(key, flush=True)
"""
DYING = """
import os, signal, sys
from store_samples import *

class Bomb:
    dtype, shape = np.dtype("f8"), (1,)
    def tobytes(self):
        os.kill(os.getpid(), signal.SIGKILL)

with Store.writing(sys.argv[1]) as store:
    plan(store, study())
    store.add(measured("mark-base-0"))
    store.add(measured("mark-base-1", records=5000, sheets=(Sheet("bomb", Bomb()),)))
"""


def child(script: str, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", script, *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def ended(process: subprocess.Popen[str]) -> int:
    process.communicate(timeout=30)
    return process.returncode


def integrity(database: Path) -> str:
    connection = sqlite3.connect(database)
    try:
        (said,) = connection.execute("PRAGMA integrity_check").fetchone()
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        return said
    finally:
        connection.close()


@pytest.fixture
def first(tmp_path: Path):
    process = child(HELD, tmp_path / "store.db", "--store", "pg://me:secret@host/db")
    assert process.stdout is not None
    assert process.stdout.readline() == "open\n"
    yield process
    process.kill()
    process.communicate()


@pytest.mark.fault("A15")
@pytest.mark.fault("A15")
def test_a_second_writer_that_will_not_wait_hears_who_is_first(tmp_path: Path, first) -> None:
    with pytest.raises(StoreBusy) as caught:
        Store.writing(tmp_path / "store.db", wait=False)
    assert caught.value.exit_code == 4
    assert f"process {first.pid} " in str(caught.value)
    assert "--store pg://me:***@host/db" in str(caught.value)


@pytest.mark.fault("A15")
def test_a_second_writer_waits_says_so_once_and_goes_on_when_the_first_ends(
    tmp_path: Path, first
) -> None:
    heard: list[Message] = []

    def let_the_first_end(what: Message) -> None:
        heard.append(what)
        first.stdin.write("\n")
        first.stdin.flush()

    with Store.writing(tmp_path / "store.db", notify=let_the_first_end) as store:
        train(store, study())
    assert len(heard) == 1
    assert f"process {first.pid} " in str(heard[0])
    assert "waiting" in str(heard[0])


@pytest.mark.fault("A7", "A16")
@pytest.mark.fault("A16")
def test_a_killed_writer_frees_the_store_at_once(tmp_path: Path, first) -> None:
    first.kill()
    assert ended(first) == -signal.SIGKILL
    with Store.writing(tmp_path / "store.db", wait=False) as store:
        train(store, study())


def test_readers_come_in_while_another_writes(tmp_path: Path, first) -> None:
    with Store.reading(tmp_path / "store.db") as store:
        assert store.studies() == ()


def test_two_stores_in_one_folder_never_touch(tmp_path: Path, first) -> None:
    with Store.writing(tmp_path / "other.db", wait=False) as store:
        train(store, study())
    with Store.reading(tmp_path / "store.db") as store:
        assert store.size().counts.trials == 0
    assert (tmp_path / "other.lock").exists()


@pytest.mark.fault("A16")
def test_a_junk_lock_file_is_no_lock_and_no_reason_to_fail(tmp_path: Path) -> None:
    (tmp_path / "store.lock").write_bytes(b"\xff{")
    Store.writing(tmp_path / "store.db", wait=False).close()


def test_a_holder_that_cannot_be_named_is_busy_all_the_same(tmp_path: Path, first) -> None:
    (tmp_path / "store.lock").write_bytes(b"\xff{")
    with pytest.raises(StoreBusy, match="another run is writing"):
        Store.writing(tmp_path / "store.db", wait=False)


def test_a_writer_killed_inside_a_transaction_leaves_whole_trials_only(tmp_path: Path) -> None:
    process = child(DYING, tmp_path / "store.db")
    assert ended(process) == -signal.SIGKILL
    with Store.reading(tmp_path / "store.db") as store:
        assert store.finished(keys(study()).values()) == {"mark-base-0"}
        assert store.size().counts.records == 3
    with Store.writing(tmp_path / "store.db", wait=False) as store:
        assert plan(store, study()).finished == {"mark-base-0"}
        assert store.add(measured("mark-base-1"))
    assert integrity(tmp_path / "store.db") == "ok"


@pytest.mark.fault("A5")
@pytest.mark.parametrize("number", range(3))
def test_a_writer_killed_at_any_moment_loses_only_the_trial_in_flight(
    tmp_path: Path, number: int
) -> None:
    process = child(ADDING, tmp_path / "store.db")
    assert process.stdout is not None
    told = [process.stdout.readline().strip()]
    time.sleep(random.Random(number).uniform(0, 0.2))
    process.kill()
    # `communicate` would pass over the lines that `readline` has read ahead.
    told += process.stdout.read().split()
    assert ended(process) == -signal.SIGKILL
    asked = study(seeds=range(5000))
    with Store.reading(tmp_path / "store.db") as store:
        kept = store.finished(keys(asked).values())
        assert set(told) <= kept
        assert len(kept) <= len(told) + 1
        trials = store.results(asked, marks(asked)).trials
        assert {len(found.records) for found in trials.values()} == {50}
    assert integrity(tmp_path / "store.db") == "ok"


@pytest.mark.fault("B12")
def test_a_store_carried_over_a_fork_refuses_to_work(tmp_path: Path) -> None:
    with Store.writing(tmp_path / "store.db") as store:
        store._process += 1
        with pytest.raises(HikakuError, match="fork"):
            store.studies()
        store._process -= 1
        assert store.studies() == ()
