"""What the dashboard says is what the store says, and no verdict that no run has shown."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from hikaku.present.dashboard import Shown, study_regions
from hikaku.read.results import told
from hikaku.read.serve import library
from hikaku.read.serve.library import REST, Library
from hikaku.store import live, planning
from hikaku.store.live import Flight, Live
from hikaku.store.store import Store
from hikaku.study.decode import load
from hikaku.study.sources import fingerprints
from load_store import Load, make, trial


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make(tmp_path, Load(trials=60, records=30, studies=1))
    return tmp_path


async def read(found: Library) -> Shown:
    await found.look()
    while True:
        shown = await found.study(found.listed[0].number)
        assert shown is not None
        if shown.curves is not None or shown.fault:
            return shown
        await asyncio.wait_for(found.changed.wait(), 30)


def test_it_says_what_the_command_says(folder: Path):
    shown = asyncio.run(read(Library(str(folder / "store.db"), "en")))
    right = told(load(folder / "load-00.toml"), str(folder / "store.db"))
    assert repr(shown.findings) == repr(right.findings)
    assert shown.curves is not None and set(shown.curves) == {"accuracy", "loss"}


def test_it_shows_no_verdict_that_no_run_has_shown(folder: Path):
    shown = asyncio.run(read(Library(str(folder / "store.db"), "en")))
    assert {found.verdict for found in shown.findings} == {"undecided"}
    assert all(found.unseen for found in shown.findings)
    with Store.reading(folder / "store.db") as store:
        assert store.size().counts.looks == 0


def test_a_new_result_changes_what_is_said_and_an_old_answer_is_not_read_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
):
    asked = load(folder / "load-00.toml")
    reads: list[int] = []
    remembered = Store.remembered
    monkeypatch.setattr(
        Store, "remembered", lambda self, *how: reads.append(1) or remembered(self, *how)
    )

    async def both() -> None:
        found = Library(str(folder / "store.db"), "en")
        await read(found)
        first = len(reads)
        await read(found)
        assert len(reads) == first, "nothing has changed"
        changed = found.changed
        with Store.writing(folder / "store.db") as store:
            known = store.remembered(1, ())
            assert known is not None
            mark = known[1].trials["base", 0].outcome.key
            store.forget("load-00")
            marks = fingerprints(asked)
            store.plan(asked, marks, {(marks["base"], 0): mark})
            store.add(trial(mark, 0, 10))
        await found.look()
        assert changed.is_set()
        assert found.listed[0].done == 1

    asyncio.run(both())


def test_a_list_that_was_read_as_a_change_was_on_its_way_is_read_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
):
    async def looked() -> None:
        found = Library(str(folder / "store.db"), "en")
        with Store.writing(folder / "store.db") as store:
            before = store.entries()
            store.forget("load-00")
        with monkeypatch.context() as patch:
            # The files are new already, and what is read is old: it is being committed.
            patch.setattr(Store, "entries", lambda _: before)
            await found.look()
            assert len(found.listed) == 1
        await found.look()
        assert found.listed == ()

    asyncio.run(looked())


def test_what_runs_now_is_said_with_its_curves_by_epoch(folder: Path):
    flight = Flight("dropout-1", 99, 80, 400, 40, {"validation loss": ((40, 2.0), (80, 1.0))})
    with Store.reading(folder / "store.db") as store:
        seen = store.entries()[0]
    live.write(
        folder / "store.live", Live(seen.name, seen.folder, 10, False, 4, 60.0, None, (flight,))
    )
    shown = asyncio.run(read(Library(str(folder / "store.db"), "en")))
    run = shown.listed.run
    assert run is not None and round(run.share, 6) == 0.42
    assert run.flights[0].curves == {"loss": [(1.0, 2.0), (2.0, 1.0)]}
    regions = study_regions(shown, "loss", "en")
    assert "4 of 10 trials; 1:00 gone, about 1:23 left" in regions["running"]
    assert regions["curves"].count('class="live variant') == 1


def test_a_killed_run_is_not_said_to_be_running_for_ever(
    folder: Path, monkeypatch: pytest.MonkeyPatch
):
    async def looked() -> None:
        found = Library(str(folder / "store.db"), "en")
        with Store.reading(folder / "store.db") as store:
            seen = store.entries()[0]
        now = Live(seen.name, seen.folder, 10, False, 4, 60.0)
        live.write(folder / "store.live", now)
        await found.look()
        assert found.listed[0].run is not None
        # The file stays as it is; it only grows old.
        monkeypatch.setattr(live, "FRESH_SECONDS", 0.0)
        await found.look()
        assert found.listed[0].run is None

    asyncio.run(looked())


def test_a_number_that_was_another_studys_before_shows_nothing_of_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
):
    """The database gives a number again once its study is forgotten."""

    async def looked() -> None:
        found = Library(str(folder / "store.db"), "en")
        before = await read(found)
        with Store.writing(folder / "store.db") as store:
            store.forget("load-00")
        monkeypatch.setattr(planning, "now", lambda: "2031-01-01T00:00:00+00:00")
        make(folder, Load(trials=60, records=31, studies=1))
        found.rested = float("inf")
        await found.look(counts=True)
        shown = await found.study(before.listed.number)
        assert shown is not None and shown.listed.last_run != before.listed.last_run
        assert shown.findings is not before.findings and shown.curves is not before.curves

    asyncio.run(looked())


def test_a_store_that_cannot_be_read_is_said_and_looked_at_again(folder: Path):
    async def looked() -> None:
        found = Library(str(folder / "store.db"), "en")
        whole = (folder / "store.db").read_bytes()
        (folder / "store.db").write_bytes(b"nothing of the kind" * 100)
        await found.look()
        assert "not a store, or a damaged one" in found.fault
        (folder / "store.db").write_bytes(whole)
        await found.look()
        assert (found.fault, len(found.listed)) == ("", 1)

    asyncio.run(looked())


def test_an_old_text_is_said_on_the_page_of_its_study(folder: Path):
    with sqlite3.connect(folder / "store.db") as other:
        other.execute("UPDATE hikaku_study SET text = '{}'")
    shown = asyncio.run(read(Library(str(folder / "store.db"), "en")))
    assert "planned by another version" in shown.fault


def test_a_study_that_takes_long_to_read_rests_by_itself(
    folder: Path, monkeypatch: pytest.MonkeyPatch
):
    reads: list[int] = []
    answer = library.answer

    def slow(*of: object) -> Shown:
        reads.append(1)
        end = time.thread_time() + 0.2
        while time.thread_time() < end:
            pass
        return answer(*of)

    async def watched() -> None:
        found = Library(str(folder / "store.db"), "en")
        await read(found)
        monkeypatch.setattr(library, "answer", slow)
        monkeypatch.setattr(library, "REST", 10_000)
        monkeypatch.setattr(library, "LOOK_SECONDS", 0.01)
        found._entries[1] = replace(found._entries[1], mark="new")
        await found.study(1)
        while found._tasks:
            await asyncio.sleep(0.01)
        assert len(reads) == 1 and found.spent == 0.0, "the list does not wait for it"
        found._entries[1] = replace(found._entries[1], mark="newer")
        shown = await found.study(1)
        assert len(reads) == 1 and shown is not None and shown.asked
        found.rested = 0.0
        watching = asyncio.create_task(found.watch(lambda: True))
        await asyncio.wait_for(found.changed.wait(), 30)
        watching.cancel()
        found.rested = float("inf")
        await found.look()
        await found.study(1)
        while found._tasks:
            await asyncio.sleep(0.01)
        assert len(reads) == 2, "who opens the page has it read"

    asyncio.run(watched())


def test_a_study_that_is_being_read_holds_up_no_look_and_is_waited_for_once(
    folder: Path, monkeypatch: pytest.MonkeyPatch
):
    may_end = threading.Event()

    def slow(*of: object) -> Shown:
        may_end.wait(30)
        raise ZeroDivisionError

    async def looked() -> None:
        found = Library(str(folder / "store.db"), "en")
        monkeypatch.setattr(library, "answer", slow)
        await found.look()
        first = await found.study(1)
        assert first is not None and first.curves is None and found._tasks
        monkeypatch.setattr(library, "PATIENCE", 30.0)
        await asyncio.wait_for(found.study(1), 5)
        await asyncio.wait_for(found.look(), 5)
        assert found._tasks and not found.fault
        may_end.set()
        while found._tasks:
            await asyncio.sleep(0.01)

    asyncio.run(looked())


def test_looking_on_is_rested_for_and_nothing_is_read_where_nobody_looks(
    folder: Path, monkeypatch: pytest.MonkeyPatch
):
    slept: list[float] = []

    class Enough(Exception):
        pass

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 3:
            raise Enough

    monkeypatch.setattr(library.asyncio, "sleep", sleep)
    found = Library(str(folder / "store.db"), "en", spent=2.0)
    wanted = iter([True, False])
    with pytest.raises(Enough):
        asyncio.run(found.watch(lambda: next(wanted)))
    assert slept[0] == 2.0 * REST
    assert slept[1] >= 1.0 and slept[2] == 1.0
