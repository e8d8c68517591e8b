"""What goes wrong while one looks is said on every page, and does not end the looking."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from doors import Door

from hikaku.present.dashboard import Shown
from hikaku.read.serve import library
from hikaku.read.serve.library import Library
from hikaku.store.store import Store

PAGES = ("/", "/study/1", "/compare?s=1")


def regions_of(line: socket.socket) -> Iterator[dict[str, str]]:
    """Yield what a line of events says, as it comes."""
    with line.makefile(encoding="utf-8") as text:
        for said in text:
            if said.startswith("data: "):
                yield json.loads(said[6:])


def test_every_page_says_that_the_store_cannot_be_read(open_door: Door, folder: Path):
    assert all("damaged" not in open_door.ask(page).text for page in PAGES)
    (folder / "store.db").write_bytes(b"nothing of the kind" * 100)
    for page in PAGES:
        answer = open_door.ask(page)
        assert answer.status == 200
        assert '<section id="fault" role="alert">\n<p class="caution">' in answer.text
        assert "not a store, or a damaged one" in answer.text
    assert open_door.ask("/study/2").status == 503, "nobody knows whether it is there"


def test_who_looks_at_a_study_that_is_forgotten_hears_of_it(open_door: Door, folder: Path):
    assert open_door.ask("/study/1").status == 200
    asked = f"GET /events/study/1 HTTP/1.1\r\nHost: {open_door.host}\r\nCookie: {open_door.cookie}"
    with socket.create_connection(("127.0.0.1", open_door.port), timeout=30) as line:
        line.sendall(f"{asked}\r\n\r\n".encode())
        heard = regions_of(line)
        assert next(heard)["fault"] == ""
        with Store.writing(folder / "store.db") as store:
            store.forget("load-00")
        said = next(regions["fault"] for regions in heard if "fault" in regions)
    assert "no longer in the store" in said
    with socket.create_connection(("127.0.0.1", open_door.port), timeout=30) as line:
        line.sendall(f"{asked}\r\n\r\n".encode())
        assert "no longer in the store" in next(regions_of(line))["fault"], "who comes back, too"


def test_an_error_of_its_own_is_said_and_looking_goes_on(
    folder: Path, monkeypatch: pytest.MonkeyPatch
):
    def broken(*_: object) -> object:
        raise StopIteration("broken")

    async def looked() -> None:
        found = Library(str(folder / "store.db"), "en")
        with monkeypatch.context() as patch:
            patch.setattr(Store, "entries", broken)
            await found.look()
            assert "could not read this" in found.fault
        await found.look()
        assert (found.fault, len(found.listed)) == ("", 1)
        with monkeypatch.context() as patch:
            patch.setattr(library, "answer", broken)
            shown = await found.study(1)
            while shown is not None and not shown.fault:
                await asyncio.wait_for(found.changed.wait(), 30)
                shown = await found.study(1)
        assert shown is not None and "StopIteration" in shown.fault

    asyncio.run(looked())


def test_what_was_known_of_a_study_stays_while_it_cannot_be_read_and_it_is_tried_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
):
    async def asked(found: Library, until: Callable[[Shown], bool]) -> Shown:
        while not ((shown := await found.study(1)) and until(shown)):
            await asyncio.wait_for(found.changed.wait(), 30)
        return shown

    def broken(*_: object) -> object:
        raise OSError("the disk sleeps")

    async def looked() -> None:
        monkeypatch.setattr(library, "RETRY_SECONDS", 0.1)
        found = Library(str(folder / "store.db"), "en")
        await found.look()
        first = await asked(found, lambda shown: bool(shown.findings))
        found._entries[1] = replace(found._entries[1], mark="changed")
        with monkeypatch.context() as patch:
            patch.setattr(library, "answer", broken)
            amiss = await asked(found, lambda shown: bool(shown.fault))
        assert repr((amiss.findings, amiss.curves)) == repr((first.findings, first.curves))
        watching = asyncio.create_task(found.watch(lambda: True))
        well = await asked(found, lambda shown: not shown.fault)
        watching.cancel()
        assert repr(well.findings) == repr(first.findings)

    asyncio.run(looked())
