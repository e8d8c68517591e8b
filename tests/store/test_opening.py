import errno
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy.dialects import postgresql  # noqa: TID251  # this test is of the store's room
from sqlalchemy.schema import CreateTable  # noqa: TID251  # this test is of the store's room
from store_samples import keys, marks, measured, plan, study, train

from hikaku.errors import HikakuError, Paused, StoreBusy, StoreError
from hikaku.store import schema
from hikaku.store.address import hidden, locate
from hikaku.store.faults import translated
from hikaku.store.store import Store


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_a_missing_store_reads_as_an_empty_one_and_nothing_is_made(tmp_path: Path) -> None:
    with Store.reading(tmp_path / "deep" / "store.db") as store:
        assert store.results(study(), marks(study())).trials == {}
        assert store.finished(["any"]) == frozenset()
        assert store.studies() == ()
        assert store.size().bytes == 0
    assert list(tmp_path.iterdir()) == []


def test_reading_a_closed_store_makes_no_file_beside_it(tmp_path: Path) -> None:
    with Store.writing(tmp_path / "store.db") as store:
        train(store, study())
    before = contents(tmp_path)
    assert before.keys() == {"store.db", "store.lock"}
    with Store.reading(tmp_path / "store.db") as store:
        assert len(store.studies()) == 1
    assert contents(tmp_path) == before


def test_a_reader_sees_finished_trials_while_another_writes(tmp_path: Path) -> None:
    where = tmp_path / "store.db"
    with Store.writing(where) as writer, Store.reading(where) as reader:
        plan(writer, study())
        for number, key in enumerate(keys(study()).values()):
            assert len(reader.finished(keys(study()).values())) == number
            writer.add(measured(key))
    with Store.reading(tmp_path / "store.db") as reader:
        assert len(reader.finished(keys(study()).values())) == 6


def test_a_store_closed_under_a_reader_still_reads(tmp_path: Path) -> None:
    writer = Store.writing(tmp_path / "store.db")
    train(writer, study())
    other = sqlite3.connect(tmp_path / "store.db")
    other.execute("BEGIN")
    other.execute("SELECT * FROM hikaku_trial").fetchone()
    writer.close()
    assert len(other.execute("SELECT * FROM hikaku_trial").fetchall()) == 6
    other.close()
    with Store.reading(tmp_path / "store.db") as store:
        assert len(store.finished(keys(study()).values())) == 6


def test_the_writer_asks_the_disk_before_it_says_committed(tmp_path: Path) -> None:
    with Store.writing(tmp_path / "store.db") as store, store._transaction() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "trusted_schema")
        }
    assert found == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "trusted_schema": 0,
    }


@pytest.mark.parametrize("name", ["a b?c#d%41.db", "比較.db", "store"])
def test_any_file_name_can_be_a_store(tmp_path: Path, name: str) -> None:
    with Store.writing(tmp_path / name) as store:
        train(store, study())
    with Store.reading(tmp_path / name) as store:
        assert len(store.studies()) == 1
    assert name in contents(tmp_path)


@pytest.mark.fault("B6")
def test_an_empty_file_is_an_empty_store(tmp_path: Path) -> None:
    (tmp_path / "store.db").touch()
    with Store.reading(tmp_path / "store.db") as store:
        assert store.studies() == ()
    with Store.writing(tmp_path / "store.db") as store:
        train(store, study())


OPENINGS = pytest.mark.parametrize("opened", [Store.reading, Store.writing], ids=["read", "write"])


@pytest.mark.fault("B6")
@OPENINGS
def test_somebody_elses_database_is_refused_and_not_touched(tmp_path: Path, opened) -> None:
    other = sqlite3.connect(tmp_path / "store.db")
    other.execute("CREATE TABLE songs (title)")
    other.close()
    before = contents(tmp_path)
    with pytest.raises(StoreError, match=r"not a hikaku store\s.*songs") as caught:
        opened(tmp_path / "store.db")
    assert caught.value.faults[0].where == f"{tmp_path / 'store.db'}:"
    assert contents(tmp_path) == before


@pytest.mark.fault("B8")
@OPENINGS
def test_a_newer_store_is_refused_and_not_touched(tmp_path: Path, opened) -> None:
    Store.writing(tmp_path / "store.db").close()
    newer = sqlite3.connect(tmp_path / "store.db")
    newer.execute("UPDATE hikaku_schema SET version = 99")
    newer.commit()
    newer.close()
    before = contents(tmp_path)
    with pytest.raises(StoreError, match="newer hikaku: tables of version 99"):
        opened(tmp_path / "store.db")
    assert contents(tmp_path) == before


@pytest.mark.fault("B6")
@OPENINGS
@pytest.mark.parametrize("junk", [b"not a database at all" * 99, b"SQLite format 3\0" + b"x" * 999])
def test_a_file_that_is_no_database_is_refused_by_name_and_not_touched(
    tmp_path: Path, opened, junk: bytes
) -> None:
    (tmp_path / "store.db").write_bytes(junk)
    with pytest.raises(StoreError, match=r"store\.db: not a store, or a damaged one"):
        opened(tmp_path / "store.db")
    assert contents(tmp_path) == {"store.db": junk}


def test_a_cut_store_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with Store.writing(tmp_path / "store.db") as store:
        train(store, study(seeds=range(40)))
    whole = (tmp_path / "store.db").read_bytes()
    cut = whole[: len(whole) // 2 // 4096 * 4096]
    (tmp_path / "store.db").write_bytes(cut)
    with pytest.raises(StoreError, match="damaged"):
        Store.writing(tmp_path / "store.db")


def test_a_sheet_that_does_not_fit_its_shape_is_damage_and_not_a_number(tmp_path: Path) -> None:
    with Store.writing(tmp_path / "store.db") as store:
        train(store, study())
    for harm in ("bytes = x'00'", "dtype = '|O'", "dtype = 'nonsense'", "shape = '[2,'"):
        other = sqlite3.connect(tmp_path / "store.db")
        other.execute(f"UPDATE hikaku_sheet SET {harm}")
        other.commit()
        other.close()
        with (
            Store.reading(tmp_path / "store.db") as store,
            pytest.raises(StoreError, match="sheet confusion"),
        ):
            store.results(study(), marks(study()))


def test_a_store_below_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="file"):
        Store.writing(tmp_path / "file" / "store.db")


@pytest.mark.parametrize(
    ("error", "kind", "code"),
    [
        (sqlite3.OperationalError("database or disk is full"), Paused, 75),
        (OSError(errno.ENOSPC, "No space left on device"), Paused, 75),
        (sqlite3.OperationalError("attempt to write a readonly database"), StoreError, 4),
        (OSError(errno.EROFS, "Read-only file system"), StoreError, 4),
        (PermissionError(errno.EACCES, "Permission denied"), StoreError, 4),
        (sqlite3.OperationalError("database is locked"), StoreBusy, 4),
        (sqlite3.DatabaseError("database disk image is malformed"), StoreError, 4),
        (sqlite3.DatabaseError("file is not a database"), StoreError, 4),
        (sqlite3.OperationalError("unable to open database file"), StoreError, 4),
        (sqlite3.OperationalError("disk I/O error"), StoreError, 4),
    ],
    ids=str,
)
def test_every_error_of_the_database_names_the_store_and_a_way_out(
    tmp_path: Path, error: Exception, kind: type[HikakuError], code: int
) -> None:
    with pytest.raises(kind) as caught, translated(locate(tmp_path / "store.db")):
        raise error
    assert type(caught.value) is kind
    assert caught.value.exit_code == code
    (fault,) = caught.value.faults
    assert fault.where == f"{tmp_path / 'store.db'}:"
    assert fault.why
    assert fault.mend


def in_a_small_file_system(tmp_path: Path, script: str) -> str:
    """Run Python with `folder` on a disk of 2 MiB of its own, which can be remounted read-only."""
    mount = f"mount -t tmpfs -o size=2m none {tmp_path} && exec {sys.executable} -c '{script}'"
    command = ["unshare", "--mount", "sh", "-c", mount]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([*sys.path])}
    try:
        ran = subprocess.run(
            [*command, str(tmp_path)], capture_output=True, text=True, env=environment, timeout=60
        )
    except FileNotFoundError:
        pytest.skip("unshare, for a private mount, is not installed")
    if "unshare" in ran.stderr or "mount:" in ran.stderr:
        pytest.skip("private mounts are not allowed here")
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


@pytest.mark.fault("B1")
def test_a_full_disk_pauses_and_keeps_what_was_finished(tmp_path: Path) -> None:
    out = in_a_small_file_system(
        tmp_path,
        f"""
import numpy as np
from store_samples import *
from hikaku.errors import Paused
asked = study(seeds=range(99))
big = (Sheet("big", np.zeros(20_000)),)
added = []
store = Store.writing("{tmp_path}/store.db")
try:
    plan(store, asked)
    for key in keys(asked).values():
        store.add(measured(key, sheets=big))
        added.append(key)
except Paused as error:
    print(error.exit_code, "MiB" in str(error))
store.close()
with Store.reading("{tmp_path}/store.db") as store:
    print(len(added) > 0, store.finished(keys(asked).values()) == set(added))
""",
    )
    assert out.split() == ["75", "True", "True", "True"]


@pytest.mark.fault("B4")
def test_a_read_only_disk_can_be_read_and_not_written_to(tmp_path: Path) -> None:
    out = in_a_small_file_system(
        tmp_path,
        f"""
import subprocess
from store_samples import *
from hikaku.errors import StoreError
with Store.writing("{tmp_path}/store.db") as store:
    train(store, study())
subprocess.run(["mount", "-o", "remount,ro", "{tmp_path}"], check=True)
with Store.reading("{tmp_path}/store.db") as store:
    print(len(store.results(study(), marks(study())).trials))
try:
    Store.writing("{tmp_path}/store.db")
except StoreError as error:
    print(error.exit_code, "Read-only" in str(error))
""",
    )
    assert out.split() == ["6", "4", "True"]


def test_the_default_store_lies_in_a_hidden_folder_of_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Store.writing().close()
    assert sorted(path.name for path in (tmp_path / ".hikaku").iterdir()) == [
        "store.db", "store.lock",
    ]  # fmt: skip


def test_lock_and_files_are_named_after_the_database(tmp_path: Path) -> None:
    address = locate(tmp_path / "store.db")
    assert (address.lock.name, address.files.name) == ("store.lock", "store.files")
    assert locate(tmp_path / "a.sqlite").lock != locate(tmp_path / "a.db").lock
    (tmp_path / "link.db").symlink_to(tmp_path / "store.db")
    assert locate(tmp_path / "link.db") == address


def test_a_sqlite_url_is_a_path(tmp_path: Path) -> None:
    assert locate(f"sqlite:///{tmp_path}/my.db") == locate(tmp_path / "my.db")


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:secret@host/db", "postgresql+psycopg://me:s3:cret@secret@host/db",
        "nonsense://me:secret@host/db", "sqlite://", "sqlite:///:memory:", "://me:secret@",
    ],
)  # fmt: skip
def test_another_url_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(StoreError) as caught:
        locate(url)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("url", ["pg://me:sec@ret@host/db", "pg://host/db?password=sec&a=b"])
def test_passwords_in_a_command_are_hidden(url: str) -> None:
    shown = hidden(f"run x --store {url} --quiet")
    assert "sec" not in shown
    assert shown.startswith("run x --store pg://")
    assert shown.endswith(" --quiet")


def test_the_tables_are_ours_by_name_and_a_server_could_hold_them() -> None:
    for table in schema.metadata.sorted_tables:
        assert table.name.startswith("hikaku_")
        assert "CREATE TABLE" in str(CreateTable(table).compile(dialect=postgresql.dialect()))
