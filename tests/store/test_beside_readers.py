import os
import sqlite3
from pathlib import Path

import pytest
from store_samples import keys, marks, measured, plan, study, train
from test_writers import child

from hikaku.errors import HikakuError, StoreBusy
from hikaku.store import sqlite
from hikaku.store.store import Store

WATCHING = """
import sys, time
from store_samples import *
asked = study(seeds=range(40))
print("open", flush=True)
seen = 0
with Store.reading(sys.argv[1]) as store:
    while seen < 80:
        now = len(store.finished(keys(asked).values()))
        assert now >= seen
        seen = now
        time.sleep(0.05)
print("all", flush=True)
"""


@pytest.mark.fault("B13")
def test_readers_beside_a_writer_meet_no_lock_and_lose_no_trial(tmp_path: Path) -> None:
    with Store.writing(tmp_path / "store.db") as store:
        asked = study(seeds=range(40))
        plan(store, asked)
        readers = [child(WATCHING, tmp_path / "store.db") for _ in range(3)]
        for reader in readers:
            assert reader.stdout is not None
            assert reader.stdout.readline() == "open\n"
        for key in keys(asked).values():
            store.add(measured(key))
        assert [reader.communicate(timeout=60)[0] for reader in readers] == ["all\n"] * 3


@pytest.mark.fault("B13")
def test_a_reader_that_comes_and_goes_lets_the_log_be_emptied(tmp_path: Path) -> None:
    asked = study(seeds=range(60))
    with Store.writing(tmp_path / "store.db") as store, Store.reading(tmp_path / "store.db") as r:
        plan(store, asked)
        sizes = []
        for number, key in enumerate(keys(asked).values()):
            store.add(measured(key, records=100))
            if number % 4 == 0:
                r.finished(keys(asked).values())
                sizes.append((tmp_path / "store.db-wal").stat().st_size)
    assert max(sizes) < 8 * 2**20
    assert max(sizes[len(sizes) // 2 :]) <= max(sizes[: len(sizes) // 2]) * 1.5


@pytest.mark.fault("B13")
def test_a_reader_that_stays_in_one_look_delays_no_writer(tmp_path: Path) -> None:
    with Store.writing(tmp_path / "store.db") as store:
        train(store, study())
        slow = sqlite3.connect(tmp_path / "store.db")
        slow.execute("BEGIN")
        slow.execute("SELECT count(*) FROM hikaku_trial").fetchone()
        train(store, study("two", arms=("l2",)))
        assert slow.execute("SELECT count(*) FROM hikaku_trial").fetchone() == (6,)
        slow.close()
        assert store.size().counts.trials == 9


@pytest.mark.fault("B5")
def test_another_program_that_holds_the_database_is_waited_for_and_then_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "PATIENCE_SECONDS", 0.2)
    with Store.writing(tmp_path / "store.db") as store:
        plan(store, study())
        other = sqlite3.connect(tmp_path / "store.db")
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreBusy, match="another program is writing") as caught:
            store.add(measured("mark-base-0"))
        assert "try again" in str(caught.value)
        other.rollback()
        assert store.finished(keys(study()).values()) == frozenset()
        assert store.add(measured("mark-base-0"))
        other.close()


@pytest.mark.fault("B12")
def test_a_forked_child_is_refused_and_harms_nothing(tmp_path: Path) -> None:
    with Store.writing(tmp_path / "store.db") as store:
        plan(store, study())
        pid = os.fork()
        if not pid:
            try:
                store.add(measured("mark-base-0"))
            except HikakuError as error:
                os._exit(7 if "fork" in str(error) else 8)
            os._exit(9)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 7
        assert store.add(measured("mark-base-0"))
        assert store.results(study(), marks(study())).trials.keys() == {("base", 0)}
