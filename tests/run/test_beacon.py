"""How far a run is stands beside its store while it goes on, and training never waits for that."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import fake_study
import pytest

from hikaku.execution.happenings import Ended, Retried, Started, Waiting
from hikaku.execution.orders import Progress
from hikaku.run.beacon import EVERY_SECONDS, MOST_IN_ALL, MOST_POINTS, Beacon
from hikaku.store import live
from hikaku.study.study import Budget

KNOWN: Any = SimpleNamespace(study=fake_study.study(), names=lambda key: (key, 3))
PLAN: Any = SimpleNamespace(trials=("a", "b", "c"), reused=2)


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def beacon(tmp_path: Path) -> tuple[Beacon, Clock]:
    clock = Clock()
    found = Beacon(tmp_path / "store.live", "here", KNOWN, clock)
    found.planned(KNOWN.study, PLAN)
    return found, clock


def test_it_says_what_is_on_its_way_and_how_it_goes(tmp_path: Path):
    found, clock = beacon(tmp_path)
    found.hear(Started("a"))
    clock.now = 5.0
    found.hear(Progress("a", 4, 8, {"validation loss": 0.5, "train loss": float("nan")}, 2))
    seen = live.read(found.file)
    assert seen is not None
    assert (seen.study, seen.folder, seen.total, seen.ended) == ("digits", "here", 3, 0)
    assert seen.running == (live.Flight("a", 3, 4, 8, 2, {"validation loss": ((4, 0.5),)}),)
    found.hear(Started("b"))
    found.hear(Retried("b", "killed"))
    clock.now = 10.0
    found.hear(Ended(fake_study.measured("a", 0, 0.0)))
    seen = live.read(found.file)
    assert seen is not None and seen.ended == 1 and seen.left is None


def test_it_says_how_long_the_budget_still_lasts(tmp_path: Path):
    found, clock = beacon(tmp_path)
    found.planned(replace(KNOWN.study, budget=Budget(minutes=2)), PLAN)
    clock.now = 30.0
    found.hear(Waiting())
    seen = live.read(found.file)
    assert seen is not None and seen.left == 90.0


def test_it_writes_once_a_second_at_most_and_leaves_nothing(tmp_path: Path):
    found, clock = beacon(tmp_path)
    times = set()
    for _ in range(1_000):
        clock.now += EVERY_SECONDS / 100
        found.hear(Waiting())
        times.add(found.file.stat().st_mtime_ns)
    assert len(times) <= 12
    found.close()
    assert list(tmp_path.iterdir()) == []


def test_a_long_trial_does_not_grow_it_and_its_spikes_stay(tmp_path: Path):
    found, clock = beacon(tmp_path)
    for step in range(5_000):
        found.hear(Progress("a", step, 5_000, {"validation loss": 9.0 if step == 77 else 0.5}))
    clock.now = 2.0
    found.hear(Waiting())
    seen = live.read(found.file)
    assert seen is not None
    points = seen.running[0].curves["validation loss"]
    assert len(points) <= 2 * MOST_POINTS and (77, 9.0) in points


def test_many_trials_at_once_share_what_it_writes(tmp_path: Path):
    found, clock = beacon(tmp_path)
    flights = [f"trial {number}" for number in range(256)]
    scores = dict.fromkeys(map(str, range(6)), 1 / 3)
    for step in range(60):
        for key in flights:
            found.hear(Progress(key, step, 60, scores))
    clock.now = 2.0
    found.hear(Waiting())
    seen = live.read(found.file)
    assert seen is not None and len(seen.running) == len(flights)
    points = sum(len(points) for one in seen.running for points in one.curves.values())
    assert points <= 2 * MOST_IN_ALL
    assert found.file.stat().st_size < live.LARGEST / 4


def test_what_takes_long_to_write_is_written_more_rarely_but_while_it_is_fresh(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    found, clock = beacon(tmp_path)
    times: list[float] = []

    def slow(*_: object) -> None:
        times.append(clock.now)
        clock.now += cost

    monkeypatch.setattr(live, "write", slow)
    for cost, rest in ((1 / 64, 3.0), (9.0, live.FRESH_SECONDS / 2)):
        times.clear()
        while len(times) < 3:
            clock.now += 0.5
            found.hear(Waiting())
        assert rest <= times[2] - times[1] - cost <= rest + 1


def test_where_it_cannot_write_it_is_silent(tmp_path: Path):
    found = Beacon(tmp_path / "nowhere" / "store.live", "", KNOWN, Clock())
    found.planned(KNOWN.study, PLAN)
    found.hear(Started("a"))
    found.close()
