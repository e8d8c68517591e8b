"""What the dashboard shows of trials that have not ended: their curves, their time, and its age."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import fake_study
import pytest

from hikaku.present import dashboard, pictures
from hikaku.present.charts import draw
from hikaku.present.dashboard import Listed, Regions, Run, Shown, list_regions, study_regions
from hikaku.present.report import Table
from hikaku.read.serve import library
from hikaku.read.serve.answer import answer
from hikaku.read.serve.library import Library
from hikaku.read.serve.listing import listing
from hikaku.record import Results
from hikaku.store import live
from hikaku.store.live import Flight, Live
from hikaku.store.remembered import Entry
from hikaku.store.store import Store
from hikaku.study.decode import load
from hikaku.study.sources import fingerprints
from hikaku.study.study import Study
from load_store import Load, written

ENTRY = Entry(1, "digits", "Which?", "", 2, 10, 0, "", "2026-01-31T23:30:15+00:00", "mark")
LOSS = {"validation loss": ((8, 2.0), (16, 1.0))}


def begun(*flights: Flight, asked: Study | None = None) -> Shown:
    """Return a study none of whose trials has ended."""
    (listed,) = listing([ENTRY], Live("digits", "", 10, False, 0, 60.0, None, flights))
    asked = asked or fake_study.study(("dropout",), (0, 1))
    return answer(listed, asked, Results(asked.seeds, {}))


def curves(shown: Shown, metric: str = "loss") -> str:
    return study_regions(shown, metric, "en")["curves"]


def xs(html: str, kind: str) -> list[float]:
    """Return where each point of the live curves of this kind lies, in pixels."""
    paths = re.findall(rf'class="live {kind} [a-z]*" d="M([^"]+)"', html)
    return [float(point.split()[0]) for path in paths for point in path.split("L")]


def test_curves_grow_before_the_first_trial_has_ended():
    assert curves(begun()) == ""
    html = curves(begun(Flight("base", 0, 16, 80, 8, LOSS), Flight("dropout", 0, 16, 80, 8, LOSS)))
    assert html.count("<figure>") == 1 and "<figcaption>dropout</figcaption>" in html
    assert html.count('class="live base') == html.count('class="live variant') == 1
    assert 'class="mean' not in html
    assert "metric=loss" in html and "metric=accuracy" not in html


def test_base_is_shown_by_itself_until_a_variant_begins():
    html = curves(begun(Flight("base", 0, 16, 80, 8, LOSS)))
    assert "<figcaption>base</figcaption>" in html
    assert html.count('class="live base') == 1 and 'class="live variant' not in html


def test_each_curve_lies_at_its_own_epochs():
    """Alike by epoch, of arms of which one has batches half as large."""
    twice = {"validation loss": ((16, 2.0), (32, 1.0))}
    html = curves(
        begun(Flight("base", 0, 16, 80, 8, LOSS), Flight("dropout", 0, 32, 160, 16, twice))
    )
    assert xs(html, "base") == xs(html, "variant") and len(xs(html, "base")) == 2


def test_no_more_time_is_said_to_be_left_than_the_budget_lasts():
    now = Live("digits", "", 100, False, 1, 30.0, 90.0, ())
    (listed,) = listing([ENTRY], now)
    assert "0:30 gone, about 1:30 left" in list_regions([listed], "", "en")["running"]
    (listed,) = listing([ENTRY], replace(now, left=None))
    assert "0:30 gone, about 49:30 left" in list_regions([listed], "", "en")["running"]


def test_trials_that_are_not_named_are_counted():
    def running(count: int) -> str:
        flights = tuple(dashboard.Flight("base", seed, 0.5) for seed in range(count))
        listed = Listed(1, "digits", "", 1, 100, 0, "", Run(100, False, 0, 1.0, flights))
        return list_regions([listed], "", "en")["running"]

    assert "more" not in running(32)
    assert running(39).count("<li><span") == 32 and "<li>and 7 more</li>" in running(39)


@pytest.fixture
def in_tokyo(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Asia/Tokyo")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("in_tokyo")
def test_times_are_those_of_this_machine():
    assert listing([ENTRY], None)[0].last_run == "2026-02-01 08:30"
    assert listing([replace(ENTRY, last_run="one day")], None)[0].last_run == "one day"


def test_a_study_without_variants_shows_its_results_once():
    whole = fake_study.whole(fake_study.study(()))
    listed = listing([ENTRY], None)[0]
    shown = answer(listed, whole.study, whole.results)
    tables = [one for one in (*shown.answer, *shown.tables) if isinstance(one, Table)]
    assert len(tables) == len({repr(one) for one in tables}) == 2


def loss(whole: fake_study.Whole, start: float, end: float) -> pictures.Curves:
    """Return curves of the loss between these heights."""
    found = pictures.curves(whole.study, whole.results, "loss")
    assert found is not None
    return replace(found, lines=tuple(straight(line, start, end) for line in found.lines))


def straight(line: pictures.Line, start: float, end: float) -> pictures.Line:
    mean = start + (end - start) * (line.epochs - line.epochs[0]) / line.epochs[-1]
    return replace(line, mean=mean, low=mean, high=mean)


@pytest.mark.parametrize(("end", "axis"), [(0.1, "loss (logarithmic)"), (1.9, "loss")])
def test_a_figure_says_its_metric_and_its_scale_which_is_the_reports(end: float, axis: str):
    whole = fake_study.whole(fake_study.study(("dropout",)))
    picture = loss(whole, 2.3, end)
    assert f"'title': '{axis}'" in str(draw(picture, "en"))
    shown = Shown(listing([ENTRY], None)[0], "digits", curves={"loss": picture})
    html = curves(shown)
    assert f">{axis}</text>" in html
    assert f'aria-label="{axis} while training: dropout"' in html


async def put_off(folder: Path, seconds: float) -> tuple[Regions, Library]:
    """Return the page of a study that has changed and is not read again for so many seconds."""
    found = Library(str(folder / "store.db"), "en")
    await found.look()
    while not (shown := await found.study(1)) or shown.curves is None:
        await asyncio.wait_for(found.changed.wait(), 30)
    assert shown.late == ""
    found._entries[1] = replace(found._entries[1], mark="news")
    found.rested = asyncio.get_running_loop().time() + seconds
    shown = await found.study(1)
    assert shown is not None
    return study_regions(shown, "", "en"), found


def test_what_is_put_off_says_of_when_it_is_and_when_it_is_read_again(folder: Path):
    async def looked() -> None:
        began = datetime.now().replace(microsecond=0)
        regions, found = await put_off(folder, 300.0)
        said = re.search(
            r'class="note stale">Verdicts and curves as of (\S+); read again at about (\S+)\.<',
            regions["asked"],
        )
        assert said
        of, again = (
            datetime.combine(began, datetime.strptime(one, "%H:%M:%S").time())
            for one in said.groups()
        )
        assert (of - began).total_seconds() % 86_400 < 30
        assert 270 < (again - of).total_seconds() % 86_400 < 330
        found.rested = 0.0
        while (shown := await found.study(1)) and shown.late:
            await asyncio.wait_for(found.changed.wait(), 30)
        assert shown and "stale" not in study_regions(shown, "", "en")["asked"]

    asyncio.run(looked())


def test_what_is_put_off_for_a_moment_is_not_called_old(folder: Path):
    regions, _ = asyncio.run(put_off(folder, 2.0))
    assert "stale" not in regions["asked"]


def test_what_is_being_read_for_long_says_so(folder: Path, monkeypatch: pytest.MonkeyPatch):
    async def looked() -> None:
        _, found = await put_off(folder, 300.0)
        monkeypatch.setattr(library, "answer", lambda *_: time.sleep(1.0))
        monkeypatch.setattr(library, "LATE_SECONDS", 0.0)
        found.rested = 0.0
        shown = await found.study(1)
        assert shown and str(shown.late).endswith("; being read again.")
        while found._tasks:
            await asyncio.sleep(0.01)

    asyncio.run(looked())


def test_a_study_that_has_only_begun_is_read_with_its_curves(tmp_path: Path):
    """From the store and the file beside it, as they are while the first trials train."""
    asked = load(written(tmp_path, 0, Load(trials=20, records=10, studies=1)))
    marks = fingerprints(asked)
    keys = {(mark, seed): f"{mark[:20]} {seed}" for mark in marks.values() for seed in asked.seeds}
    with Store.writing(tmp_path / "store.db") as store:
        store.plan(asked, marks, keys)
        seen = store.entries()[0]
    flight = Flight("dropout-1", 0, 16, 80, 8, LOSS)
    now = Live(seen.name, seen.folder, 20, False, 0, 60.0, None, (flight,))
    live.write(tmp_path / "store.live", now)

    async def looked() -> Shown:
        found = Library(str(tmp_path / "store.db"), "en")
        await found.look()
        while not (shown := await found.study(1)) or shown.curves is None:
            await asyncio.wait_for(found.changed.wait(), 30)
        return shown

    assert curves(asyncio.run(looked())).count('class="live variant') == 1
