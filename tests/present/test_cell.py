"""In a notebook a run is one output that is drawn anew, however long it takes."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

import fake_study
import pytest

from hikaku.present.cell import EVERY_SECONDS, MOST_NOTES, Cell, screen
from hikaku.present.live import watcher
from hikaku.record import Measured, Results
from hikaku.words import message

NOTHING = Results((), {})


def ended(arm: str, status: str) -> Measured:
    found = fake_study.measured(arm, 0, 0.0)
    return Measured(replace(found.outcome, status=status), found.records)


@dataclass
class FakePlan:
    trials: tuple[int, ...] = (1, 2)
    reused: int = 3


@dataclass
class FakeClock:
    now: float = 100.0

    def __call__(self) -> float:
        return self.now


class FakeKernel:
    """An IPython with a kernel; `outputs` are its displays, `drawn` counts how often they were."""

    def __init__(self, patch: pytest.MonkeyPatch, kernel: object = "there") -> None:
        self.outputs: list[dict[str, str]] = []
        self.drawn = 0
        shell = SimpleNamespace(kernel=kernel)
        patch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
        display = SimpleNamespace(display=self.display)
        patch.setitem(sys.modules, "IPython.display", display)

    def display(self, bundle: dict[str, str], raw: bool, display_id: bool) -> Any:
        assert raw
        assert display_id
        self.outputs.append(bundle)
        place = len(self.outputs) - 1

        def update(bundle: dict[str, str], raw: bool) -> None:
            assert raw
            self.outputs[place] = bundle
            self.drawn += 1

        return SimpleNamespace(update=update)


def run(clock: FakeClock) -> None:
    with watcher(False, None, "en", clock) as watch:
        watch.note(message("data: <b>bold</b>"))
        watch.planned(fake_study.study(), FakePlan(), 2, NOTHING)
        for step in range(1001):
            for arm in ("base", "dropout"):
                watch.progress(arm, 0, step, 1000)
            watch.tick()
            clock.now += 0.01
        watch.ended("base", 0, ended("base", "done"))
        watch.ended("dropout", 0, ended("dropout", "diverged"))


def test_a_run_is_one_output_that_ends_as_a_summary(monkeypatch: pytest.MonkeyPatch) -> None:
    kernel = FakeKernel(monkeypatch)
    run(FakeClock())
    (last,) = kernel.outputs
    assert last["text/plain"].splitlines() == [
        "data: <b>bold</b>",
        "2 trials to train, 3 reused; 2 workers",
        "dropout seed 0: diverged",
        "2 of 2 trials trained in 0:10, 3 reused",
    ]
    assert "<progress" not in last["text/html"]
    assert "data: &lt;b&gt;bold" in last["text/html"]


def test_it_is_drawn_a_few_times_a_second_and_not_at_every_step(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kernel = FakeKernel(monkeypatch)
    run(FakeClock())
    assert 10 < kernel.drawn <= 10 / EVERY_SECONDS + 5


def test_while_it_runs_there_is_a_bar_a_row_per_arm_and_a_line_per_worker() -> None:
    shown: list[dict[str, str]] = []
    clock = FakeClock()
    cell = Cell(shown.append, "en", clock)
    cell.planned(fake_study.study(), FakePlan(), 2, NOTHING)
    clock.now += 50
    cell.placed("dropout", 3, 1, "plain")
    cell.progress("dropout", 3, 1, 2)
    assert '<progress value="0.2500"' in shown[-1]["text/html"]
    assert "0/2 trials, 0:50 gone, about 2:30 left" in shown[-1]["text/plain"]
    assert shown[-1]["text/plain"].endswith("\nworker 1, plain: dropout 3 50%")
    assert re.search(r">dropout</td><td [^>]*>···▄·</td>", shown[-1]["text/html"])
    assert "· waiting  ▄ running  ■ done" in shown[-1]["text/html"]


def test_many_lines_do_not_flood_the_notebook() -> None:
    shown: list[dict[str, str]] = []
    cell = Cell(shown.append, "en", FakeClock())
    for number in range(500):
        cell.note(message("line {n}", n=number))
    assert len(shown[-1]["text/plain"].splitlines()) == MOST_NOTES
    assert "line 499" in shown[-1]["text/plain"]


def test_quiet_shows_none_of_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    kernel = FakeKernel(monkeypatch)
    with watcher(True, None, "en", FakeClock()) as watch:
        watch.planned(fake_study.study(), FakePlan(), 2, NOTHING)
        watch.progress("base", 0, 1, 2)
        watch.ended("base", 0, ended("base", "done"))
    assert kernel.outputs == []
    assert capsys.readouterr().err == ""


def test_outside_a_kernel_there_is_no_display(monkeypatch: pytest.MonkeyPatch) -> None:
    FakeKernel(monkeypatch, kernel=None)
    assert screen() is None
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: None))
    assert screen() is None
    monkeypatch.delitem(sys.modules, "IPython")
    assert screen() is None


def test_a_hostile_name_cannot_act() -> None:
    shown: list[dict[str, str]] = []
    clock = FakeClock()
    cell = Cell(shown.append, "en", clock)
    cell.planned(fake_study.study(), FakePlan(), 1, NOTHING)
    clock.now += 1
    cell.progress("<script>alert(1)</script>", 0, 1, 2)
    cell.ended("<script>alert(2)</script>\x1b[2J", 0, ended("base", "failed"))
    cell.close()
    assert all("<script" not in bundle["text/html"] for bundle in shown)
    assert "\x1b" not in shown[-1]["text/plain"]
