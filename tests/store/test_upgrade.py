import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from store_samples import bound, digests, every, keys, marks, measured, plan, study

from hikaku import durable
from hikaku.errors import HikakuError, StoreError
from hikaku.record import Results, Spent
from hikaku.store import upgrade
from hikaku.store.reader import Bill
from hikaku.store.store import Store
from hikaku.words import Message

VERSION_1 = (Path(__file__).parent / "version-1.sql").read_text(encoding="utf-8")
"""What the first hikaku wrote for `study()` and another study."""
BACKUP = "store.db.v1-backup"


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """Return the folder of a store of version 1."""
    with closing(sqlite3.connect(tmp_path / "store.db")) as database:
        database.executescript(VERSION_1)
    return tmp_path


def dump(database: Path) -> list[str]:
    with closing(sqlite3.connect(database)) as opened:
        return list(opened.iterdump())


def tables(database: Path) -> dict[str, object]:
    """Return of each table its columns and its indexes, as the database describes them."""
    with closing(sqlite3.connect(database)) as opened:
        names = opened.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        return {
            name: [opened.execute(f"PRAGMA {what}({name})").fetchall() for what in ASKED]
            for (name,) in names
        }


ASKED = ("table_info", "index_list", "foreign_key_list")


def upgraded(folder: Path) -> list[Message]:
    """Open the store for writing and close it; return what was said."""
    said: list[Message] = []
    Store.writing(folder / "store.db", notify=said.append).close()
    return said


def seen(folder: Path) -> tuple[Results, dict[str, object]]:
    """Return all that a reader is told of the study, in two parts."""
    asked = study(folder=folder)
    with Store.reading(folder / "store.db") as store:
        told = {
            "studies": store.studies(),
            "counts": store.size().counts,
            "bill": store.bill(asked),
            "first seed": store.first_seed(asked),
            "allowances": store.allowances("mark-base", "flops"),
            "surveys": store.surveys([("mark-base", "digits")]),
            "finished": store.finished(keys(asked).values()),
            "keys": store.planned_keys(asked, asked.base),
        }
        return store.results(asked, marks(asked)), told


@pytest.mark.fault("B9")
def test_a_store_of_version_1_reads_as_one_of_today_and_nothing_is_written(old: Path) -> None:
    before = {path.name: path.read_bytes() for path in old.iterdir()}
    results, told = seen(old)
    assert {path.name: path.read_bytes() for path in old.iterdir()} == before
    assert results.trials.keys() == every(study())
    assert [results.trials["dropout", seed].outcome.status for seed in range(3)] == [
        "done", "diverged", "failed",
    ]  # fmt: skip
    found, want = results.trials["base", 0], measured("mark-base-0")
    assert (found.outcome, found.records) == (want.outcome, want.records)
    assert np.array_equal(found.sheets[0].array, want.sheets[0].array)
    assert (told["bill"], told["first seed"], told["allowances"]) == (Bill(), 0, {})
    assert told["keys"] == {seed: f"mark-base-{seed}" for seed in range(3)}


def test_what_was_shown_in_version_1_was_one_look_and_little_was_remembered(old: Path) -> None:
    found = seen(old)[0].spent["dropout"]
    want = Spent((0, 1), False, 2, 0.0, 0), Spent((0, 1, 2), False, 3, 0.0, 0)
    assert all(np.isnan(one.worth) and one.shown.startswith("20") for one in found)
    assert [one.differences for one in found] == [(), ()]
    assert tuple(replace(one, worth=0.0, shown="") for one in found) == want


def test_results_are_the_same_before_and_after_the_upgrade(old: Path) -> None:
    before = seen(old)
    upgraded(old)
    after = seen(old)
    assert after[1] == before[1]
    assert str(after[0].spent) == str(before[0].spent)  # as numbers, NaN would differ
    assert after[0].trials.keys() == before[0].trials.keys()
    for place, trial in after[0].trials.items():
        assert trial.outcome == before[0].trials[place].outcome
        assert trial.records == before[0].trials[place].records
        for one, other in zip(trial.sheets, before[0].trials[place].sheets, strict=True):
            assert (one.name, one.array.tobytes()) == (other.name, other.array.tobytes())


def test_an_upgraded_store_has_the_tables_of_a_new_one(old: Path) -> None:
    upgraded(old)
    Store.writing(old / "new.db").close()
    assert tables(old / "store.db") == tables(old / "new.db")
    with closing(sqlite3.connect(old / "store.db")) as opened:
        assert opened.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert opened.execute("PRAGMA foreign_key_check").fetchall() == []


@pytest.mark.fault("B9")
def test_an_upgrade_keeps_one_copy_of_the_store_as_it_was_and_says_so(old: Path) -> None:
    before = dump(old / "store.db")
    (said,) = upgraded(old)
    assert str(said).endswith(f"is kept in {old / BACKUP}")
    assert dump(old / BACKUP) == before
    assert upgraded(old) == []
    assert {path.name for path in old.iterdir()} == {"store.db", "store.lock", BACKUP}


def test_every_upgrade_keeps_a_copy_of_its_own_and_overwrites_none(old: Path) -> None:
    first = dump(old / "store.db")
    for number, name in enumerate((BACKUP, f"{BACKUP}-2", f"{BACKUP}-3")):
        (old / "store.db").unlink(missing_ok=True)
        with closing(sqlite3.connect(old / "store.db")) as database:
            database.executescript(VERSION_1)
            database.execute("UPDATE hikaku_study SET plans = plans + ?", [number])
            database.commit()
        before = dump(old / "store.db")
        (said,) = upgraded(old)
        assert str(said).endswith(f"is kept in {old / name}")
        assert dump(old / name) == before
    assert dump(old / BACKUP) == first
    assert {path.name for path in old.glob("store.db*")} == {
        "store.db", BACKUP, f"{BACKUP}-2", f"{BACKUP}-3",
    }  # fmt: skip


def test_what_lies_where_a_copy_would_go_stays_whatever_it_is(old: Path) -> None:
    (old / BACKUP).symlink_to(old / "nowhere")
    (old / f"{BACKUP}-2").mkdir()
    (said,) = upgraded(old)
    assert str(said).endswith(f"{BACKUP}-3")
    assert (old / BACKUP).readlink() == old / "nowhere"
    assert (old / f"{BACKUP}-2").is_dir()


def test_the_copy_is_a_store_that_can_be_put_back(old: Path) -> None:
    upgraded(old)
    (old / BACKUP).replace(old / "store.db")
    assert seen(old)[0].trials.keys() == every(study())
    assert len(upgraded(old)) == 1


def test_a_store_of_version_2_keeps_what_it_remembers_and_learns_of_surveys(old: Path) -> None:
    with closing(sqlite3.connect(old / "store.db")) as database:
        for statement in upgrade.STATEMENTS[2]:
            database.execute(statement)
        database.execute("INSERT INTO hikaku_allowance VALUES ('mark-base', 'v', 'flops', 7)")
        database.commit()
    before = seen(old)
    assert (before[1]["allowances"], before[1]["surveys"]) == ({"v": 7}, {})
    (said,) = upgraded(old)
    assert str(said).endswith("store.db.v2-backup")
    assert seen(old)[1] == before[1]
    Store.writing(old / "new.db").close()
    assert tables(old / "store.db") == tables(old / "new.db")


def test_a_study_goes_on_where_it_was_after_the_upgrade(old: Path) -> None:
    asked = study(folder=old)
    with Store.writing(old / "store.db") as store:
        planned = plan(store, asked, sources=digests(asked, digits="a"))
        assert planned.again == ()
        assert planned.finished == set(keys(asked).values()) - {"mark-dropout-2"}
        assert store.add(measured("mark-dropout-2"))
        comparison = ("mark-base", "mark-dropout", asked.metric.judged)
        new = bound(2, 1, 0, 3, worth=0.01, family=4)
        store.spend(*comparison, replace(new, differences=((2, 0.25),)))
        store.spend(*comparison, replace(new, differences=((2, 0.5),)))
        store.charge(asked, 1.0, 1)
        oldest, second = store.spent(*comparison)
    assert replace(oldest, shown="") == bound(0, 1, auto=False, horizon=2, family=4)
    assert oldest.differences == ((2, 0.25),)
    assert (second.family, np.isnan(second.worth), second.differences) == (0, True, ())


def test_what_was_shown_in_version_1_of_an_edited_variant_is_earlier(old: Path) -> None:
    asked = study(folder=old)
    now = marks(asked) | {"dropout": "mark-dropout-v2"}

    def told() -> list[tuple[str, tuple[int, ...]]]:
        with Store.reading(old / "store.db") as store:
            assert store.unused_seed(asked, now) == 3
            return [(one.pair, one.spent.seeds) for one in store.results(asked, now).earlier]

    before = told()
    assert before == [("mark-base mark-dropout", (0, 1)), ("mark-base mark-dropout", (0, 1, 2))]
    upgraded(old)
    assert told() == before


@pytest.mark.fault("B9")
@pytest.mark.parametrize(
    ("version", "place"),
    [(to, n) for to, steps in upgrade.STATEMENTS.items() for n in range(len(steps) + 1)],
)
def test_an_upgrade_interrupted_anywhere_leaves_version_1_and_can_be_repeated(
    old: Path, monkeypatch: pytest.MonkeyPatch, version: int, place: int
) -> None:
    before, told = dump(old / "store.db"), seen(old)[1]

    def interrupted(first: tuple[str, ...]) -> Iterator[str]:
        yield from first
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        cut = interrupted(upgrade.STATEMENTS[version][:place])
        broken.setattr(upgrade, "STATEMENTS", upgrade.STATEMENTS | {version: cut})
        with pytest.raises(KeyboardInterrupt):
            Store.writing(old / "store.db")
    assert dump(old / "store.db") == before
    assert seen(old)[1] == told
    # Or each of many tries would leave a copy.
    assert {path.name for path in old.iterdir()} == {"store.db", "store.lock"}
    assert len(upgraded(old)) == 1
    assert dump(old / BACKUP) == before
    assert seen(old)[1] == told


def test_a_copy_that_fails_is_not_left_half_and_nothing_is_upgraded(
    old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = dump(old / "store.db")

    def full(_: Path) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(durable, "flush", full)
        with pytest.raises(HikakuError, match="disk is full"):
            Store.writing(old / "store.db")
    assert dump(old / "store.db") == before
    assert {path.name for path in old.iterdir()} == {"store.db", "store.lock"}


def test_what_a_killed_copy_left_is_written_over(old: Path) -> None:
    before = dump(old / "store.db")
    (old / f"{BACKUP}.part").write_bytes(b"SQLite format 3\0 cut here")
    assert len(upgraded(old)) == 1
    assert dump(old / BACKUP) == before
    assert not (old / f"{BACKUP}.part").exists()


def test_a_reader_reads_on_while_the_store_is_upgraded(old: Path) -> None:
    asked = study(folder=old)
    with Store.reading(old / "store.db") as reader:
        assert len(reader.results(asked, marks(asked)).trials) == 6
        with Store.writing(old / "store.db") as writer:
            comparison = ("mark-base", "mark-new", "loss")
            writer.spend(*comparison, bound(4))
            assert [replace(one, shown="") for one in reader.spent(*comparison)] == [bound(4)]
        assert len(reader.results(asked, marks(asked)).trials) == 6


def test_what_a_killed_writer_of_version_1_had_committed_is_upgraded_and_copied(old: Path) -> None:
    with closing(sqlite3.connect(old / "store.db")) as killed:
        killed.execute("PRAGMA journal_mode=WAL")
        killed.execute("PRAGMA wal_autocheckpoint=0")
        killed.execute("UPDATE hikaku_study SET question = 'Late?'")
        killed.commit()
        files = {path: path.read_bytes() for path in old.glob("store.db*")}
    for path, content in files.items():
        path.write_bytes(content)
    assert (old / "store.db-wal").stat().st_size > 0
    before = dump(old / "store.db")
    for path, content in files.items():
        path.write_bytes(content)
    assert len(upgraded(old)) == 1
    assert any("Late?" in line for line in before)
    assert dump(old / BACKUP) == before
    with Store.reading(old / "store.db") as store:
        assert {row.question for row in store.studies()} == {"Late?"}


def test_a_look_that_is_no_list_of_seeds_is_damage(old: Path) -> None:
    with closing(sqlite3.connect(old / "store.db")) as opened:
        opened.execute("UPDATE hikaku_look SET seeds = '[0,' WHERE id = 1")
        opened.commit()
    before = dump(old / "store.db")
    for open_ in (lambda: seen(old), lambda: upgraded(old)):
        with pytest.raises(StoreError, match="damaged"):
            open_()
    assert dump(old / "store.db") == before
